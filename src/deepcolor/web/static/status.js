// The line above the photos: what happens, how far it is, and what is being downloaded.

import { progress } from "./download.js";
import { element, text } from "./settings.js";

const ENDED = ["ready", "failed"];

// Screen readers read the status aloud.
export function announce(message) {
  element("status").textContent = message;
}

// Shows how many photos are done, or what happened to the only one.
export function showProgress({ photos, busy, ready }, photo) {
  const count = photos.length;
  const done = count - busy.length;
  element("overall").hidden = count < 2 || !busy.length;
  element("overall").value = count ? done / count : 0;
  element("cancel").hidden = !photos.some(({ state }) => state === "waiting");
  if (photo.state === "failed" && !photo.told) {
    announce(text("failed", { name: photo.name, error: photo.error.message }));
  } else if (photo.state === "ready" && count === 1 && !photo.told) {
    announce(text("ready", photo));
  } else if (count > 1 && busy.length && ENDED.includes(photo.state) !== photo.told) {
    announce(text("progress", { done: ready.length, count }));
  } else if (count > 1 && !busy.length && !photo.told) {
    const isAll = ready.length === count;
    announce(isAll ? text("all-done", { count }) : text("progress", { done: ready.length, count }));
  }
  photo.told = ENDED.includes(photo.state);
}

// The photo that is shown waits for the download.
progress.addEventListener("progress", ({ detail }) => {
  const waits = !element("results").hidden && !element("waiting").classList.contains("is-failed");
  const [received, size] = [detail.received, detail.size].map((bytes) => (bytes / 1e6).toFixed(1));
  element("progress").max = detail.size;
  if (detail.received < detail.size) element("progress").value = detail.received;
  else element("progress").removeAttribute("value");
  const message = detail.received < detail.size ? text("download-progress", { received, size }) : text("first-time");
  if (waits) element("state").textContent = message;
});
