// The visitor's photos and their processing.

import { drawPreview, openPhoto, predictMaps, predictMore } from "./backend.js";
import { shrink } from "./canvas.js";
import { mixMaps } from "./chroma.js";
import { PhotoError } from "./errors.js";
import { followLatest, mapsOf } from "./following.js";
import { text } from "./settings.js";
import { forgetPhoto, keepPhoto, recordOf } from "./storage.js";

const MAX_CONCURRENT = 2;
const QUICK_PIXELS = 120_000; // of a preview that is replaced soon
const SETTINGS = { strength: 1, variant: "natural" };
const BUSY = ["waiting", "reading", "coloring"];
const FORMS = ["png", "webp", "jpeg"]; // formats that browsers write

// Dispatches "added", "changed" and "removed", whose detail is the photo, and "problem" with
// {photo, error} when a photo stays as it was.
export class PhotoList extends EventTarget {
  photos = [];
  #nextId = 1;
  #running = 0;
  #session = `${Date.now()}`;

  // With `onDevice`, the photos are colorized in the browser and never uploaded.
  add(files, onDevice, isExample = false) {
    const photos = [...files].map((file) => ({ file, name: file.name || text("pasted"), onDevice, isExample, saved: isExample }));
    return this.#insertAll(photos.map((photo) => ({ ...SETTINGS, ...photo })));
  }

  // Adds photos that `storage.js` has kept.
  restore(records) {
    return this.#insertAll(records);
  }

  // The first starts when all are there: the progress would be that of a few.
  #insertAll(records) {
    const photos = records.map((record) => this.#insert(record));
    this.#startNext();
    return photos;
  }

  #insert(record, index = this.photos.length) {
    const id = this.#nextId++;
    const key = record.key ?? `${this.#session}-${String(id).padStart(6, "0")}`;
    // `maps` are drawn; `predicted` are those without hints.
    const photo = { hints: [], predicted: record.maps, ...record, id, key, state: "waiting" };
    this.photos.splice(index, 0, photo);
    this.#dispatch("added", photo);
    if (!photo.isExample) keepPhoto(photo);
    return photo;
  }

  // Returns the photo that takes its place, if there is one.
  remove(photo) {
    const index = this.photos.indexOf(photo);
    this.photos.splice(index, 1);
    photo.state = "removed";
    photo.before?.close();
    photo.quick?.close();
    if (photo.after) URL.revokeObjectURL(photo.after.src);
    forgetPhoto(photo);
    this.#dispatch("removed", photo);
    return this.photos[index] ?? this.photos.at(-1);
  }

  // Undoes `remove`; returns the new photo.
  putBack(photo, index) {
    const again = this.#insert({ ...recordOf(photo), isExample: photo.isExample }, index);
    this.#startNext();
    return again;
  }

  // Photos that were canceled together start together.
  retry(photo) {
    const isAlike = ({ state, error }) => state === "failed" && error.code === "canceled";
    const others = isAlike(photo) ? this.photos.filter(isAlike) : [photo];
    for (const other of others) this.#setState(other, "waiting");
    this.#startNext();
  }

  // Photos that have not been started can be retried later.
  cancelWaiting() {
    for (const photo of this.photos.filter(({ state }) => state === "waiting")) {
      this.#fail(photo, new PhotoError("canceled"));
    }
  }

  get ready() {
    return this.photos.filter(({ state }) => state === "ready");
  }

  get busy() {
    return this.photos.filter(({ state }) => BUSY.includes(state));
  }

  get unsaved() {
    return this.photos.filter(({ saved, state }) => !saved && state !== "failed");
  }

  markSaved(photos) {
    for (const photo of photos) {
      photo.saved = true;
      if (!photo.isExample) keepPhoto(photo);
    }
  }

  // Changes a photo's settings. Changes made during a preview are drawn together in the next one.
  async adjust(photo, changes = SETTINGS) {
    Object.assign(photo, changes, { stale: true, saved: photo.isExample });
    if (photo.drawing) return;
    photo.drawing = true;
    while (photo.stale && photo.state === "ready") {
      photo.stale = false;
      await this.#drawPreview(photo).catch((error) => this.#fail(photo, error));
    }
    photo.drawing = false;
    if (photo.state === "removed") return;
    if (!photo.isExample) keepPhoto(photo);
    this.#dispatch("changed", photo);
  }

  // Colors follow the hints: `following` ends when they do. A newer change supersedes an older one.
  setHints(photo, hints) {
    Object.assign(photo, { hints, saved: photo.isExample });
    if (photo.following) return;
    photo.following = this.#follow(photo);
    this.#dispatch("changed", photo);
  }

  async #follow(photo) {
    try {
      await followLatest(photo, () => this.adjust(photo, {}));
    } catch (error) {
      if (photo.state === "ready") this.#keepColors(photo, error);
    }
    if (photo.state === "removed") return; // putting it back predicts them anew
    photo.following = null;
    if (!photo.isExample) keepPhoto(photo);
    this.#dispatch("changed", photo);
  }

  // A photo whose colors cannot follow a change of its hints keeps those that it has.
  #keepColors(photo, error) {
    photo.hints = photo.followed;
    this.dispatchEvent(new CustomEvent("problem", { detail: { photo, error } }));
  }

  applyToAll({ strength, variant }) {
    for (const photo of this.photos) this.adjust(photo, { strength, variant });
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
    const { copy, ...opened } = await openPhoto(photo);
    const form = FORMS.includes(opened.kind) ? opened.kind : "png";
    Object.assign(photo, opened, { form, copy });
    this.#setState(photo, "coloring");
    photo.predicted ??= await predictMaps(photo, copy);
    photo.maps ??= await mapsOf(photo);
    photo.followed = photo.hints;
    await this.#drawPreview(photo);
    this.#setState(photo, "ready");
    const more = await predictMore(photo, copy).catch(() => []); // the first map is enough
    if (photo.state !== "ready") return; // it was removed
    photo.predicted = [...photo.predicted, ...more];
    if (!photo.hints.length) photo.maps = photo.predicted;
    if (more.length && photo.variant === "lively") await this.adjust(photo, {});
    this.#setState(photo, "ready");
    if (!photo.isExample) keepPhoto(photo);
  }

  async #drawPreview(photo) {
    const { before, maps, variant, strength, isQuick } = photo;
    if (isQuick) photo.quick ??= await shrink(before, QUICK_PIXELS);
    const blob = await drawPreview(isQuick ? photo.quick : before, mixMaps(maps, variant), strength);
    const after = new Image();
    after.src = URL.createObjectURL(blob);
    await after.decode();
    if (photo.after) URL.revokeObjectURL(photo.after.src);
    if (photo.state === "removed") return URL.revokeObjectURL(after.src);
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
    photo.error = error instanceof PhotoError ? error : new PhotoError("browser", { cause: error });
    this.#setState(photo, "failed");
  }
}
