// Short notices at the edge of the page, read aloud, which leave by themselves or on a press.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { textNodes } from "./emoji.js";

const STAY = 6000;

const hushed = new Set();

/**
 * Keep a sentence from being shown for a moment, because the person reads it elsewhere.
 * @param {string} sentence
 */
export function hush(sentence) {
  hushed.add(sentence);
  setTimeout(() => hushed.delete(sentence), 3000);
  for (const shown of document.querySelectorAll(".toast")) if (shown.dataset.sentence === sentence) shown.remove();
}

/**
 * Show a sentence.
 * @param {string} sentence
 * @param {"info"|"error"} [kind]
 */
export function toast(sentence, kind = "info") {
  if (hushed.has(sentence)) return;
  const region = document.getElementById("toasts");
  // A new notice makes an older one stale; what went wrong stays until it was read.
  for (const shown of [...region.children]) if (shown.dataset.sentence === sentence || shown.matches(".is-info")) shown.remove();
  while (region.children.length > 3) region.firstElementChild.remove();
  const node = h(
    "div.toast",
    { role: kind === "error" ? "alert" : "status", class: `is-${kind}`, dataset: { sentence, testid: "toast" } },
    icon(kind === "error" ? "alert" : "info"),
    h("span.toast-text", {}, textNodes(sentence)),
    h("button.icon-button", { type: "button", "aria-label": "Dismiss notice", onclick: () => node.remove() }, icon("close")),
  );
  region.append(node);
  let timer = setTimeout(() => node.remove(), STAY);
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => {
    timer = setTimeout(() => node.remove(), STAY / 2);
  });
}

/**
 * Show why something failed.
 * @param {Error} error
 */
export function toastError(error) {
  toast(error.message, "error");
}
