// The divider between before and after: by keyboard, by its handle, by a click or, with a finger, from
// anywhere. With a mouse the picture itself can be dragged out of the page and has its own menu.

import { element, text } from "./settings.js";

const compare = element("compare");
const divider = element("divider");
const REACH = 24; // pixels on each side of the line that count as its handle

export function drawDivider() {
  compare.style.setProperty("--divider", `${divider.value}%`);
  divider.setAttribute("aria-valuetext", text("divider-value", { share: divider.value }));
}

function moveTo({ clientX }) {
  const { left, width } = compare.getBoundingClientRect();
  divider.value = (100 * (clientX - left)) / width;
  drawDivider();
}

function isNear({ clientX }) {
  const { left, width } = compare.getBoundingClientRect();
  return Math.abs(clientX - left - (divider.value / 100) * width) <= REACH;
}

divider.addEventListener("input", drawDivider);

compare.addEventListener("pointerdown", (event) => {
  const drags = event.pointerType === "touch" || isNear(event);
  if (divider.disabled || event.button !== 0 || !drags) return;
  if (event.pointerType !== "touch") event.preventDefault(); // the picture stays where it is
  compare.setPointerCapture(event.pointerId);
  divider.focus({ focusVisible: false });
});

compare.addEventListener("pointermove", (event) => {
  if (compare.hasPointerCapture(event.pointerId)) moveTo(event);
  compare.classList.toggle("is-near", isNear(event));
});

compare.addEventListener("click", (event) => {
  if (!divider.disabled && event.detail) moveTo(event);
});

// A mouse that presses the handle must not drag the picture.
element("after").addEventListener("dragstart", (event) => {
  if (isNear(event)) event.preventDefault();
});
