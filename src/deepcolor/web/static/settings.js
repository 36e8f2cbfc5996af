// What the page was made with: words, temperatures, mode.

export const settings = JSON.parse(document.getElementById("settings").textContent);

// Returns a text with its {placeholders} filled.
export function say(name, values = {}) {
  return settings.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
