// Canvases and their pixels.

// Draws an image on a white canvas of the given size.
export function drawOnWhite(image, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
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
