// Settings that the server wrote into the page: mode, files, texts.

export const element = (id) => document.getElementById(id);

export const settings = readSettings(document);

export function readSettings(page) {
  return JSON.parse(page.getElementById("settings").textContent);
}

// Returns a text with its {placeholders} filled.
export function text(name, values = {}) {
  return settings.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
