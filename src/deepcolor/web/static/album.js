// The visitor's photos, and what becomes of each.

import { ask, colors, open } from "./engine.js";
import { say, settings } from "./settings.js";
import { zipped } from "./zip.js";

const AT_ONCE = 2;

// Tells of: "added", "changed", "removed" (detail: the photo).
export class Album extends EventTarget {
  photos = [];
  #next = 1;
  #working = 0;

  // Photos that are to stay on this device are colored here alone.
  add(files, onDevice) {
    const photos = [...files].map((file) => ({
      id: this.#next++,
      file,
      name: file.name || say("pasted"),
      state: "waiting",
      onDevice,
      strength: 1,
      vividness: settings.vividness,
    }));
    this.photos.push(...photos);
    photos.forEach((photo) => this.#tell("added", photo));
    this.#work();
    return photos;
  }

  // Returns the photo that takes its place, if there is one.
  remove(photo) {
    const place = this.photos.indexOf(photo);
    this.photos.splice(place, 1);
    photo.state = "removed";
    photo.before?.close();
    photo.after?.close();
    ask("close", { id: photo.id });
    this.#tell("removed", photo);
    return this.photos[place] ?? this.photos.at(-1);
  }

  // Once more, a photo that failed.
  retry(photo) {
    this.#become(photo, "waiting");
    this.#work();
  }

  get ready() {
    return this.photos.filter((photo) => photo.state === "ready");
  }

  // Shows a photo with other settings. While one preview is made, only the latest wish is kept.
  async adjust(photo, wishes) {
    Object.assign(photo, wishes);
    photo.stale = true;
    if (photo.drawing) return;
    photo.drawing = true;
    while (photo.stale && photo.state === "ready") {
      photo.stale = false;
      await this.#draw(photo).catch((failure) => this.#failed(photo, failure));
    }
    photo.drawing = false;
    if (photo.state !== "removed") this.#tell("changed", photo);
  }

  // Returns {name, blob} of a photo in full size.
  async render(photo, told) {
    const { id, strength, vividness } = photo;
    const blob = await ask("render", { id, strength, vividness, label: settings.provenance }, told);
    const ending = blob.type === "image/png" ? ".png" : ".jpg";
    return { name: `${photo.name.replace(/\.[^.]*$/, "")}-colorized${ending}`, blob };
  }

  async renderAll(told) {
    const { ready } = this;
    const files = [];
    for (const [index, photo] of ready.entries()) {
      const file = await this.render(photo, (share) => told((index + share) / ready.length));
      files.push({ ...file, name: unlike(files, file.name) });
    }
    return zipped(files);
  }

  #tell(type, photo) {
    this.dispatchEvent(new CustomEvent(type, { detail: photo }));
  }

  #work() {
    const photo = this.photos.find(({ state }) => state === "waiting");
    if (!photo || this.#working >= AT_ONCE) return;
    this.#working += 1;
    this.#colorize(photo)
      .catch((failure) => this.#failed(photo, failure))
      .finally(() => {
        this.#working -= 1;
        this.#work();
      });
    this.#work();
  }

  async #colorize(photo) {
    this.#become(photo, "reading");
    const { width, height, copy, before } = await open(photo);
    Object.assign(photo, { width, height, before });
    this.#become(photo, "coloring");
    await colors(photo, copy);
    await this.#draw(photo);
    this.#become(photo, "ready");
  }

  async #draw(photo) {
    const { id, strength, vividness } = photo;
    const after = await ask("preview", { id, strength, vividness });
    if (photo.state === "removed") return after.close();
    photo.after?.close();
    photo.after = after;
    this.#tell("changed", photo);
  }

  #become(photo, state) {
    if (photo.state === "removed") throw new Error("removed");
    photo.state = state;
    this.#tell("changed", photo);
  }

  #failed(photo, failure) {
    if (photo.state === "removed") return;
    photo.failure = failure;
    this.#become(photo, "failed");
  }
}

// A name that none of the files has.
function unlike(files, name) {
  const [, stem, ending] = /^(.*)(\.[^.]*)$/.exec(name);
  let result = name;
  for (let number = 2; files.some((file) => file.name === result); number++) {
    result = `${stem}-${number}${ending}`;
  }
  return result;
}
