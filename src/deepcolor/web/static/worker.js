// Decodes and colorizes photos off the page's thread. The graph recolor.onnx combines photo and
// chroma; chroma.onnx predicts the chroma in the in-browser mode. There is no color math here.

import * as ort from "./ort/ort.wasm.bundle.min.mjs";
import { downscale, drawOnWhite, drawWithin, readRgb, writeRgb } from "./canvas.js";
import { interpolateMaps, readMaps, upsampleRows } from "./chroma.js";
import { addProvenance } from "./provenance.js";

const PREVIEW_SIDE = 1280; // longer side of the preview, pixels
const COPY_SIDE = 768; // longer side of the copy from which colors are predicted, pixels
const STRIP_PIXELS = 400_000; // pixels per run of the graph, which needs about 100 bytes for each

ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

const photos = new Map(); // by id: {file, preview, maps}
const graphs = new Map(); // by URL: promise of a session

function loadGraph(url) {
  if (!graphs.has(url)) {
    const session = ort.InferenceSession.create(url);
    session.catch(() => graphs.delete(url)); // a later attempt may succeed
    graphs.set(url, session);
  }
  return graphs.get(url);
}

const scalar = (value) => new ort.Tensor("float32", [value], []);

async function recolor(rgb, height, width, chroma, strength) {
  const session = await loadGraph("recolor.onnx");
  const outputs = await session.run({
    photo: new ort.Tensor("uint8", rgb, [1, height, width, 3]),
    chroma: new ort.Tensor("float32", chroma.data, [1, chroma.height, chroma.width, 2]),
    strength: scalar(strength),
  });
  return outputs.colorized.data;
}

// Colorizes a canvas in place, strip by strip to save memory. There are no seams, because the rows
// of chroma are upsampled from the map of the whole photo.
async function paint(canvas, chroma, strength, onProgress) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const whole = width * height <= STRIP_PIXELS || height <= chroma.height;
  const step = whole ? height : Math.max(1, Math.floor(STRIP_PIXELS / width));
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    const image = context.getImageData(0, top, width, rows);
    const part = whole ? chroma : upsampleRows(chroma, height, top, rows);
    writeRgb(image, await recolor(readRgb(image), rows, width, part, strength));
    context.putImageData(image, 0, top);
    onProgress((top + rows) / height);
  }
}

const actions = {
  // Decodes a photo; returns its size, a preview and a small JPEG to predict colors from.
  async open({ id, file }) {
    loadGraph("recolor.onnx").catch(() => {}); // starts the download; errors surface in `recolor`
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const preview = drawWithin(bitmap, PREVIEW_SIDE);
    const copy = await downscale(bitmap, COPY_SIDE).convertToBlob({ type: "image/jpeg", quality: 0.95 });
    bitmap.close();
    photos.set(id, { file, preview, maps: null });
    return { width, height, copy, before: await createImageBitmap(preview) };
  },

  colors({ id, maps }) {
    photos.get(id).maps = readMaps(maps);
  },

  async predict({ id, temperatures, url }) {
    const photo = photos.get(id);
    const session = await loadGraph(url);
    const canvas = downscale(photo.preview, COPY_SIDE);
    const { width, height } = canvas;
    const image = canvas.getContext("2d").getImageData(0, 0, width, height);
    const tensor = new ort.Tensor("uint8", readRgb(image), [1, height, width, 3]);
    photo.maps = [];
    for (const temperature of temperatures) {
      // For the graph, 0 means the regression.
      const input = session.inputNames.includes("temperature") ? { temperature: scalar(temperature ?? 0) } : {};
      const { chroma } = await session.run({ photo: tensor, ...input });
      const [, rows, columns] = chroma.dims;
      photo.maps.push({ data: chroma.data, height: rows, width: columns });
    }
  },

  async preview({ id, strength, vividness }) {
    const { preview, maps } = photos.get(id);
    const canvas = drawWithin(preview, PREVIEW_SIDE);
    await paint(canvas, interpolateMaps(maps, vividness), strength, () => {});
    return canvas.transferToImageBitmap();
  },

  async render({ id, strength, vividness, provenance }, onProgress) {
    const { file, maps } = photos.get(id);
    const bitmap = await createImageBitmap(file);
    const canvas = drawOnWhite(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    await paint(canvas, interpolateMaps(maps, vividness), strength, onProgress);
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    const blob = await canvas.convertToBlob({ type, quality: 0.95 });
    return addProvenance(blob, file, provenance);
  },

  close({ id }) {
    photos.delete(id);
  },
};

self.addEventListener("message", async ({ data: { call, action, ...options } }) => {
  const onProgress = (progress) => self.postMessage({ call, progress });
  try {
    const result = await actions[action](options, onProgress);
    self.postMessage({ call, result });
  } catch (error) {
    self.postMessage({ call, error: { name: error.name, message: String(error.message ?? error) } });
  }
});
