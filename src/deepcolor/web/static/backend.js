// Calls of the worker and of the service.

import { settings } from "./settings.js";

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const calls = new Map(); // by id: {resolve, reject, onProgress}
let lastCall = 0;

worker.addEventListener("message", ({ data: { call, progress, result, error } }) => {
  const { resolve, reject, onProgress } = calls.get(call);
  if (progress !== undefined) return onProgress(progress);
  calls.delete(call);
  return error ? reject(new PhotoError(errorCode(error), "", error)) : resolve(result);
});

worker.addEventListener("error", () => {
  for (const { reject } of calls.values()) reject(new PhotoError("browser"));
  calls.clear();
});

// Errors that a retry may solve because they do not depend on the photo.
const RETRYABLE = ["offline", "browser", "memory", "busy", "too-many", "too-slow", "slow-upload", "failed"];

// Its message is the text `error-CODE` or the service's own message.
class PhotoError extends Error {
  constructor(code, message = "", cause = undefined) {
    super(message || settings.texts[`error-${code}`] || code, { cause });
    this.code = code;
    this.retryable = RETRYABLE.includes(code);
  }
}

// Browsers throw `InvalidStateError` or `EncodingError` for an image that they cannot read.
function errorCode({ name, message }) {
  if (name === "InvalidStateError" || name === "EncodingError") return "unreadable";
  if (name === "RangeError" || /memory|alloc/i.test(message)) return "memory";
  return "browser";
}

export function callWorker(action, options, onProgress = () => {}) {
  lastCall += 1;
  return new Promise((resolve, reject) => {
    calls.set(lastCall, { resolve, reject, onProgress });
    worker.postMessage({ call: lastCall, action, ...options });
  });
}

// Opens a photo. The service converts one that the browser cannot read.
export async function openPhoto(photo) {
  try {
    return await callWorker("open", { id: photo.id, file: photo.file });
  } catch (error) {
    if (error.code !== "unreadable" || photo.onDevice) throw error;
  }
  const gray = await post("api/colorize?strength=0&format=png", photo.file);
  photo.file = await gray.blob();
  return callWorker("open", { id: photo.id, file: photo.file });
}

// Gives the worker the chroma of an opened photo.
export async function loadColors(photo, copy) {
  if (photo.onDevice) {
    const { temperatures, graph } = settings;
    const url = new URL(graph, document.baseURI).href;
    return callWorker("predict", { id: photo.id, temperatures, url });
  }
  const response = await post("api/chroma", copy);
  return callWorker("colors", { id: photo.id, maps: await response.arrayBuffer() });
}

const MAX_ATTEMPTS = 6;

// Uploads a photo. Waits and retries if the service is busy.
async function post(path, body) {
  // The service detects the format itself; a browser's guess could be refused.
  const headers = { "Accept-Language": settings.language, "Content-Type": "application/octet-stream" };
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(path, { method: "POST", body, headers }).catch(() => {
      throw new PhotoError("offline");
    });
    if (response.ok) return response;
    const seconds = Number(response.headers.get("Retry-After"));
    if (!seconds || attempt === MAX_ATTEMPTS) throw await serviceError(response);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds * (0.5 + Math.random())));
  }
}

async function serviceError(response) {
  const { code, message } = await response.json().catch(() => ({ code: "failed" }));
  return new PhotoError(code, message);
}
