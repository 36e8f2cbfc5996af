// The visitor's photos, and what becomes of each.

import { ask, colors, open } from "./engine.js";
import { say, settings } from "./settings.js";
import { zipped } from "./zip.js";

const AT_ONCE = 2;

// Tells of: "added", "changed", "removed" (detail: the photo).
export class Album extends EventTarget {
  photos = [];
  onDevice = settings.mode === "browser";
  #next = 1;
  #working = 0;

  add(files) {
    const photos = [...files].map((file) => ({
      id: this.#next++,
      file,
      name: file.name || say("pasted"),
      state: "waiting",
      strength: 1,
      vividness: settings.vividness,
    }));
    this.photos.push(...photos);
    photos.forEach((photo) => this.#tell("added", photo));
    this.#work();
    return photos;
  }

  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    photo.state = "removed";
    ask("close", { id: photo.id });
    this.#tell("removed", photo);
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
  }

  // Returns {name, blob} of a photo in full size.
  async render(photo, told) {
    const { id, strength, vividness } = photo;
    const blob = await ask("render", { id, strength, vividness, label: settings.label }, told);
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
    const { width, height, copy, before } = await open(photo, this.onDevice);
    Object.assign(photo, { width, height, before });
    this.#become(photo, "coloring");
    await colors(photo, copy, this.onDevice);
    await this.#draw(photo);
    this.#become(photo, "ready");
  }

  async #draw(photo) {
    const { id, strength, vividness } = photo;
    photo.after = await ask("preview", { id, strength, vividness });
    this.#tell("changed", photo);
  }

  #become(photo, state) {
    if (photo.state === "removed") throw new Error("removed");
    photo.state = state;
    this.#tell("changed", photo);
  }

  #failed(photo, failure) {
    if (photo.state === "removed") return;
    photo.error = failure.message;
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
