// Canvases and their pixels.

const OPTIONS = { willReadFrequently: true };

// Draws the rows from `top` to `bottom` of an image on a transparent canvas.
export function drawRows(image, top, bottom) {
  const canvas = new OffscreenCanvas(image.width, bottom - top);
  canvas.getContext("2d", OPTIONS).drawImage(image, 0, -top);
  return canvas;
}

export const drawWhole = (image) => drawRows(image, 0, image.height);

// Draws an image on a white canvas of the given size.
export function drawOnWhite(image, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", OPTIONS);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}

// Draws an image so that its longer side is at most `side`.
export function drawWithin(image, side) {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const size = (length) => Math.max(1, Math.round(length * scale));
  return drawOnWhite(image, size(image.width), size(image.height));
}

// Like `drawWithin`, in steps of at most one half: browsers skip pixels when they shrink by more.
export function downscale(image, side) {
  let longer = Math.max(image.width, image.height);
  let current = image;
  while (longer > 2 * side) {
    longer = Math.ceil(longer / 2);
    current = drawWithin(current, longer);
  }
  return drawWithin(current, side);
}

// Draws two images side by side with a label below each.
export function drawPair(images, labels, side) {
  const [left, right] = images.map((image) => drawWithin(image, side));
  const bar = Math.max(24, Math.round(left.height / 16));
  const canvas = new OffscreenCanvas(left.width + right.width + 8, left.height + bar);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `${Math.round(bar * 0.6)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#1f1d1a";
  [left, right].forEach((drawn, index) => {
    const start = index * (left.width + 8);
    context.drawImage(drawn, start, 0);
    context.fillText(labels[index], start + drawn.width / 2, left.height + bar / 2, drawn.width);
  });
  return canvas;
}

// Returns a bitmap of an image whose longer side is at most `side`.
export function shrink(image, pixels) {
  const scale = Math.min(1, Math.sqrt(pixels / (image.width * image.height)));
  const [width, height] = [image.width, image.height].map((length) => Math.max(1, Math.round(length * scale)));
  return createImageBitmap(image, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
}

// Returns the color `[r, g, b]` of an image at a point, {row, column} as shares of its sides.
export function colorAt(image, { row, column }) {
  const [width, height] = [image.naturalWidth ?? image.width, image.naturalHeight ?? image.height];
  const context = new OffscreenCanvas(1, 1).getContext("2d", OPTIONS);
  context.drawImage(image, -Math.floor(column * width), -Math.floor(row * height), width, height);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// Returns whether an image has different hues, unlike a gray or a toned one.
export function isInColor(canvas) {
  const small = drawWithin(canvas, 64);
  const { data } = small.getContext("2d").getImageData(0, 0, small.width, small.height);
  const sums = { x: 0, y: 0, length: 0 };
  for (let at = 0; at < data.length; at += 4) {
    const x = data[at] - data[at + 1];
    const y = data[at + 2] - data[at + 1];
    sums.x += x;
    sums.y += y;
    sums.length += Math.hypot(x, y);
  }
  const pixels = data.length / 4;
  // Differences of one hue point in the same direction: their sum is as long as they are together.
  return (sums.length - Math.hypot(sums.x, sums.y)) / pixels > 0.8;
}

// Returns the RGB bytes of an ImageData.
export function readRgb({ data }) {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return rgb;
}

// Writes RGB bytes into an ImageData.
export function writeRgb({ data }, rgb) {
  for (let to = 0, from = 0; to < data.length; to += 4, from += 3) {
    data[to] = rgb[from];
    data[to + 1] = rgb[from + 1];
    data[to + 2] = rgb[from + 2];
  }
}
