// What a result's file says: that it was colorized, and, of a JPEG, what the photo's own EXIF said.

import { crc32 } from "./zip.js";

const text = new TextEncoder();

export async function labeled(blob, file, label) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const parts = blob.type === "image/png" ? inPng(bytes, label) : inJpeg(bytes, await exifOf(file), label);
  return new Blob(parts, { type: blob.type });
}

function inJpeg(bytes, exif, { xmp, statement }) {
  const packet = segment(0xe1, text.encode(`http://ns.adobe.com/xap/1.0/\0${xmp}`));
  const comment = segment(0xfe, text.encode(statement));
  const own = exif ? [segment(0xe1, exif)] : [];
  const start = afterJfif(bytes);
  return [bytes.subarray(0, start), ...own, packet, comment, bytes.subarray(start)];
}

// JFIF wants its segment to be the first.
function afterJfif(bytes) {
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

// A PNG's texts go before its last chunk, IEND, which is twelve bytes long.
function inPng(bytes, { xmp, statement }) {
  const end = bytes.length - 12;
  return [
    bytes.subarray(0, end),
    chunk("tEXt", text.encode(`Comment\0${statement}`)),
    chunk("iTXt", text.encode(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)),
    bytes.subarray(end),
  ];
}

function chunk(kind, content) {
  const result = new Uint8Array(12 + content.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, content.length);
  result.set(text.encode(kind), 4);
  result.set(content, 8);
  view.setUint32(8 + content.length, crc32(result.subarray(4, 8 + content.length)));
  return result;
}

// The EXIF segment of a JPEG, said to be upright, as browsers draw it; null if there is none.
async function exifOf(file) {
  const view = new DataView(await file.slice(0, 1 << 18).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff; ) {
    const size = view.getUint16(at + 2);
    const isExif = view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
    if (isExif && at + 2 + size <= view.byteLength) {
      const content = new Uint8Array(view.buffer.slice(at + 4, at + 2 + size));
      return upright(content) ? content : null;
    }
    if (view.getUint16(at) === 0xffda) return null;
    at += 2 + size;
  }
  return null;
}

// Sets the orientation, if there is one, to 1; returns whether the EXIF is sound.
function upright(exif) {
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
