// A worker that is replaced after a failure. It remembers no photo: a new one can do any call.

import { load } from "./download.js";
import { PhotoError, workerError } from "./errors.js";

// Errors after which the runtime inside the worker may be unusable.
const FATAL = ["browser", "memory"];

export class Lane {
  #worker = null;
  #given = new Set(); // files that the worker has
  #calls = new Map(); // by id: {resolve, reject, onProgress}
  #lastCall = 0;

  constructor(threads) {
    this.threads = threads;
  }

  // Runs an action of the worker that needs `files` of `settings.files`.
  async call(action, options, { files = [], onProgress = () => {} } = {}) {
    const contents = new Map();
    for (const name of files) contents.set(name, await load(name));
    this.#worker ??= this.#start();
    for (const [name, content] of contents) this.#give(name, content);
    return new Promise((resolve, reject) => {
      this.#lastCall += 1;
      this.#calls.set(this.#lastCall, { resolve, reject, onProgress });
      this.#worker.postMessage({ call: this.#lastCall, action, options });
    });
  }

  // Stops what is running: a worker cannot be interrupted otherwise.
  stop(error = new PhotoError("canceled")) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#given.clear();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) reject(error);
  }

  #start() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    // Without a message, its script could not be loaded.
    worker.addEventListener("error", ({ message }) => {
      if (worker === this.#worker) this.stop(new PhotoError(message ? "browser" : "connection"));
    });
    worker.postMessage({ threads: this.threads });
    return worker;
  }

  #give(name, content) {
    if (this.#given.has(name)) return;
    this.#given.add(name);
    this.#worker.postMessage({ file: name, content });
  }

  #receive({ call, progress, result, error }) {
    const waiting = this.#calls.get(call);
    if (!waiting) return;
    if (progress !== undefined) return waiting.onProgress(progress);
    this.#calls.delete(call);
    if (!error) return waiting.resolve(result);
    const failure = workerError(error);
    waiting.reject(failure);
    if (FATAL.includes(failure.code)) this.stop(failure);
  }
}
