// The colors of a photo follow its hints: quickly first, then in full quality.

import { followHints } from "./backend.js";

// Predicts until the maps follow the latest hints, and calls `draw` whenever they are new.
export async function followLatest(photo, draw) {
  for (let done = null; done !== photo.hints && photo.state === "ready"; ) {
    done = photo.hints;
    await follow(photo, true, draw);
    photo.followed = done;
    if (done === photo.hints) await follow(photo, false, draw);
  }
}

async function follow(photo, isQuick, draw) {
  const maps = await mapsOf(photo, isQuick);
  if (photo.state !== "ready") return;
  Object.assign(photo, { maps, isQuick });
  await draw();
  photo.isQuick = false;
}

// Returns the maps to draw: those that follow the hints, or those without any.
export async function mapsOf(photo, isQuick = false) {
  return photo.hints.length ? [(await followHints(photo, photo.hints, isQuick)).map] : photo.predicted;
}
