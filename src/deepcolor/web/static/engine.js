// Where photos are worked on: the worker, and the service, or the worker alone.

import { settings } from "./settings.js";

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const calls = new Map();
let last = 0;

worker.addEventListener("message", ({ data: { call, progress, result, error } }) => {
  const { resolve, reject, told } = calls.get(call);
  if (progress !== undefined) return told(progress);
  calls.delete(call);
  return error ? reject(new Failure(codeOf(error), "", error)) : resolve(result);
});

worker.addEventListener("error", () => {
  for (const { reject } of calls.values()) reject(new Failure("browser"));
  calls.clear();
});

// What has nothing to do with the photo, and may pass.
const PASSING = ["offline", "browser", "memory", "busy", "too-many", "too-slow", "slow-upload", "failed"];

// An error that the page has words for: `error-CODE`, or the service's own message.
class Failure extends Error {
  constructor(code, message = "", cause = undefined) {
    super(message || settings.texts[`error-${code}`] || code, { cause });
    this.code = code;
    this.mayPass = PASSING.includes(code);
  }
}

// `InvalidStateError` is how browsers say that they cannot read an image.
function codeOf({ name, message }) {
  if (name === "InvalidStateError" || name === "EncodingError") return "unreadable";
  if (name === "RangeError" || /memory|alloc/i.test(message)) return "memory";
  return "browser";
}

export function ask(action, options, told = () => {}) {
  last += 1;
  return new Promise((resolve, reject) => {
    calls.set(last, { resolve, reject, told });
    worker.postMessage({ call: last, action, ...options });
  });
}

// Opens a photo; one that the browser cannot read is read by the service, if there is one.
export async function open(photo) {
  try {
    return await ask("open", { id: photo.id, file: photo.file });
  } catch (failure) {
    if (failure.code !== "unreadable" || photo.onDevice) throw failure;
  }
  const gray = await post("api/colorize?strength=0&format=png", photo.file);
  photo.file = await gray.blob();
  return ask("open", { id: photo.id, file: photo.file });
}

// Finds the colors of an opened photo.
export async function colors(photo, copy) {
  if (photo.onDevice) {
    const { temperatures, graph } = settings;
    return ask("predict", { id: photo.id, temperatures, url: new URL(graph, document.baseURI).href });
  }
  const answer = await post("api/chroma", copy);
  return ask("colors", { id: photo.id, maps: await answer.arrayBuffer() });
}

const TRIES = 6;

// Posts a photo. A service that is busy says when to come back.
async function post(path, body) {
  // Whatever the visitor's machine takes it for, the service looks at what is in it.
  const headers = { "Accept-Language": settings.language, "Content-Type": "application/octet-stream" };
  for (let trial = 1; ; trial++) {
    const answer = await fetch(path, { method: "POST", body, headers }).catch(() => {
      throw new Failure("offline");
    });
    if (answer.ok) return answer;
    const wait = Number(answer.headers.get("Retry-After"));
    if (!wait || trial === TRIES) throw await refusalOf(answer);
    await new Promise((resolve) => setTimeout(resolve, 1000 * wait * (0.5 + Math.random())));
  }
}

async function refusalOf(answer) {
  const refusal = await answer.json().catch(() => ({ code: "failed" }));
  return new Failure(refusal.code, refusal.message);
}
