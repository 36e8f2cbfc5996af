// Taking results: download, ZIP, share, copy, before/after picture, and the full size to look at.

import { cancelRendering, render, renderPair } from "./render.js";
import { element, text } from "./settings.js";
import { announce } from "./status.js";
import { zipFiles } from "./zip.js";

const CANCELABLE_AFTER = 600; // ms; the second click of a double-click cancels nothing

export class Saving {
  constructor(list, view) {
    this.list = list;
    this.view = view;
    this.#on("download", (onProgress) => this.#download(onProgress));
    this.#on("download-all", (onProgress) => this.#downloadAll(onProgress));
    this.#on("share", (onProgress) => this.#share(onProgress));
    this.#on("copy", (onProgress) => this.#copy(onProgress));
    this.#on("pair", async () => save(await renderPair(view.photo, [text("before"), text("after")])));
    this.#on("zoom", (onProgress) => this.#zoom(onProgress));
    element("share").hidden = !navigator.canShare?.({ files: [new File([], "a.jpg", { type: "image/jpeg" })] });
    element("after").addEventListener("dragstart", (event) => this.#drag(event));
    element("full").addEventListener("close", () => URL.revokeObjectURL(element("full-image").src));
  }

  // While it works, the pressed button soon shows the progress, and then cancels.
  #on(id, work) {
    const button = element(id);
    const { dataset } = button; // the label is kept here, where `language.js` changes it
    let cancels = false;
    let share = 0;
    const show = () => {
      if (cancels) button.textContent = `${text("cancel")} (${Math.round(share * 100)} %)`;
    };
    const onProgress = (done) => {
      share = done;
      show();
    };
    const letCancel = () => {
      cancels = true;
      show();
    };
    button.addEventListener("click", async () => {
      if (dataset.label) return cancels && cancelRendering();
      dataset.label = button.textContent;
      share = 0;
      const timer = setTimeout(letCancel, CANCELABLE_AFTER);
      announce(text("rendering"));
      try {
        announce((await work(onProgress)) ?? "");
      } catch (error) {
        announce(reasonOf(error, dataset.label));
      }
      clearTimeout(timer);
      cancels = false;
      button.textContent = dataset.label;
      delete dataset.label;
    });
  }

  async #download(onProgress) {
    const { photo } = this.view;
    const result = await render(photo, onProgress);
    this.list.markSaved([photo]);
    return save(result);
  }

  async #downloadAll(onProgress) {
    const { ready } = this.list;
    const files = [];
    for (const [index, photo] of ready.entries()) {
      const file = await render(photo, (share) => onProgress((index + share) / ready.length));
      files.push({ ...file, name: uniqueName(file.name, files) });
    }
    const blob = await zipFiles(files);
    this.list.markSaved(ready);
    return save({ name: "photos.zip", blob });
  }

  async #share(onProgress) {
    const { photo } = this.view;
    const { name, blob } = await render(photo, onProgress);
    await navigator.share({ files: [new File([blob], name, { type: blob.type })] });
    this.list.markSaved([photo]);
  }

  // The clipboard takes PNG only. Safari wants the promise at once.
  async #copy(onProgress) {
    const { photo } = this.view;
    const png = render(photo, onProgress).then(({ blob }) => toPng(blob));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    return text("copied", photo);
  }

  async #zoom(onProgress) {
    const { photo } = this.view;
    const { blob } = await render(photo, onProgress);
    const image = element("full-image");
    image.src = URL.createObjectURL(blob);
    image.alt = text("after-of", photo);
    await image.decode();
    element("full").showModal();
  }

  // Gives the dragged picture a name.
  #drag(event) {
    const { name, after } = this.view.photo;
    const file = `${name.replace(/\.[^.]*$/, "")}-colorized.jpg`;
    event.dataTransfer.setData("DownloadURL", `image/jpeg:${file}:${after.src}`);
  }
}

// What the visitor has canceled has not failed.
function reasonOf(error, name) {
  if (error.name === "AbortError") return "";
  return error.code === "canceled" ? text("canceled") : text("failed", { name, error: error.message });
}

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return text("saved", { name });
}

async function toPng(blob) {
  if (blob.type === "image/png") return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

function uniqueName(name, files) {
  const [, stem, suffix] = /^(.*)(\.[^.]*)$/.exec(name);
  let result = name;
  for (let number = 2; files.some((file) => file.name === result); number++) {
    result = `${stem}-${number}${suffix}`;
  }
  return result;
}
