// Settings that the server wrote into the page: mode, temperatures, texts.

export const settings = JSON.parse(document.getElementById("settings").textContent);

// Returns a text with its {placeholders} filled.
export function text(name, values = {}) {
  return settings.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
