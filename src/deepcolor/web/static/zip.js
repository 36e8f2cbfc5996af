// Writing ZIP archives. Files are stored, not compressed: photos are compressed already.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function crc32(bytes) {
  let c = ~0;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

// Returns a ZIP of files [{name, blob}] with different names.
export async function zipFiles(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const path = new TextEncoder().encode(name);
    const checksum = crc32(new Uint8Array(await blob.arrayBuffer()));
    const common = header(checksum, blob.size, path.length);
    const local = concatenate(u32(0x04034b50), common, path);
    directory.push(concatenate(u32(0x02014b50), u16(20), common, new Uint8Array(10), u32(offset), path));
    parts.push(local, blob);
    offset += local.length + blob.size;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const count = u16(files.length);
  const end = concatenate(u32(0x06054b50), u32(0), count, count, u32(size), u32(offset), u16(0));
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

// Version 2.0, names in UTF-8, stored, 1 January 1980.
function header(checksum, size, nameLength) {
  const fixed = [u16(20), u16(0x0800), u16(0), u16(0), u16(0x21)];
  return concatenate(...fixed, u32(checksum), u32(size), u32(size), u16(nameLength), u16(0));
}

const u16 = (value) => new Uint8Array([value, value >>> 8]);
const u32 = (value) => new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24]);

function concatenate(...arrays) {
  const result = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}
