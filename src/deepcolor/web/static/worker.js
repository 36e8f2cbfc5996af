// Decodes and colorizes photos off the page's thread. It needs no photo of earlier calls, so that a new
// worker can replace this one. The graph `recolor` combines photo and chroma; `chroma` predicts the
// chroma, `first` predicts it without hints. There is no color math here.

import * as ort from "./ort/ort.wasm.bundle.min.mjs";
import * as canvases from "./canvas.js";
import { upsampleRows } from "./chroma.js";
import { readHeader } from "./image-header.js";
import { addProvenance } from "./provenance.js";

const MAX_MEGAPIXELS = 100; // a canvas of them takes 400 MB
const PREVIEW_SIDE = 1280; // longer side of the preview, pixels
const COPY_SIDE = 768; // longer side of the copy from which colors are predicted, pixels
const FAST_SIDE = 240; // longer side of what a fast prediction reads of it: 1.5 times the network's 160
const PAIR_SIDE = 2048; // longer side of each half of a before/after picture, pixels
const STRIP_PIXELS = 400_000; // pixels per run of the graph, which needs about 100 bytes for each
const JPEG = { type: "image/jpeg", quality: 0.95 };

const graphs = new Map(); // by name: promise of a session
const files = new Map(); // by name: content
let latest = {}; // photo of the last fast prediction: its key, its pixels, and the maps of the network

function openGraph(name) {
  if (!graphs.has(name)) graphs.set(name, ort.InferenceSession.create(new Uint8Array(files.get(name))));
  return graphs.get(name);
}

const scalar = (value) => new ort.Tensor("float32", [value], []);

async function recolor(rgb, height, width, chroma, strength) {
  const session = await openGraph("recolor");
  const outputs = await session.run({
    photo: new ort.Tensor("uint8", rgb, [1, height, width, 3]),
    chroma: new ort.Tensor("float32", chroma.data, [1, chroma.height, chroma.width, 2]),
    strength: scalar(strength),
  });
  return outputs.colorized.data;
}

// Colorizes a canvas in place: the rows from `top` on of a photo of `photoHeight`. Goes strip by strip
// to save memory. There are no seams, because the rows of chroma are upsampled from the whole map.
async function paint(canvas, chroma, strength, { photoHeight = canvas.height, top = 0, onProgress = () => {} } = {}) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const whole = height === photoHeight && (width * height <= STRIP_PIXELS || height <= chroma.height);
  const step = whole ? height : Math.max(1, Math.floor(STRIP_PIXELS / width));
  for (let row = 0; row < height; row += step) {
    const rows = Math.min(step, height - row);
    const image = context.getImageData(0, row, width, rows);
    const part = whole ? chroma : upsampleRows(chroma, photoHeight, top + row, rows);
    canvases.writeRgb(image, await recolor(canvases.readRgb(image), rows, width, part, strength));
    context.putImageData(image, 0, row);
    onProgress((row + rows) / height);
  }
  return canvas;
}

async function readCopy(copy, side = COPY_SIDE) {
  const canvas = canvases.drawWithin(await createImageBitmap(copy), side);
  const { width, height } = canvas;
  const image = canvas.getContext("2d").getImageData(0, 0, width, height);
  return new ort.Tensor("uint8", canvases.readRgb(image), [1, height, width, 3]);
}

// Runs the network on a photo. Graphs differ in the inputs that they have.
async function predict(photo, { graph = "chroma", temperature = 0, hints = [], fast = false, kept = [] }) {
  const session = await openGraph(graph);
  const [, height, width] = photo.dims;
  const rows = hints.flatMap(({ row, column, rgb }) => [Math.floor(row * height), Math.floor(column * width), ...rgb]);
  const inputs = {
    photo,
    fast: scalar(Number(fast)),
    temperature: scalar(temperature),
    hints: new ort.Tensor("float32", rows, [hints.length, 5]),
    kept: new ort.Tensor("float32", kept, [kept.length]),
  };
  const taken = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
  const { chroma, palette, kept_maps: maps } = await session.run(Object.fromEntries(taken));
  const [, mapHeight, mapWidth] = chroma.dims;
  const map = { data: chroma.data, height: mapHeight, width: mapWidth };
  return { map, palette: palette?.data, kept: maps?.data };
}

const rejection = (code, values) => Object.assign(new Error(code), { code, values });

