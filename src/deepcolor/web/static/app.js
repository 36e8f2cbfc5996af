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

// Asked whenever photos come: browsers may restore the box of a page that is loaded again.
function staysHere() {
  return settings.mode === "browser" || Boolean(element("on-device")?.checked);
}

function showMode() {
  document.documentElement.dataset.mode = staysHere() ? "browser" : "server";
}

function tell(words) {
  element("status").textContent = words;
}

function add(files) {
  const photos = album.add(files, staysHere());
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
  if (photo.state === "failed") tell(say("failed", { name: photo.name, error: photo.failure.message }));
  element("download-all").hidden = album.ready.length < 2;
});

album.addEventListener("removed", ({ detail: photo }) => {
  strip.remove(photo);
  tell(say("removed", photo));
  element("download-all").hidden = album.ready.length < 2;
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

element("on-device")?.addEventListener("change", showMode);

// The form is for browsers without scripts; Enter would send it.
element("form").addEventListener("submit", (event) => event.preventDefault());
element("form").noValidate = true;

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

element("retry").addEventListener("click", () => {
  album.retry(stage.photo);
  element("remove").focus(); // the button that was pressed is gone
});

element("remove").addEventListener("click", () => {
  const next = album.remove(stage.photo);
  if (next) return show(next);
  element("work").hidden = true;
  document.body.classList.remove("has-photos");
  element("photos").focus();
});

// Only now is the page more than its plain form.
document.documentElement.classList.add("js");
showMode();
