// The selected photo: before and after with a divider between them, and its settings.

import { settings, text } from "./settings.js";

const element = (id) => document.getElementById(id);
const compare = element("compare");
const divider = element("divider");

export class PhotoView {
  photo = null;

  // Calls `adjust(photo, changes)` when the visitor changes a setting.
  constructor(adjust) {
    divider.addEventListener("input", moveDivider);
    moveDivider();
    for (const name of ["strength", "vividness"]) {
      element(name).addEventListener("input", () => {
        adjust(this.photo, { [name]: element(name).valueAsNumber / 100 });
        showSettings(this.photo);
      });
    }
    element("reset").addEventListener("click", () => {
      adjust(this.photo, { strength: 1, vividness: settings.vividness });
      showSettings(this.photo);
    });
    element("vividness-setting").hidden = settings.temperatures.length < 2;
  }

  show(photo) {
    this.photo = photo;
    const { name, width, height, before, after, state } = photo;
    element("name").textContent = name;
    element("size").textContent = width ? text("pixels", { width, height }) : "";
    const image = before ?? { width: 2, height: 1 };
    compare.style.setProperty("--ratio", image.width / image.height);
    compare.classList.toggle("is-ready", state === "ready");
    draw(element("before"), before, text("before-of", { name }));
    draw(element("after"), after ?? before, text("after-of", { name }));
    divider.disabled = state !== "ready";
    showState(photo);
    showSettings(photo);
  }
}

function showState({ name, state, error, onDevice }) {
  const [ready, failed] = [state === "ready", state === "failed"];
  const message = state === "coloring" && onDevice ? "first-time" : state;
  element("waiting").hidden = ready;
  element("waiting").classList.toggle("is-failed", failed);
  element("progress").hidden = failed;
  element("state").textContent = ready ? "" : text(message, { name, error: error?.message });
  for (const id of ["controls", "download"]) element(id).hidden = failed;
  element("controls").inert = element("download").disabled = !ready;
  element("retry").hidden = !(failed && error.retryable);
}

function moveDivider() {
  compare.style.setProperty("--divider", `${divider.value}%`);
  divider.setAttribute("aria-valuetext", text("divider-value", { share: divider.value }));
}

function showSettings({ strength, vividness, state, drawing }) {
  const busy = state === "ready" ? Boolean(drawing) : state !== "failed";
  compare.setAttribute("aria-busy", busy);
  const named = strength === settings.vivid ? ` · ${text("vivid")}` : "";
  setSlider("strength", strength, percent(strength) + named);
  const ends = { 0: text("accurate"), 1: text("vivid") };
  setSlider("vividness", vividness, ends[vividness] ?? percent(vividness));
}

const percent = (share) => `${Math.round(share * 100)} %`;

function setSlider(name, value, label) {
  element(name).value = value * 100;
  element(name).setAttribute("aria-valuetext", label);
  element(`${name}-value`).textContent = label;
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
