// The page: receives photos, shows one of them and saves results.

import { PhotoList } from "./photo-list.js";
import { PhotoView } from "./photo-view.js";
import { settings, text } from "./settings.js";
import { Thumbnails } from "./thumbnails.js";

const element = (id) => document.getElementById(id);
const list = new PhotoList();
const view = new PhotoView((photo, changes) => list.adjust(photo, changes));
const thumbnails = new Thumbnails(show);

function show(photo) {
  view.show(photo);
  thumbnails.select(photo);
}

// Read whenever photos are added: browsers may restore the checkbox of a reloaded page.
function isOnDevice() {
  return settings.mode === "browser" || Boolean(element("on-device")?.checked);
}

function showMode() {
  document.documentElement.dataset.mode = isOnDevice() ? "browser" : "server";
}

// Screen readers read the status aloud.
function announce(message) {
  element("status").textContent = message;
}

function add(files) {
  const photos = list.add(files, isOnDevice());
  if (!photos.length) return;
  element("results").hidden = false;
  document.body.classList.add("has-photos");
  show(photos[0]);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element("results").scrollIntoView({ behavior: reduced ? "auto" : "smooth", block: "nearest" });
}

list.addEventListener("added", ({ detail: photo }) => thumbnails.add(photo));

list.addEventListener("changed", ({ detail: photo }) => {
  thumbnails.update(photo);
  if (photo === view.photo) view.show(photo);
  if (photo.state === "ready" && !photo.announced) {
    photo.announced = true;
    announce(text("ready", photo));
  }
  if (photo.state === "failed") announce(text("failed", { name: photo.name, error: photo.error.message }));
  element("download-all").hidden = list.ready.length < 2;
});

list.addEventListener("removed", ({ detail: photo }) => {
  thumbnails.remove(photo);
  announce(text("removed", photo));
  element("download-all").hidden = list.ready.length < 2;
});

// Adding photos.

for (const id of ["photos", "camera"]) {
  element(id).addEventListener("change", ({ target }) => {
    add([...target.files]);
    target.value = ""; // so that the same photo can be chosen again
  });
}

document.addEventListener("paste", ({ clipboardData }) => add(clipboardData.files));

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("is-dragging");
});

document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove("is-dragging");
});

document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("is-dragging");
  add(event.dataTransfer.files);
});

element("example").addEventListener("click", async () => {
  const response = await fetch("example.jpg");
  add([new File([await response.blob()], "example.jpg", { type: "image/jpeg" })]);
});

element("on-device")?.addEventListener("change", showMode);

// Only browsers without JavaScript submit the form; here, Enter would submit it.
element("form").addEventListener("submit", (event) => event.preventDefault());
element("form").noValidate = true;

// Saving, retrying and removing photos.

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  announce(text("saved", { name }));
}

// Shows the progress on the button that was pressed.
async function renderAndSave(button, render) {
  const label = button.textContent;
  button.disabled = true;
  announce(text("rendering"));
  try {
    save(await render((share) => (button.textContent = `${label} ${Math.round(share * 100)} %`)));
  } catch (error) {
    announce(text("failed", { name: label, error: error.message }));
  }
  button.textContent = label;
  button.disabled = false;
}

element("download").addEventListener("click", ({ target }) => {
  renderAndSave(target, (onProgress) => list.render(view.photo, onProgress));
});

element("download-all").addEventListener("click", ({ target }) => {
  renderAndSave(target, async (onProgress) => ({ name: "photos.zip", blob: await list.renderAll(onProgress) }));
});

element("retry").addEventListener("click", () => {
  list.retry(view.photo);
  element("remove").focus(); // the pressed button is hidden now
});

element("remove").addEventListener("click", () => {
  const next = list.remove(view.photo);
  if (next) return show(next);
  element("results").hidden = true;
  document.body.classList.remove("has-photos");
  element("photos").focus();
});

// Style sheets hide what needs JavaScript until here.
document.documentElement.classList.add("js");
showMode();
