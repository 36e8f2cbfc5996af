// What the first bytes of an image say, without decoding it: {kind, width, height, bits}. Size and bits
// are 0 if they are not known.

const UNKNOWN = { kind: "", width: 0, height: 0, bits: 0 };
const HEIC = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"];

export async function readHeader(file) {
  const view = new DataView(await file.slice(0, 1 << 20).arrayBuffer());
  try {
    return { ...UNKNOWN, ...parse(view) };
  } catch (error) {
    if (error instanceof RangeError) return UNKNOWN; // a very short file
    throw error;
  }
}

function parse(view) {
  const letters = (at) => String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(at + k)));
  if (view.getUint32(0) === 0x89504e47) return png(view);
  if (view.getUint16(0) === 0xffd8) return jpeg(view);
  if (letters(0) === "GIF8") return { kind: "gif", ...sides(view.getUint16(6, true), view.getUint16(8, true)) };
  if (letters(0) === "RIFF" && letters(8) === "WEBP") return { kind: "webp", ...webp(view, letters(12)) };
  if (letters(4) === "ftyp" && HEIC.includes(letters(8))) return { kind: "heic" };
  if (view.getUint16(0) === 0x424d) {
    return { kind: "bmp", ...sides(view.getInt32(18, true), Math.abs(view.getInt32(22, true))) };
  }
  return {};
}

const sides = (width, height) => ({ width, height, bits: 8 });

function png(view) {
  return { kind: "png", width: view.getUint32(16), height: view.getUint32(20), bits: view.getUint8(24) };
}

// The size is in the segment that starts a frame; 0xc4, 0xc8 and 0xcc are something else.
function jpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { kind: "jpeg", ...sides(view.getUint16(at + 7), view.getUint16(at + 5)) };
    }
    if (marker === 0xda || view.getUint8(at) !== 0xff) return { kind: "jpeg" };
  }
}

function webp(view, chunk) {
  const three = (at) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (chunk === "VP8X") return sides(three(24), three(27));
  if (chunk === "VP8L") {
    const packed = view.getUint32(21, true);
    return sides(1 + (packed & 0x3fff), 1 + ((packed >>> 14) & 0x3fff));
  }
  return sides(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
}
