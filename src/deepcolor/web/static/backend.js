// Where colors come from: the worker in this browser, or the service.

import { readMaps } from "./chroma.js";
import { PhotoError } from "./errors.js";
import { Lane } from "./lane.js";
import { settings } from "./settings.js";

const MAX_ATTEMPTS = 6;

// The graph of the first colors: a smaller one, if there is one, that takes no hints.
export const FIRST = settings.files.first ? "first" : "chroma";

// For what the visitor looks at. Full sizes have workers of their own, see `render.js`.
const lane = new Lane(self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1);

// Opens a photo. The service converts one that the browser cannot read.
export async function openPhoto(photo) {
  if (!photo.file.size) throw new PhotoError("empty");
  try {
    return await lane.call("open", { file: photo.file });
  } catch (error) {
    if (!["unreadable", "heic"].includes(error.code) || photo.onDevice) throw error;
    return openConverted(photo, error);
  }
}

async function openConverted(photo, error) {
  const gray = await post("api/colorize?strength=0&format=png", photo.file).catch((answer) => {
    // The service cannot read HEIC either, and its message would not name it.
    throw error.code === "heic" && !answer.retryable ? error : answer;
  });
  photo.file = await gray.blob();
  return { ...(await lane.call("open", { file: photo.file })), kind: "converted" };
}

// Returns the first chroma map of an opened photo, or all if the service predicts them.
export async function predictMaps(photo, copy) {
  if (photo.onDevice) return predictHere(copy, settings.temperatures.slice(0, 1));
  const response = await post("api/chroma", copy);
  return readMaps(await response.arrayBuffer());
}

// Returns the chroma maps that `predictMaps` left out, so that the first colors appeared sooner.
export async function predictMore({ onDevice, predicted }, copy) {
  const left = onDevice ? settings.temperatures.slice(predicted.length) : [];
  return left.length ? predictHere(copy, left) : [];
}

// Returns {map, palette}: a chroma map that follows hints, and likely colors where the last one is.
// This browser predicts it in every mode: an answer is wanted at once.
export function followHints({ key, copy }, hints, fast) {
  return lane.call("follow", { key, copy, hints, fast }, { files: ["runtime", "chroma"] });
}

// Returns the colors `[r, g, b]` of a palette at the lightness of a color.
export function drawSwatches(rgb, palette) {
  return lane.call("swatches", { rgb, palette }, { files: ["runtime", "recolor"] });
}

function predictHere(copy, temperatures) {
  return lane.call("predict", { graph: FIRST, copy, temperatures }, { files: ["runtime", FIRST] });
}

// Returns a small photo in color, as a file.
export function drawPreview(before, chroma, strength) {
  const options = { before, chroma, strength, provenance: settings.provenance };
  return lane.call("preview", options, { files: ["runtime", "recolor"] });
}

// Returns a bitmap of a very small photo for each of several chroma maps.
export function drawSamples(before, maps) {
  return lane.call("samples", { before, maps }, { files: ["runtime", "recolor"] });
}

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
  return new PhotoError(code, { message });
}
