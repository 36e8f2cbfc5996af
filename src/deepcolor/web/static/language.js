// Changes the language in place: a reload would lose what the visitor does at the moment.

import { readSettings, settings } from "./settings.js";

const ATTRIBUTES = ["aria-label", "aria-current"];

// Calls `onChange()` after the texts have changed.
export function followLanguageLinks(onChange) {
  for (const link of document.querySelectorAll("nav a[hreflang]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const changed = await changeLanguage(link.href).catch(() => false);
      if (!changed) return location.assign(link.href);
      history.replaceState(null, "", link.href);
      onChange();
    });
  }
}

// A host of plain files cannot see which language the browser prefers.
export async function chooseLanguage(onChange) {
  const isChosen = /\/[a-z]{2}\.html$/.test(location.pathname);
  if (isChosen || settings.mode !== "browser") return;
  const links = [...document.querySelectorAll("nav a[hreflang]")];
  const offered = Object.fromEntries(links.map((link) => [link.hreflang, link.href]));
  const wanted = navigator.languages.map((tag) => tag.split("-")[0]).find((name) => offered[name]);
  if (!wanted || wanted === settings.language) return;
  if (await changeLanguage(offered[wanted]).catch(() => false)) onChange();
}

// The page in the other language has the same elements in the same order.
async function changeLanguage(url) {
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const [ours, theirs] = [document, page].map((each) => each.querySelectorAll("[data-t]"));
  if (ours.length !== theirs.length) return false; // a newer version of the page
  ours.forEach((element, index) => translate(element, theirs[index]));
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  const { language, texts } = readSettings(page);
  Object.assign(settings, { language, texts });
  return true;
}

function translate(element, other) {
  for (const name of ATTRIBUTES) {
    if (other.hasAttribute(name)) element.setAttribute(name, other.getAttribute(name));
    else element.removeAttribute(name);
  }
  if (other.children.length || !other.textContent) return;
  if (element.dataset.label) element.dataset.label = other.textContent; // of a button that works
  else element.textContent = other.textContent;
}
