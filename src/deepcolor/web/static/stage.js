// The photo in view: before and after with a divider between, and its settings.

import { say, settings } from "./settings.js";

const element = (id) => document.getElementById(id);
const compare = element("compare");
const divider = element("divider");

export class Stage {
  photo = null;

  // `adjust(photo, wishes)` is called when the visitor moves a setting.
  constructor(adjust) {
    divider.addEventListener("input", divide);
    divide();
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
    element("size").textContent = width ? say("pixels", { width, height }) : "";
    const shown = before ?? { width: 2, height: 1 };
    compare.style.setProperty("--ratio", shown.width / shown.height);
    compare.classList.toggle("is-ready", state === "ready");
    paint(element("before"), before, say("before-of", { name }));
    paint(element("after"), after ?? before, say("after-of", { name }));
    divider.disabled = state !== "ready";
    this.#showState(photo);
    showSettings(photo);
  }

  #showState({ name, state, failure, onDevice }) {
    const [ready, failed] = [state === "ready", state === "failed"];
    const words = state === "coloring" && onDevice ? "first-time" : state;
    element("waiting").hidden = ready;
    element("waiting").classList.toggle("is-failed", failed);
    element("progress").hidden = failed;
    element("state").textContent = ready ? "" : say(words, { name, error: failure?.message });
    for (const id of ["controls", "download"]) element(id).hidden = failed;
    element("controls").inert = element("download").disabled = !ready;
    element("retry").hidden = !(failed && failure.mayPass);
  }
}

function divide() {
  compare.style.setProperty("--at", `${divider.value}%`);
  divider.setAttribute("aria-valuetext", say("divider-value", { share: divider.value }));
}

function showSettings({ strength, vividness, state, drawing }) {
  const busy = state === "ready" ? Boolean(drawing) : state !== "failed";
  compare.setAttribute("aria-busy", busy);
  set("strength", strength, `${Math.round(strength * 100)} %`);
  const words = vividness === 0 ? say("accurate") : vividness === 1 ? say("vivid") : `${Math.round(vividness * 100)} %`;
  set("vividness", vividness, words);
}

function set(name, value, words) {
  element(name).value = value * 100;
  element(name).setAttribute("aria-valuetext", words);
  element(`${name}-value`).textContent = words;
}

function paint(canvas, image, label) {
  canvas.setAttribute("aria-label", label);
  if (!image) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
}
