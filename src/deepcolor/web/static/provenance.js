// Metadata of results: a note that they were colorized and, in a JPEG, the photo's EXIF.

import { crc32 } from "./zip.js";

const encoder = new TextEncoder();

export async function addProvenance(blob, file, provenance) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const parts = PARTS[blob.type](bytes, provenance, await readExif(file));
  return new Blob(parts, { type: blob.type });
}

const PARTS = { "image/jpeg": jpegParts, "image/png": pngParts, "image/webp": webpParts };

function jpegParts(bytes, { xmp, statement }, exif) {
  const packet = segment(0xe1, encoder.encode(`http://ns.adobe.com/xap/1.0/\0${xmp}`));
  const comment = segment(0xfe, encoder.encode(statement));
  const original = exif ? [segment(0xe1, exif)] : [];
  const start = endOfJfif(bytes);
  return [bytes.subarray(0, start), ...original, packet, comment, bytes.subarray(start)];
}

// The JFIF segment must be the first.
function endOfJfif(bytes) {
  const view = new DataView(bytes.buffer);
  return view.getUint16(2) === 0xffe0 ? 4 + view.getUint16(4) : 2;
}

function segment(marker, content) {
  const result = new Uint8Array(4 + content.length);
  new DataView(result.buffer).setUint16(2, content.length + 2);
  result.set([0xff, marker]);
  result.set(content, 4);
  return result;
}

// Text chunks go before the last chunk, IEND, which is twelve bytes long.
function pngParts(bytes, { xmp, statement }) {
  const end = bytes.length - 12;
  return [
    bytes.subarray(0, end),
    chunk("tEXt", encoder.encode(`Comment\0${statement}`)),
    chunk("iTXt", encoder.encode(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)),
    bytes.subarray(end),
  ];
}

function chunk(kind, content) {
  const result = new Uint8Array(12 + content.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, content.length);
  result.set(encoder.encode(kind), 4);
  result.set(content, 8);
  view.setUint32(8 + content.length, crc32(result.subarray(4, 8 + content.length)));
  return result;
}

// A WebP with metadata starts with a chunk that says so and repeats the size. Browsers write that chunk
// for a transparent photo only.
function webpParts(bytes, { xmp }) {
  const packet = riffChunk("XMP ", encoder.encode(xmp));
  const hasHeader = new TextDecoder().decode(bytes.subarray(12, 16)) === "VP8X";
  const header = hasHeader ? bytes.slice(12, 30) : riffChunk("VP8X", webpSize(bytes));
  header[8] |= 4; // there is XMP
  const rest = bytes.subarray(hasHeader ? 30 : 12);
  const start = bytes.slice(0, 12);
  new DataView(start.buffer).setUint32(4, 4 + header.length + rest.length + packet.length, true);
  return [start, header, rest, packet];
}

// The content of the chunk VP8X: flags, and width and height less one in three bytes each.
function webpSize(bytes) {
  const view = new DataView(bytes.buffer);
  const content = new Uint8Array(10);
  const lossless = String.fromCharCode(bytes[15]) === "L";
  const packed = lossless ? view.getUint32(21, true) : 0;
  const width = lossless ? packed & 0x3fff : (view.getUint16(26, true) & 0x3fff) - 1;
  const height = lossless ? (packed >>> 14) & 0x3fff : (view.getUint16(28, true) & 0x3fff) - 1;
  if (lossless && packed & (1 << 28)) content[0] = 16; // there is transparency
  content.set([width, width >>> 8, width >>> 16], 4);
  content.set([height, height >>> 8, height >>> 16], 7);
  return content;
}

function riffChunk(kind, content) {
  const result = new Uint8Array(8 + content.length + (content.length % 2));
  result.set(encoder.encode(kind));
  new DataView(result.buffer).setUint32(4, content.length, true);
  result.set(content, 8);
  return result;
}

// Returns a JPEG's EXIF with an upright orientation, as browsers draw the photo; null without EXIF.
async function readExif(file) {
  const view = new DataView(await file.slice(0, 1 << 18).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff; ) {
    const size = view.getUint16(at + 2);
    const isExif = view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
    if (isExif && at + 2 + size <= view.byteLength) {
      const content = new Uint8Array(view.buffer.slice(at + 4, at + 2 + size));
      return makeUpright(content) ? content : null;
    }
    if (view.getUint16(at) === 0xffda) return null;
    at += 2 + size;
  }
  return null;
}

// Sets the orientation, if there is one, to 1; returns whether the EXIF is well-formed.
function makeUpright(exif) {
  const view = new DataView(exif.buffer, 6);
  if (view.byteLength < 14) return false;
  const little = view.getUint16(0) === 0x4949;
  const first = view.getUint32(4, little);
  if (first + 2 > view.byteLength) return false;
  const count = view.getUint16(first, little);
  for (let index = 0; index < count; index++) {
    const entry = first + 2 + 12 * index;
    if (entry + 12 > view.byteLength) return false;
    if (view.getUint16(entry, little) === 0x0112) view.setUint16(entry + 8, 1, little);
  }
  return true;
}
