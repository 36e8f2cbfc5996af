// Photos and their colors, off the page's thread. Colors are joined with a photo by the graph
// recolor.onnx, and predicted, in the in-browser mode, by chroma.onnx: there is no color code here.

import * as ort from "./ort/ort.wasm.bundle.min.mjs";
import { enlargedRows, mixed, readMaps } from "./chroma.js";
import { labeled } from "./labels.js";
import { drawn, opaque, reduced, rgbOf, write } from "./pixels.js";

const PREVIEW_SIDE = 1280; // pixels, of the longer side on the page
const COPY_SIDE = 768; // of the copy that the colors are predicted from
const STRIP_PIXELS = 400_000; // colored at once: the graph needs a hundred bytes for each

ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

const photos = new Map(); // by id: {file, preview, maps}
const graphs = new Map();

function graph(url) {
  if (!graphs.has(url)) {
    const opening = ort.InferenceSession.create(url);
    opening.catch(() => graphs.delete(url)); // it may succeed when it is asked for again
    graphs.set(url, opening);
  }
  return graphs.get(url);
}

const scalar = (value) => new ort.Tensor("float32", [value], []);

async function recolored(rgb, height, width, chroma, strength) {
  const session = await graph("recolor.onnx");
  const answer = await session.run({
    photo: new ort.Tensor("uint8", rgb, [1, height, width, 3]),
    chroma: new ort.Tensor("float32", chroma.data, [1, chroma.height, chroma.width, 2]),
    strength: scalar(strength),
  });
  return answer.colorized.data;
}

// Colors a canvas in place. Strips keep memory small; they meet without a seam, because the chroma
// of their rows is that of the whole photo.
async function paint(canvas, chroma, strength, told) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const whole = width * height <= STRIP_PIXELS || height <= chroma.height;
  const step = whole ? height : Math.max(1, Math.floor(STRIP_PIXELS / width));
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    const image = context.getImageData(0, top, width, rows);
    const part = whole ? chroma : enlargedRows(chroma, height, top, rows);
    write(image, await recolored(rgbOf(image), rows, width, part, strength));
    context.putImageData(image, 0, top);
    told((top + rows) / height);
  }
}

const actions = {
  // Reads a photo; returns its size, a preview of it and the copy to predict colors from.
  async open({ id, file }) {
    graph("recolor.onnx").catch(() => {}); // on its way while colors are found; fails where used
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const preview = drawn(bitmap, PREVIEW_SIDE);
    const copy = await reduced(bitmap, COPY_SIDE).convertToBlob({ type: "image/jpeg", quality: 0.95 });
    bitmap.close();
    photos.set(id, { file, preview, maps: null });
    return { width, height, copy, before: await createImageBitmap(preview) };
  },

  colors({ id, maps }) {
    photos.get(id).maps = readMaps(maps);
  },

  async predict({ id, temperatures, url }) {
    const photo = photos.get(id);
    const session = await graph(url);
    const canvas = reduced(photo.preview, COPY_SIDE);
    const { width, height } = canvas;
    const image = canvas.getContext("2d").getImageData(0, 0, width, height);
    const tensor = new ort.Tensor("uint8", rgbOf(image), [1, height, width, 3]);
    photo.maps = [];
    for (const temperature of temperatures) {
      // To the graph, 0 is the regression.
      const wish = session.inputNames.includes("temperature") ? { temperature: scalar(temperature ?? 0) } : {};
      const answer = await session.run({ photo: tensor, ...wish });
      const [, rows, columns] = answer.chroma.dims;
      photo.maps.push({ data: answer.chroma.data, height: rows, width: columns });
    }
  },

  async preview({ id, strength, vividness }) {
    const { preview, maps } = photos.get(id);
    const canvas = drawn(preview, PREVIEW_SIDE);
    await paint(canvas, mixed(maps, vividness), strength, () => {});
    return canvas.transferToImageBitmap();
  },

  async render({ id, strength, vividness, label }, told) {
    const { file, maps } = photos.get(id);
    const bitmap = await createImageBitmap(file);
    const canvas = opaque(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    await paint(canvas, mixed(maps, vividness), strength, told);
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    const blob = await canvas.convertToBlob({ type, quality: 0.95 });
    return labeled(blob, file, label);
  },

  close({ id }) {
    photos.delete(id);
  },
};

self.addEventListener("message", async ({ data: { call, action, ...options } }) => {
  const told = (progress) => self.postMessage({ call, progress });
  try {
    const result = await actions[action](options, told);
    self.postMessage({ call, result });
  } catch (error) {
    self.postMessage({ call, error: { name: error.name, message: String(error.message ?? error) } });
  }
});
