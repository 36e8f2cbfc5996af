// Small chroma maps: {data: Float32Array of interleaved ab, height, width}.

const UNIT = 128; // 16-bit codes of the service per unit of ab

// Parses a NumPy file of (maps, height, width, 2) little-endian int16.
export function readMaps(buffer) {
  const view = new DataView(buffer);
  const start = 10 + view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(new Uint8Array(buffer, 10, start - 10));
  const shape = /'shape': \((\d+), (\d+), (\d+), 2\)/.exec(header);
  if (!shape || !header.includes("'<i2'")) throw new Error(`not a chroma file: ${header}`);
  const [count, height, width] = shape.slice(1).map(Number);
  const length = height * width * 2;
  return Array.from({ length: count }, (_, map) => {
    const codes = new Int16Array(buffer, start + map * length * 2, length);
    return { data: Float32Array.from(codes, (code) => code / UNIT), height, width };
  });
}

// Variants of the predicted colors: from the maps to one map. The first map is the most accurate, the
// last the liveliest.
const VARIANTS = {
  natural: (maps) => maps[0],
  lively: (maps) => (maps.length > 1 ? maps.at(-1) : change(maps[0], (a, b) => [1.25 * a, 1.25 * b])),
  // Grays stay gray: only what has a color becomes warmer.
  warm: ([map]) =>
    change(map, (a, b) => {
      const share = Math.min(1, Math.hypot(a, b) / 12);
      return [a + 2 * share, b + 6 * share];
    }),
  // Portraits stand in the middle: colors fade toward the edges.
  calm: ([map]) =>
    change(map, (a, b, x, y) => {
      const distance = Math.min(1, Math.max(0, (Math.hypot(x, y) - 0.5) / 0.7));
      const share = 1 - 0.75 * distance;
      return [share * a, share * b];
    }),
};
export const VARIANT_NAMES = Object.keys(VARIANTS);

export function mixMaps(maps, variant) {
  return VARIANTS[variant](maps);
}

// Changes each color; x and y go from -1 to 1.
function change({ data, height, width }, colorAt) {
  const result = new Float32Array(data.length);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 2) {
      const [x, y] = [(2 * column + 1) / width - 1, (2 * row + 1) / height - 1];
      result.set(colorAt(data[at], data[at + 1], x, y), at);
    }
  }
  return { data: result, height, width };
}

// Upsamples a map vertically to rows `top` to `top + rows` of a photo; the graph upsamples the
// columns in the same way: bicubic with a = -0.5, half-pixel centers, weights renormalized at the
// borders.
export function upsampleRows({ data, height, width }, photoHeight, top, rows) {
  const row = width * 2;
  const result = new Float32Array(rows * row);
  for (let y = 0; y < rows; y++) {
    const center = ((top + y + 0.5) * height) / photoHeight - 0.5;
    const first = Math.floor(center) - 1;
    const taps = [0, 1, 2, 3].map((k) => first + k).filter((k) => k >= 0 && k < height);
    const weights = taps.map((k) => cubic(Math.abs(center - k)));
    const sum = weights.reduce((a, b) => a + b);
    taps.forEach((tap, index) => {
      const weight = weights[index] / sum;
      for (let x = 0; x < row; x++) result[y * row + x] += weight * data[tap * row + x];
    });
  }
  return { data: result, height: rows, width };
}

function cubic(x) {
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}
