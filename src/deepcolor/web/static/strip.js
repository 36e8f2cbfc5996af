// A button for each photo; the one in view is pressed.

import { say } from "./settings.js";

const list = document.getElementById("strip");
const SIDE = 144; // of a thumbnail, device pixels

export class Strip {
  #items = new Map();

  // `choose(photo)` is called when the visitor presses a photo's button.
  constructor(choose) {
    this.choose = choose;
  }

  add(photo) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const words = document.createElement("span");
    canvas.width = canvas.height = SIDE;
    words.className = "unseen";
    button.type = "button";
    button.append(canvas, words);
    button.addEventListener("click", () => this.choose(photo));
    item.append(button);
    list.append(item);
    this.#items.set(photo, item);
    this.update(photo);
  }

  update(photo) {
    const item = this.#items.get(photo);
    item.dataset.state = photo.state;
    const state = say(`state-${photo.state}`);
    item.querySelector("span").textContent = `${say("show", { name: photo.name })} (${state})`;
    const image = photo.after ?? photo.before;
    if (image) thumbnail(item.querySelector("canvas"), image);
  }

  press(photo) {
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

// The middle of the image, cut square.
function thumbnail(canvas, image) {
  const side = Math.min(image.width, image.height);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
}
