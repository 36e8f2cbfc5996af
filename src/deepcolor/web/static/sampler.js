// Taking a color from the picture without a pointer: a ring that the arrow keys move.

import { isArrow, movePoint } from "./arrow-keys.js";
import { hex } from "./hint-markers.js";
import { element, text } from "./settings.js";

const ring = element("sampler");

export class Sampler {
  #point = null;
  #colorAt;

  // Calls `take(point)` when the visitor presses the ring, and `cancel()` for Escape.
  constructor({ colorAt, take, cancel }) {
    this.#colorAt = colorAt;
    ring.addEventListener("click", () => take(this.#point));
    ring.addEventListener("keydown", (event) => {
      if (isArrow(event)) this.#move(movePoint(this.#point, event));
      else if (event.key === "Escape") cancel();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  show(point) {
    ring.hidden = false;
    this.#move(point);
    ring.focus();
  }

  hide() {
    ring.hidden = true;
  }

  #move(point) {
    this.#point = point;
    const color = hex(this.#colorAt(point));
    ring.style.left = `${100 * point.column}%`;
    ring.style.top = `${100 * point.row}%`;
    ring.style.setProperty("--color", color);
    ring.setAttribute("aria-label", text("sampler", { color }));
  }
}
