// A button with a thumbnail for each photo; the selected photo's button is pressed.

import { text } from "./settings.js";

const list = document.getElementById("thumbnails");
const SIDE = 144; // device pixels

export class Thumbnails {
  #items = new Map();

  // Calls `choose(photo)` when the visitor presses a photo's button.
  constructor(choose) {
    this.choose = choose;
  }

  add(photo) {
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
    list.append(item);
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

  select(photo) {
    for (const [other, item] of this.#items) {
      item.querySelector("button").setAttribute("aria-pressed", other === photo);
    }
    list.hidden = this.#items.size < 2;
  }

  remove(photo) {
    this.#items.get(photo).remove();
    this.#items.delete(photo);
  }
}

// Draws the center square of an image.
function drawSquare(canvas, image) {
  const side = Math.min(image.width, image.height);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
}
