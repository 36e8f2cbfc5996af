// The page: where photos come in, what is in view, and what goes out.

import { Album } from "./album.js";
import { say, settings } from "./settings.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";

const element = (id) => document.getElementById(id);
const album = new Album();
const stage = new Stage((photo, wishes) => album.adjust(photo, wishes));
const strip = new Strip(show);

function show(photo) {
  stage.show(photo);
  strip.press(photo);
}

function tell(words) {
  element("status").textContent = words;
}

function add(files) {
  const photos = album.add(files);
  if (!photos.length) return;
  element("work").hidden = false;
  document.body.classList.add("has-photos");
  show(photos[0]);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element("work").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
}

album.addEventListener("added", ({ detail: photo }) => strip.add(photo));

album.addEventListener("changed", ({ detail: photo }) => {
  strip.update(photo);
  if (photo === stage.photo) stage.show(photo);
  if (photo.state === "ready" && !photo.told) {
    photo.told = true;
    tell(say("ready", photo));
  }
  if (photo.state === "failed") tell(say("failed", photo));
  element("download-all").hidden = album.ready.length < 2;
});

album.addEventListener("removed", ({ detail: photo }) => {
  strip.remove(photo);
  tell(say("removed", photo));
  const next = album.photos.at(-1);
  element("download-all").hidden = album.ready.length < 2;
  element("work").hidden = !next;
  document.body.classList.toggle("has-photos", Boolean(next));
  if (next) show(next);
  element("photos").focus();
});

// Where photos come from.

for (const id of ["photos", "camera"]) {
  element(id).addEventListener("change", ({ target }) => {
    add([...target.files]);
    target.value = ""; // the same photo may be chosen again
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
  const answer = await fetch("example.jpg");
  add([new File([await answer.blob()], "example.jpg", { type: "image/jpeg" })]);
});

element("on-device")?.addEventListener("change", ({ target }) => {
  album.onDevice = target.checked;
});

// Where they go.

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell(say("saved", { name }));
}

async function render(button, make) {
  const words = button.textContent;
  button.disabled = true;
  tell(say("rendering"));
  const told = (share) => (button.textContent = `${words} ${Math.round(share * 100)} %`);
  try {
    save(await make(told));
  } catch (failure) {
    tell(say("failed", { name: words, error: failure.message }));
  }
  button.textContent = words;
  button.disabled = false;
}

element("download").addEventListener("click", ({ target }) => {
  render(target, (told) => album.render(stage.photo, told));
});

element("download-all").addEventListener("click", ({ target }) => {
  render(target, async (told) => ({ name: "photos.zip", blob: await album.renderAll(told) }));
});

element("remove").addEventListener("click", () => album.remove(stage.photo));

// Only now is the page more than its plain form.
document.documentElement.classList.add("js");
document.documentElement.dataset.mode = settings.mode;
