// The visitor's photos and their processing.

import { callWorker, loadColors, openPhoto } from "./backend.js";
import { settings, text } from "./settings.js";
import { zipFiles } from "./zip.js";

const MAX_CONCURRENT = 2;

// Dispatches "added", "changed" and "removed"; the event's detail is the photo.
export class PhotoList extends EventTarget {
  photos = [];
  #nextId = 1;
  #running = 0;

  // With `onDevice`, the photos are colorized in the browser and never uploaded.
  add(files, onDevice) {
    const photos = [...files].map((file) => ({
      id: this.#nextId++,
      file,
      name: file.name || text("pasted"),
      state: "waiting",
      onDevice,
      strength: 1,
      vividness: settings.vividness,
    }));
    this.photos.push(...photos);
    photos.forEach((photo) => this.#dispatch("added", photo));
    this.#startNext();
    return photos;
  }

  // Returns the photo that takes its place, if there is one.
  remove(photo) {
    const index = this.photos.indexOf(photo);
    this.photos.splice(index, 1);
    photo.state = "removed";
    photo.before?.close();
    photo.after?.close();
    callWorker("close", { id: photo.id });
    this.#dispatch("removed", photo);
    return this.photos[index] ?? this.photos.at(-1);
  }

  retry(photo) {
    this.#setState(photo, "waiting");
    this.#startNext();
  }

  get ready() {
    return this.photos.filter((photo) => photo.state === "ready");
  }

  // Changes a photo's settings. Changes made during a preview are drawn together in the next one.
  async adjust(photo, changes) {
    Object.assign(photo, changes);
    photo.stale = true;
    if (photo.drawing) return;
    photo.drawing = true;
    while (photo.stale && photo.state === "ready") {
      photo.stale = false;
      await this.#drawPreview(photo).catch((error) => this.#fail(photo, error));
    }
    photo.drawing = false;
    if (photo.state !== "removed") this.#dispatch("changed", photo);
  }

  // Returns {name, blob} of a photo in full size.
  async render(photo, onProgress) {
    const { id, strength, vividness } = photo;
    const options = { id, strength, vividness, provenance: settings.provenance };
    const blob = await callWorker("render", options, onProgress);
    const suffix = blob.type === "image/png" ? ".png" : ".jpg";
    return { name: `${photo.name.replace(/\.[^.]*$/, "")}-colorized${suffix}`, blob };
  }

  // Returns a ZIP of all ready photos in full size.
  async renderAll(onProgress) {
    const { ready } = this;
    const files = [];
    for (const [index, photo] of ready.entries()) {
      const file = await this.render(photo, (share) => onProgress((index + share) / ready.length));
      files.push({ ...file, name: uniqueName(file.name, files) });
    }
    return zipFiles(files);
  }

  #dispatch(type, photo) {
    this.dispatchEvent(new CustomEvent(type, { detail: photo }));
  }

  #startNext() {
    const photo = this.photos.find(({ state }) => state === "waiting");
    if (!photo || this.#running >= MAX_CONCURRENT) return;
    this.#running += 1;
    this.#colorize(photo)
      .catch((error) => this.#fail(photo, error))
      .finally(() => {
        this.#running -= 1;
        this.#startNext();
      });
    this.#startNext();
  }

  async #colorize(photo) {
    this.#setState(photo, "reading");
    const { width, height, copy, before } = await openPhoto(photo);
    Object.assign(photo, { width, height, before });
    this.#setState(photo, "coloring");
    await loadColors(photo, copy);
    await this.#drawPreview(photo);
    this.#setState(photo, "ready");
  }

  async #drawPreview(photo) {
    const { id, strength, vividness } = photo;
    const after = await callWorker("preview", { id, strength, vividness });
    if (photo.state === "removed") return after.close();
    photo.after?.close();
    photo.after = after;
    this.#dispatch("changed", photo);
  }

  #setState(photo, state) {
    if (photo.state === "removed") throw new Error("removed");
    photo.state = state;
    this.#dispatch("changed", photo);
  }

  #fail(photo, error) {
    if (photo.state === "removed") return;
    photo.error = error;
    this.#setState(photo, "failed");
  }
}

function uniqueName(name, files) {
  const [, stem, suffix] = /^(.*)(\.[^.]*)$/.exec(name);
  let result = name;
  for (let number = 2; files.some((file) => file.name === result); number++) {
    result = `${stem}-${number}${suffix}`;
  }
  return result;
}
