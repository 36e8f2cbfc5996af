// A button with a thumbnail for each photo; the selected photo's button is pressed. Arrow keys go from
// one to the next, Delete removes one.

import { element, text } from "./settings.js";

const list = element("thumbnails");
const SIDE = 144; // device pixels
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

export class Thumbnails {
  #items = new Map(); // by photo

  // Calls `choose(photo)` and `remove(photo)` when the visitor does so.
  constructor(choose, remove) {
    this.choose = choose;
    this.remove = remove;
    list.addEventListener("keydown", (event) => this.#press(event));
  }

  add(photo, index) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const label = document.createElement("span");
    canvas.width = canvas.height = SIDE;
    label.className = "visually-hidden";
    button.type = "button";
    button.append(canvas, label);
    button.addEventListener("click", () => this.choose(photo));
    item.append(button);
    list.insertBefore(item, list.children[index] ?? null);
    this.#items.set(photo, item);
    this.update(photo);
  }

  update(photo) {
    const item = this.#items.get(photo);
    item.dataset.state = photo.state;
    const state = text(`state-${photo.state}`);
    item.querySelector("span").textContent = `${text("show", { name: photo.name })} (${state})`;
    const image = photo.after ?? photo.before;
    if (image) drawSquare(item.querySelector("canvas"), image);
  }

  updateAll() {
    for (const photo of this.#items.keys()) this.update(photo);
  }

  select(photo) {
    for (const [other, item] of this.#items) {
      const button = item.querySelector("button");
      button.setAttribute("aria-pressed", other === photo);
      button.tabIndex = other === photo ? 0 : -1;
    }
    list.hidden = this.#items.size < 2;
    this.#items.get(photo).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  delete(photo) {
    this.#items.get(photo).remove();
    this.#items.delete(photo);
  }

  #press(event) {
    const items = [...list.children];
    const current = items.indexOf(event.target.closest("li"));
    if (event.key in STEPS) {
      const next = Math.max(0, Math.min(items.length - 1, current + STEPS[event.key]));
      this.#focus(items[next]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(this.#photoOf(items[current]));
      const next = list.children[Math.min(current, list.children.length - 1)];
      if (!next) return event.preventDefault();
      // It is shown already; a strip of one photo is hidden.
      if (list.hidden) element("remove").focus();
      else next.querySelector("button").focus();
    } else return;
    event.preventDefault();
  }

  #photoOf(item) {
    return [...this.#items].find(([, other]) => other === item)[0];
  }

  #focus(item) {
    this.choose(this.#photoOf(item));
    item.querySelector("button").focus();
  }
}

// Draws the center square of an image or a bitmap.
function drawSquare(canvas, image) {
  const [width, height] = [image.naturalWidth ?? image.width, image.naturalHeight ?? image.height];
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
}
