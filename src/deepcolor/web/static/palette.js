// Colors to choose from for a place: likely ones, any other, or one of the picture.

import { hex } from "./hint-markers.js";
import { element, text } from "./settings.js";

const swatches = element("swatches");

export class Palette {
  picks = false; // whether the next click takes its color from the picture

  // Calls `choose(rgb)` when the visitor chooses a color.
  constructor(choose) {
    this.choose = (rgb) => {
      this.#setPicks(false);
      choose(rgb);
    };
    element("hint-color").addEventListener("input", ({ target }) => this.choose(parse(target.value)));
    element("hint-pick").addEventListener("click", () => this.#setPicks(!this.picks));
  }

  enable(hint) {
    for (const id of ["hint-color", "hint-pick"]) element(id).disabled = !hint;
    if (hint) element("hint-color").value = hex(hint.rgb);
    else this.#setPicks(false);
  }

  // Shows swatches of the given colors.
  show(colors) {
    swatches.replaceChildren(...colors.map((rgb) => this.#newSwatch(rgb)));
  }

  #newSwatch(rgb) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "swatch";
    button.style.setProperty("--color", hex(rgb));
    button.setAttribute("aria-label", text("swatch", { color: hex(rgb) }));
    button.addEventListener("click", () => this.choose(rgb));
    return button;
  }

  #setPicks(picks) {
    this.picks = picks;
    element("hint-pick").setAttribute("aria-pressed", picks);
    element("markers").classList.toggle("is-picking", picks);
  }
}

const parse = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
