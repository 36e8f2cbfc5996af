// The page: receives photos, shows one of them and saves results.

import { FIRST } from "./backend.js";
import { Correction } from "./correction.js";
import { load } from "./download.js";
import { receivePhotos } from "./intake.js";
import { chooseLanguage, followLanguageLinks } from "./language.js";
import { PhotoList } from "./photo-list.js";
import { PhotoView } from "./photo-view.js";
import { Saving } from "./saving.js";
import { keepSession } from "./session.js";
import { element, settings, text } from "./settings.js";
import { announce, showProgress } from "./status.js";
import { Thumbnails } from "./thumbnails.js";

const list = new PhotoList();
const view = new PhotoView((photo, changes) => list.adjust(photo, changes));
const thumbnails = new Thumbnails(show, remove);
const correction = new Correction(list);
new Saving(list, view);

function show(photo) {
  view.show(photo);
  correction.show(photo);
  thumbnails.select(photo);
  element("undo").hidden = true;
}

// Read whenever photos are added: browsers may restore the checkbox of a reloaded page.
function isOnDevice() {
  return settings.mode === "browser" || Boolean(element("on-device")?.checked);
}

function showMode() {
  document.documentElement.dataset.mode = isOnDevice() ? "browser" : "server";
}

function showPhotos(photos) {
  if (!photos.length) return;
  element("results").hidden = false;
  document.body.classList.add("has-photos");
  show(photos[0]);
}

list.addEventListener("added", ({ detail: photo }) => thumbnails.add(photo, list.photos.indexOf(photo)));

list.addEventListener("changed", ({ detail: photo }) => {
  thumbnails.update(photo);
  if (photo === view.photo) {
    view.show(photo);
    correction.show(photo);
  }
  showProgress(list, photo);
  showCounts();
});

list.addEventListener("problem", ({ detail: { photo, error } }) => {
  announce(text("failed", { name: photo.name, error: error.message }));
});

list.addEventListener("removed", ({ detail: photo }) => {
  thumbnails.delete(photo);
  showProgress(list, photo);
  showCounts();
});

function showCounts() {
  element("download-all").hidden = list.ready.length < 2;
  element("apply-all").hidden = list.photos.length < 2;
}

// Adding photos. Focus goes to what the visitor wants next.
receivePhotos((files, isExample) => {
  const photos = list.add(files, isOnDevice(), isExample);
  showPhotos(photos);
  if (isExample) view.focusWhenReady();
});

keepSession(list, (records) => {
  showPhotos(list.restore(records));
  view.focusWhenReady();
});

element("on-device")?.addEventListener("change", showMode);

// Only browsers without JavaScript submit the form; here, Enter would submit it.
element("form").addEventListener("submit", (event) => event.preventDefault());
element("form").noValidate = true;

element("retry").addEventListener("click", () => {
  announce("");
  list.retry(view.photo);
  element("remove").focus(); // the pressed button is hidden now
});

element("apply-all").addEventListener("click", () => {
  list.applyToAll(view.photo);
  announce(text("applied", { count: list.photos.length }));
});

element("cancel").addEventListener("click", () => {
  list.cancelWaiting();
  announce(text("canceled"));
  element("remove").focus(); // the pressed button is hidden now
});

// Removing a photo, and undoing it.

let removed = null; // {photo, index}

function remove(photo) {
  const index = list.photos.indexOf(photo);
  const next = list.remove(photo);
  removed = { photo, index };
  if (next) {
    show(next);
  } else {
    element("results").hidden = true;
    document.body.classList.remove("has-photos");
    correction.show(null);
    element("photos").focus();
  }
  announce(text("removed", photo));
  element("undo").hidden = false;
}

element("remove").addEventListener("click", () => remove(view.photo));

element("undo").addEventListener("click", () => {
  showPhotos([list.putBack(removed.photo, removed.index)]);
  element("remove").focus(); // the pressed button is hidden now
});

function showTexts() {
  thumbnails.updateAll();
  if (view.photo && !element("results").hidden) {
    view.show(view.photo);
    correction.show(view.photo);
  }
  announce("");
}

followLanguageLinks(showTexts);
chooseLanguage(showTexts);

// While the visitor chooses photos, what their colors need is on its way.
function prefetch() {
  if (navigator.connection?.saveData) return;
  const names = isOnDevice() ? ["runtime", "recolor", FIRST] : ["runtime", "recolor"];
  for (const name of names) load(name).catch(() => {}); // a photo that needs it asks again
}
(self.requestIdleCallback ?? setTimeout)(prefetch);
navigator.serviceWorker?.register("sw.js").catch(() => {}); // the page works without

// Style sheets hide what needs JavaScript until here.
document.documentElement.classList.add("js");
showMode();
