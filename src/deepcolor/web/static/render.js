// Photos in full size: rows are colorized by several workers at once and put together by one.

import { mixMaps } from "./chroma.js";
import { Lane } from "./lane.js";
import { settings } from "./settings.js";

const MAX_LANES = 4;
const ROWS_PIXELS = 4_000_000; // fewer pixels are not worth another worker
const FILES = { files: ["runtime", "recolor"] };

const lanes = Array.from({ length: Math.min(MAX_LANES, navigator.hardwareConcurrency || 1) }, () => new Lane(1));
const kept = new WeakMap(); // by photo: {key, maps, result}, the last result

// Returns {name, blob} of a photo in full size. `onProgress` gets the share that is done.
export async function render(photo, onProgress = () => {}) {
  await photo.following; // its colors do not follow the latest hints before
  if (photo.state === "failed") throw photo.error;
  const { maps } = photo;
  const key = JSON.stringify([photo.variant, photo.strength]);
  const last = kept.get(photo);
  if (last?.key === key && last.maps === maps) return last.result;
  const result = await renderNew(photo, onProgress);
  kept.set(photo, { key, maps, result });
  return result;
}

async function renderNew({ file, width, height, maps, variant, strength, name, form }, onProgress) {
  const chroma = mixMaps(maps, variant);
  const count = Math.max(1, Math.min(lanes.length, Math.floor((width * height) / ROWS_PIXELS)));
  const shares = new Array(count).fill(0);
  const parts = await Promise.all(
    lanes.slice(0, count).map((lane, index) => {
      const [top, bottom] = [index, index + 1].map((part) => Math.round((part * height) / count));
      const report = (share) => {
        shares[index] = share;
        onProgress((0.95 * shares.reduce((a, b) => a + b)) / count);
      };
      const options = { file, chroma, strength, height, top, bottom };
      return lane.call("rows", options, { ...FILES, onProgress: report });
    }),
  );
  const { provenance } = settings;
  const blob = await lanes[0].call("assemble", { parts, file, width, height, form, provenance });
  return { name: `${stem(name)}-colorized${SUFFIXES[blob.type]}`, blob };
}

const SUFFIXES = { "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp" };
const stem = (name) => name.replace(/\.[^.]*$/, "");

// Returns {name, blob} of one picture of a photo before and after, with `labels`.
export async function renderPair(photo, labels) {
  const { blob } = await render(photo);
  const { file } = photo;
  const options = { file, after: blob, labels, provenance: settings.provenance };
  return { name: `${stem(photo.name)}-before-after.jpg`, blob: await lanes[0].call("pair", options) };
}

export function cancelRendering() {
  for (const lane of lanes) lane.stop();
}
