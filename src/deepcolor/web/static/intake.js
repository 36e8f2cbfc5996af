// How photos come in: chosen, taken, pasted, dropped, or an example.

import { element, text } from "./settings.js";
import { announce } from "./status.js";

// Calls `add(files, isExample)`.
export function receivePhotos(add) {
  for (const id of ["photos", "camera"]) {
    element(id).addEventListener("change", ({ target }) => {
      add([...target.files]);
      target.value = ""; // so that the same photo can be chosen again
    });
  }
  document.addEventListener("paste", (event) => addTransferred(event.clipboardData, add));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("is-dragging");
    if (!dragged) addTransferred(event.dataTransfer, add);
  });
  for (const button of document.querySelectorAll(".example")) {
    button.addEventListener("click", () => addExample(button.dataset.name, add));
  }
}

// Text and addresses are not photos, and nothing is fetched from other sites.
function addTransferred({ files, types }, add) {
  if (files.length) add([...files]);
  else if (types.length) announce(text("not-files"));
}

async function addExample(name, add) {
  try {
    const response = await fetch(`examples/${name}.jpg`);
    if (!response.ok) throw new Error(`status ${response.status}`);
    add([new File([await response.blob()], `${name}.jpg`, { type: "image/jpeg" })], true);
  } catch {
    announce(text("failed", { name, error: text("error-connection") }));
  }
}

// The picture of a result that is dragged over the page must not come in again.
let dragged = false;
document.addEventListener("dragstart", () => (dragged = true));
document.addEventListener("dragend", () => (dragged = false));

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  if (!dragged) document.body.classList.add("is-dragging");
});

document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove("is-dragging");
});