// Refuses a photo that would be decoded for minutes, before it is.
async function checkHeader(file) {
  const header = await readHeader(file);
  const megapixels = Math.round((header.width * header.height) / 1e6);
  if (megapixels > MAX_MEGAPIXELS) throw rejection("too-large", { megapixels, limit: MAX_MEGAPIXELS });
  return header;
}

async function decode(file, kind) {
  try {
    return await createImageBitmap(file);
  } catch (error) {
    throw kind === "heic" ? rejection("heic") : error;
  }
}

const actions = {
  // Decodes a photo; returns what is known of it, a preview and a small JPEG to predict colors from.
  async open({ file }) {
    const { kind, bits } = await checkHeader(file);
    const bitmap = await decode(file, kind);
    const { width, height } = bitmap;
    const before = canvases.drawWithin(bitmap, PREVIEW_SIDE).transferToImageBitmap();
    const small = canvases.downscale(bitmap, COPY_SIDE);
    bitmap.close();
    const inColor = canvases.isInColor(small);
    return { width, height, kind, bits, inColor, before, copy: await small.convertToBlob(JPEG) };
  },

  // Predicts chroma maps, one for each temperature, from the small copy.
  async predict({ graph, copy, temperatures }) {
    const photo = await readCopy(copy);
    const maps = [];
    for (const temperature of temperatures) {
      // For the graph, 0 means the regression.
      maps.push((await predict(photo, { graph, temperature: temperature ?? 0 })).map);
    }
    return maps;
  },

  // Predicts a chroma map that follows hints, and likely colors at the last one.
  async follow({ key, copy, hints, fast }) {
    if (!fast) return predict(await readCopy(copy), { hints });
    if (latest.key !== key) latest = { key, photo: await readCopy(copy, FAST_SIDE) };
    const { photo, kept } = latest;
    const found = await predict(photo, { hints, fast, kept });
    if (latest.key === key) latest.kept = found.kept;
    return { map: found.map, palette: found.palette };
  },

  // Returns the colors of a chroma palette at the lightness of a color.
  async swatches({ rgb, palette }) {
    const count = palette.length / 2;
    const pixels = Uint8Array.from({ length: 3 * count }, (_, at) => rgb[at % 3]);
    const colors = await recolor(pixels, 1, count, { data: palette, height: 1, width: count }, 1);
    return Array.from({ length: count }, (_, at) => [...colors.slice(3 * at, 3 * at + 3)]);
  },

  async preview({ before, chroma, strength, provenance }) {
    const canvas = await paint(canvases.drawWhole(before), chroma, strength);
    const blob = await canvas.convertToBlob(JPEG);
    return addProvenance(blob, blob, provenance);
  },

  async samples({ before, maps }) {
    const bitmaps = [];
    for (const chroma of maps) {
      const canvas = await paint(canvases.drawWhole(before), chroma, 1);
      bitmaps.push(canvas.transferToImageBitmap());
    }
    return bitmaps;
  },

  // Colorizes the rows from `top` to `bottom` of a photo in full size.
  async rows({ file, chroma, strength, height, top, bottom }, onProgress) {
    const whole = await createImageBitmap(file);
    const canvas = canvases.drawRows(whole, top, bottom);
    whole.close();
    await paint(canvas, chroma, strength, { photoHeight: height, top, onProgress });
    return canvas.transferToImageBitmap();
  },

  async assemble({ parts, file, width, height, form, provenance }) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    let top = 0;
    for (const part of parts) {
      context.drawImage(part, 0, top);
      top += part.height;
      part.close();
    }
    const blob = await canvas.convertToBlob({ type: `image/${form}`, quality: 0.95 });
    return addProvenance(blob, file, provenance);
  },

  async pair({ file, after, labels, provenance }) {
    const images = await Promise.all([file, after].map((blob) => createImageBitmap(blob)));
    const blob = await canvases.drawPair(images, labels, PAIR_SIDE).convertToBlob(JPEG);
    return addProvenance(blob, blob, provenance);
  },
};

async function run({ call, action, options }) {
  try {
    const result = await actions[action](options, (progress) => self.postMessage({ call, progress }));
    self.postMessage({ call, result });
  } catch (error) {
    const { name, code, values, message } = error;
    self.postMessage({ call, error: { name, code, values, message: String(message ?? error) } });
  }
}

// A message sets the number of threads, brings a file, or calls an action.
self.addEventListener("message", ({ data }) => {
  if (data.threads) ort.env.wasm.numThreads = data.threads;
  else if (data.file === "runtime") ort.env.wasm.wasmBinary = data.content;
  else if (data.file) files.set(data.file, data.content);
  else run(data);
});
