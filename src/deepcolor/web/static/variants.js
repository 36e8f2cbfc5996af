// Four variants of a photo's colors to choose from, each with a thumbnail.

import { drawSamples } from "./backend.js";
import { shrink } from "./canvas.js";
import { mixMaps, VARIANT_NAMES } from "./chroma.js";
import { element } from "./settings.js";

const SIDE = 128; // longer side of a thumbnail, pixels

export class Variants {
  #shown = null; // the maps of the photo whose thumbnails are drawn

  // Calls `choose(variant)` when the visitor chooses one.
  constructor(choose) {
    element("variants").addEventListener("change", ({ target }) => choose(target.value));
  }

  show(photo) {
    for (const input of inputs()) input.checked = input.value === photo.variant;
    if (photo.state !== "ready" || photo.following || photo.maps === this.#shown) return;
    this.#shown = photo.maps;
    this.#draw(photo).catch(() => {}); // the variants can be chosen without
  }

  async #draw({ before, maps }) {
    const small = await shrink(before, SIDE);
    const samples = await drawSamples(small, VARIANT_NAMES.map((name) => mixMaps(maps, name)));
    small.close();
    if (maps !== this.#shown) return samples.forEach((sample) => sample.close());
    for (const input of inputs()) drawOn(input.nextElementSibling, samples[VARIANT_NAMES.indexOf(input.value)]);
  }
}

const inputs = () => element("variants").querySelectorAll("input");

function drawOn(canvas, bitmap) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
}
