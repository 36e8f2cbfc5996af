// Correcting colors: the visitor points at places and says their colors, and the network follows.

import { followHints, drawSwatches } from "./backend.js";
import { colorAt } from "./canvas.js";
import { load, progress } from "./download.js";
import { HintMarkers } from "./hint-markers.js";
import { Palette } from "./palette.js";
import { Sampler } from "./sampler.js";
import { element, settings, text } from "./settings.js";
import { announce } from "./status.js";

const MAX_HINTS = 500;
const MIDDLE = { row: 0.5, column: 0.5 };

// Where the focus goes when what had it is gone.
const focusMiddle = () => element("hint-middle").focus();

export class Correction {
  #list;
  #photo = null;
  #on = false;
  #draft = null; // a hint whose color is not chosen yet
  #selected = -1; // index of a hint
  #earlier = new WeakMap(); // by photo: its hints before each change
  #markers = new HintMarkers({
    place: (point) => this.#place(point),
    select: (index) => this.#select(index),
    move: (index, point, isFirst) => this.#move(index, point, isFirst),
    settle: () => this.#showPalette(),
    remove: () => this.#remove(),
  });
  #palette = new Palette(
    (rgb, isFirst) => this.#choose(rgb, isFirst),
    (isOn) => (isOn ? this.#sampler.show(this.#active) : this.#sampler.hide()),
  );
  #sampler = new Sampler({
    colorAt: (point) => colorAt(this.#photo.after, point),
    take: (point) => this.#take(point),
    cancel: () => this.#stopPicking(),
  });

  constructor(list) {
    this.#list = list;
    element("correct").hidden = !settings.hints;
    element("correct").addEventListener("click", () => this.#toggle());
    element("hint-middle").addEventListener("click", () => this.#place(MIDDLE));
    element("hint-remove").addEventListener("click", () => this.#remove());
    element("hint-undo").addEventListener("click", () => this.#undo());
    element("hint-clear").addEventListener("click", () => this.#clear());
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  // Without a photo, there is nothing to correct.
  show(photo) {
    if (photo !== this.#photo) this.#unselect();
    this.#photo = photo;
    this.#draw();
  }

  #toggle() {
    this.#on = !this.#on;
    this.#unselect();
    this.#draw();
    if (!this.#on) return announce("");
    element("correct").scrollIntoView({ block: "nearest" }); // on a phone, it has moved
    this.#tellOfDownload();
  }

  async #tellOfDownload() {
    let told = "";
    const tell = (message) => {
      if (this.#on && message !== told) announce(message);
      told = message;
    };
    // Screen readers read it aloud: whole megabytes are enough.
    const megabytes = (bytes) => Math.round(bytes / 1e6);
    const size = megabytes(settings.files.chroma.size);
    const count = ({ detail: { name, bytes } }) => {
      if (name === "chroma") tell(text("download-progress", { received: megabytes(bytes), size }));
    };
    tell(text("hints-loading"));
    progress.addEventListener("progress", count);
    await load("chroma").then(() => tell(text("hints-help")), (error) => tell(error.message));
    progress.removeEventListener("progress", count);
  }

  #unselect() {
    this.#palette.stopPicking();
    this.#draft = null;
    this.#selected = -1;
    this.#palette.show([]);
  }

  get #active() {
    return this.#draft ?? this.#photo?.hints[this.#selected];
  }

  get #isReady() {
    return this.#on && this.#photo?.state === "ready";
  }

  #draw() {
    const ready = this.#isReady;
    element("correct").setAttribute("aria-pressed", this.#on);
    element("correction").hidden = element("markers").hidden = !ready;
    element("compare").classList.toggle("is-correcting", ready);
    document.body.classList.toggle("is-correcting", ready);
    if (!ready) return;
    const { hints } = this.#photo;
    const shown = this.#draft ? [...hints, this.#draft] : hints;
    this.#markers.draw(shown, this.#draft ? hints.length : this.#selected, Boolean(this.#draft));
    this.#palette.enable(this.#active);
    element("hint-remove").disabled = !this.#active;
    element("hint-undo").disabled = !this.#earlier.get(this.#photo)?.length;
    element("hint-clear").disabled = !hints.length;
  }

  #place(point) {
    if (this.#palette.picks) return this.#take(point);
    if (this.#photo.hints.length >= MAX_HINTS) return announce(text("hints-too-many", { limit: MAX_HINTS }));
    this.#draft = { ...point, rgb: colorAt(this.#photo.after, point) };
    this.#selected = -1;
    this.#draw();
    this.#markers.focus(this.#photo.hints.length);
    this.#showPalette();
  }

  #select(index) {
    if (index === this.#selected || (this.#draft && index === this.#photo.hints.length)) return;
    this.#draft = null;
    this.#selected = index;
    this.#draw();
    this.#showPalette();
  }

  #move(index, point, isFirst) {
    const { hints, after } = this.#photo;
    if (index < hints.length) {
      this.#change(hints.with(index, { ...hints[index], ...point }), isFirst);
    } else {
      this.#draft = { ...point, rgb: colorAt(after, point) };
      this.#draw();
    }
  }

  #choose(rgb, isFirst = true) {
    const { hints } = this.#photo;
    if (!this.#active) return;
    const chosen = { ...this.#active, rgb };
    const isNew = Boolean(this.#draft);
    if (isNew) this.#selected = hints.length;
    this.#draft = null;
    this.#change(hints.toSpliced(this.#selected, 1, chosen), isFirst || isNew);
  }

  #take(point) {
    this.#palette.stopPicking();
    this.#choose(colorAt(this.#photo.after, point));
    this.#markers.focus(this.#selected);
  }

  #stopPicking() {
    this.#palette.stopPicking();
    element("hint-pick").focus();
  }

  #remove() {
    const index = this.#selected;
    const { hints } = this.#photo;
    this.#unselect();
    if (index < 0) this.#draw();
    else this.#change(hints.toSpliced(index, 1));
    focusMiddle(); // the pressed marker or button is gone
  }

  #clear() {
    this.#unselect();
    this.#change([]);
    focusMiddle();
  }

  #undo() {
    const hints = this.#isReady && this.#earlier.get(this.#photo)?.pop();
    if (!hints) return;
    const hadFocus = element("hint-undo") === document.activeElement;
    this.#unselect();
    this.#change(hints, false);
    if (hadFocus && element("hint-undo").disabled) focusMiddle();
  }

  #change(hints, isRemembered = true) {
    const photo = this.#photo;
    if (isRemembered) this.#earlier.set(photo, [...(this.#earlier.get(photo) ?? []), photo.hints]);
    if (this.#selected >= hints.length) this.#unselect();
    this.#list.setHints(photo, hints);
    this.#draw();
  }

  // Shows the colors that the network holds likely at the active place.
  async #showPalette() {
    const [photo, active] = [this.#photo, this.#active];
    if (!active) return this.#palette.show([]);
    try {
      const { palette } = await followHints(photo, [...photo.hints, active], true);
      if (active !== this.#active) return;
      const swatches = await drawSwatches(colorAt(photo.before, active), palette);
      if (active === this.#active) this.#palette.show(swatches);
    } catch (error) {
      announce(error.message); // any color can still be chosen
    }
  }

  #press(event) {
    if (!this.#on || event.target.closest("dialog")) return;
    if (event.key === "Escape" && this.#active) {
      if (this.#draft) focusMiddle(); // its marker goes
      this.#unselect();
      this.#draw();
    } else if (event.key.toLowerCase() === "z" && !event.shiftKey && (event.ctrlKey || event.metaKey)) this.#undo();
    else return;
    event.preventDefault();
  }
}
