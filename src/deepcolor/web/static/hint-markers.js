// The markers of hints on the picture: a button each, moved by pointer, finger or arrow keys.

import { isArrow, movePoint, within } from "./arrow-keys.js";
import { element, text } from "./settings.js";

const layer = element("markers");
const REMOVING = ["Delete", "Backspace"];

function pointOf({ clientX, clientY }) {
  const { left, top, width, height } = layer.getBoundingClientRect();
  return { row: within((clientY - top) / height), column: within((clientX - left) / width) };
}

export function hex(rgb) {
  return `#${rgb.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

const indexOf = (marker) => [...layer.children].indexOf(marker);

export class HintMarkers {
  #actions;
  #hints = [];
  #drag = null; // {index, moved} while a marker is dragged

  // `actions` are called with what the visitor does: place, select, move, settle, remove.
  constructor(actions) {
    this.#actions = actions;
    layer.addEventListener("pointerdown", (event) => this.#grab(event));
    layer.addEventListener("pointermove", (event) => this.#pull(event));
    for (const name of ["pointerup", "pointercancel"]) layer.addEventListener(name, () => this.#drop());
    layer.addEventListener("click", (event) => {
      event.stopPropagation(); // it would move the divider
      if (event.target === layer) actions.place(pointOf(event));
      else actions.select(indexOf(event.target)); // it may have the focus already
    });
    layer.addEventListener("focusin", ({ target }) => target !== layer && actions.select(indexOf(target)));
    layer.addEventListener("keydown", (event) => this.#press(event));
    layer.addEventListener("keyup", (event) => isArrow(event) && actions.settle());
  }

  // Buttons stay at their places in the document: one that is dragged or focused must not be replaced.
  draw(hints, selected, isDraft) {
    this.#hints = hints;
    while (layer.children.length > hints.length) layer.lastChild.remove();
    while (layer.children.length < hints.length) layer.append(newMarker());
    hints.forEach(({ row, column, rgb }, index) => {
      const marker = layer.children[index];
      const isNew = isDraft && index === selected;
      marker.style.left = `${100 * column}%`;
      marker.style.top = `${100 * row}%`;
      marker.style.setProperty("--color", hex(rgb));
      marker.classList.toggle("is-draft", isNew);
      marker.setAttribute("aria-pressed", index === selected);
      marker.setAttribute("aria-label", text(isNew ? "hint-new" : "hint", { number: index + 1, color: hex(rgb) }));
    });
  }

  focus(index) {
    layer.children[index].focus();
  }

  #grab(event) {
    event.stopPropagation();
    const marker = event.target.closest("button");
    if (!marker || event.button !== 0) return;
    marker.focus();
    marker.setPointerCapture(event.pointerId); // by the layer, the click that ends a drag would be the layer's
    this.#drag = { index: indexOf(marker), moved: false, x: event.clientX, y: event.clientY };
    event.preventDefault();
  }

  #pull(event) {
    event.stopPropagation();
    if (!this.#drag) return;
    const { index, moved, x, y } = this.#drag;
    if (!moved && Math.hypot(event.clientX - x, event.clientY - y) < 4) return; // a click that trembles
    this.#drag.moved = true;
    this.#actions.move(index, pointOf(event), !moved);
  }

  #drop() {
    if (this.#drag?.moved) this.#actions.settle();
    this.#drag = null;
  }

  #press(event) {
    const index = indexOf(event.target);
    if (index < 0) return;
    if (isArrow(event) || REMOVING.includes(event.key)) this.#actions.select(index);
    if (isArrow(event)) this.#actions.move(index, movePoint(this.#hints[index], event), !event.repeat);
    else if (REMOVING.includes(event.key)) this.#actions.remove();
    else return;
    event.preventDefault();
  }
}

function newMarker() {
  const marker = document.createElement("button");
  marker.type = "button";
  marker.className = "marker";
  return marker;
}
