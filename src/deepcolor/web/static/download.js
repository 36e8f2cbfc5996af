// Downloads of the large files that the page needs: the runtime and its graphs.

import { PhotoError } from "./errors.js";
import { settings } from "./settings.js";

const ATTEMPTS = 5;
const PAUSE = 500; // ms before the second attempt; doubles with each
const SILENCE = 20_000; // ms without a byte after which a connection counts as lost

const downloads = new Map(); // by name of `settings.files`: promise of the content
const received = new Map(); // by name: bytes so far
const parts = new Map(); // by name: what has arrived of a download that goes on

// Dispatches "progress" with the bytes {received, size} of all files that were asked for, and with the
// {name, bytes} of the one that has grown.
export const progress = new EventTarget();

// Returns the content of a file. A download that failed goes on at the next call.
export function load(name) {
  if (!downloads.has(name)) {
    const content = fetchContent(name);
    content.catch(() => downloads.delete(name));
    downloads.set(name, content);
  }
  return downloads.get(name);
}

async function fetchContent(name) {
  const { url, size } = settings.files[name];
  const part = parts.get(name) ?? { chunks: [], size: 0, tag: "" };
  parts.set(name, part);
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(new URL(url, document.baseURI), part, (bytes) => report(name, bytes));
      const content = await decompress(new Blob(part.chunks));
      parts.delete(name);
      return content;
    } catch (error) {
      if (attempt === ATTEMPTS) throw new PhotoError("connection", { cause: error });
      if (part.size >= size) Object.assign(part, { chunks: [], size: 0 }); // it came damaged
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (attempt - 1)));
  }
}

// Continues where the last attempt broke off if the host can do that and the file is the same.
async function receive(url, part, onSize) {
  const abort = new AbortController();
  const headers = part.size && part.tag ? { Range: `bytes=${part.size}-`, "If-Range": part.tag } : {};
  let timer = setTimeout(() => abort.abort(), SILENCE);
  try {
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (response.status !== 206) Object.assign(part, { chunks: [], size: 0 });
    // Ranges of a file that the host compresses once more would not fit together.
    part.tag = response.headers.has("Content-Encoding") ? "" : (response.headers.get("ETag") ?? "");
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE);
      part.chunks.push(value);
      part.size += value.length;
      onSize(part.size);
    }
  } finally {
    clearTimeout(timer);
  }
}

function report(name, size) {
  received.set(name, size);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const detail = {
    name,
    bytes: size,
    received: sum([...received.values()]),
    size: sum([...received.keys()].map((key) => settings.files[key].size)),
  };
  progress.dispatchEvent(new CustomEvent("progress", { detail }));
}

// Some hosts decompress files whose name ends in .gz.
async function decompress(blob) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return blob.arrayBuffer();
  return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
