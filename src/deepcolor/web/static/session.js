// Work that a reload or a closed tab would lose: offered again, or asked about before.

import { element, text } from "./settings.js";
import { forgetAll, keptPhotos } from "./storage.js";

// Calls `restore(records)` when the visitor continues with the photos of an earlier visit.
export async function keepSession(list, restore) {
  addEventListener("beforeunload", (event) => {
    if (list.unsaved.length) event.preventDefault();
  });
  const records = await keptPhotos();
  // Photos that came in meanwhile are kept under keys of their own.
  if (!records.length) return;
  element("continue-question").textContent = text("continue-question", { count: records.length });
  element("continue").hidden = false;
  element("continue-yes").addEventListener("click", () => {
    element("continue").hidden = true;
    restore(records);
  });
  element("continue-no").addEventListener("click", async () => {
    element("continue").hidden = true;
    element("photos").focus();
    await forgetAll();
  });
}
