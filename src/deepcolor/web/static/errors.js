// Errors of photos.

import { text } from "./settings.js";

// Errors that a retry may solve because they do not depend on the photo.
const RETRYABLE = [
  ...["offline", "connection", "browser", "memory", "canceled"],
  ...["busy", "too-many", "too-slow", "slow-upload", "failed"],
];

// Its message is the service's own, or else the text `error-CODE` filled with `values`.
export class PhotoError extends Error {
  constructor(code, { message, values, cause } = {}) {
    super(message ?? text(`error-${code}`, values), { cause });
    this.code = code;
    this.retryable = RETRYABLE.includes(code);
  }
}

// Translates an error of the worker. Browsers throw `InvalidStateError` or `EncodingError` for an
// image that they cannot read.
export function workerError({ name, message, code, values }) {
  const cause = new Error(message);
  // Those of browsers have a number.
  if (typeof code === "string") return new PhotoError(code, { values, cause });
  if (name === "InvalidStateError" || name === "EncodingError") return new PhotoError("unreadable", { cause });
  const isMemory = name === "RangeError" || /memory|alloc/i.test(message);
  return new PhotoError(isMemory ? "memory" : "browser", { cause });
}
