// Colors to choose from for a place: likely ones, any other, or one of the picture.

import { hex } from "./hint-markers.js";
import { element, text } from "./settings.js";

const swatches = element("swatches");

const picker = element("hint-color");

export class Palette {
  picks = false; // whether the next click takes its color from the picture
  #isTrying = false; // whether a color was chosen since the color picker opened

  // Calls `choose(rgb, isFirst)` when the visitor chooses a color: again and again while a color picker
  // is open. Calls `sample(isOn)` when a color of the picture is wanted without a pointer, or not any more.
  constructor(choose, sample) {
    this.sample = sample;
    this.choose = (rgb, isFirst = true) => {
      this.stopPicking();
      choose(rgb, isFirst);
    };
    picker.addEventListener("input", () => {
      const isFirst = !this.#isTrying;
      this.#isTrying = true;
      this.choose(parse(picker.value), isFirst);
    });
    for (const name of ["click", "change"]) picker.addEventListener(name, () => (this.#isTrying = false));
    element("hint-pick").addEventListener("click", ({ detail }) => {
      this.#setPicks(!this.picks);
      if (this.picks && !detail) sample(true); // a key was pressed, no pointer
    });
  }

  // The next click does not take a color any more.
  stopPicking() {
    this.#setPicks(false);
  }

  enable(hint) {
    for (const button of [picker, element("hint-pick")]) button.disabled = !hint;
    if (hint) picker.value = hex(hint.rgb);
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
    if (!picks) this.sample(false);
  }
}

const parse = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
