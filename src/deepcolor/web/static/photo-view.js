// The selected photo: before and after with a divider between them, and its settings.

import { drawDivider } from "./divider.js";
import { element, text } from "./settings.js";
import { Variants } from "./variants.js";

const compare = element("compare");
const READY = [...document.querySelectorAll(".for-ready"), element("share"), element("download")];

export class PhotoView {
  photo = null;
  #wantsFocus = false;
  #variants = new Variants((variant) => this.#adjust({ variant }));

  // Calls `adjust(photo, changes)` when the visitor changes a setting.
  constructor(adjust) {
    this.adjust = adjust;
    element("strength").addEventListener("input", ({ target }) => {
      this.#adjust({ strength: target.valueAsNumber / 100 });
    });
    element("reset").addEventListener("click", () => this.#adjust());
  }

  #adjust(changes) {
    this.adjust(this.photo, changes);
    showSettings(this.photo);
    this.#variants.show(this.photo);
  }

  // The pressed button is hidden now. What the visitor wants next is the divider, which is disabled
  // until the photo is ready.
  focusWhenReady() {
    this.#wantsFocus = true;
    this.show(this.photo);
  }

  show(photo) {
    this.photo = photo;
    const { name, width, height, before, after, state } = photo;
    element("name").textContent = name;
    element("size").textContent = width ? text("pixels", { width, height }) : "";
    element("note").textContent = notes(photo).join(" ");
    const image = before ?? { width: 3, height: 2 };
    compare.style.setProperty("--ratio", image.width / image.height);
    compare.classList.toggle("is-ready", state === "ready");
    draw(element("before"), before, text("before-of", { name }));
    showImage(element("after"), after, text("after-of", { name }));
    element("divider").disabled = state !== "ready";
    if (this.#wantsFocus && ["ready", "failed"].includes(state)) this.#focus(state);
    drawDivider();
    showState(photo);
    showSettings(photo);
    this.#variants.show(photo);
  }

  #focus(state) {
    this.#wantsFocus = false;
    const isNowhere = document.activeElement === document.body; // the visitor has gone nowhere else
    if (isNowhere) element(state === "ready" ? "divider" : "remove").focus();
  }
}

// What is not kept of a photo.
function notes({ kind, form, bits, inColor, isExample, state }) {
  if (state !== "ready") return [];
  const found = [];
  if (inColor && !isExample) found.push(text("in-color"));
  if (bits > 8) found.push(text("bits"));
  if (kind && kind !== form) found.push(text("becomes", { format: form.toUpperCase() }));
  return found;
}

function showState({ name, state, error, onDevice }) {
  const [ready, failed] = [state === "ready", state === "failed"];
  const message = state === "coloring" && onDevice ? "first-time" : state;
  element("waiting").hidden = ready;
  element("waiting").classList.toggle("is-failed", failed);
  element("progress").hidden = failed;
  element("state").textContent = ready ? "" : text(message, { name, error: error?.message });
  element("controls").hidden = failed;
  element("controls").inert = !ready;
  for (const button of READY) button.disabled = !ready;
  element("download").hidden = failed;
  element("retry").hidden = !(failed && error.retryable);
}

function showSettings({ strength, state, drawing, following }) {
  const busy = state === "ready" ? Boolean(drawing || following) : state !== "failed";
  compare.setAttribute("aria-busy", busy);
  const label = `${Math.round(strength * 100)} %`;
  element("strength").value = strength * 100;
  element("strength").setAttribute("aria-valuetext", label);
  element("strength-value").textContent = label;
}

function showImage(image, shown, label) {
  image.alt = label;
  if (shown) image.src = shown.src;
  else image.removeAttribute("src");
}

function draw(canvas, image, label) {
  canvas.setAttribute("aria-label", label);
  if (!image) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
}
