// Dialogs in front of the page: focus stays inside, Escape closes, and the focus goes back to where it was.

import { focusables, freshId, h } from "./dom.js";
import { textOf } from "./textobjects.js";

const open = [];

/**
 * Put a dialog in front of the page.
 * @param {HTMLElement} panel with `role="dialog"`
 * @param {{onEscape: () => void, onBackdrop?: () => void, className?: string}} how
 * @returns {{close: () => void, layer: HTMLElement}}
 */
export function openDialog(panel, { onEscape, onBackdrop, className = "" }) {
  const before = document.activeElement;
  const layer = h("div.layer", { class: className }, panel);
  panel.setAttribute("aria-modal", "true");
  document.getElementById("overlays").append(layer);
  const entry = { layer, close };
  open.push(entry);
  inertBelow();

  layer.addEventListener("pointerdown", (event) => {
    if (event.target === layer) onBackdrop?.();
  });
  layer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    } else if (event.key === "Tab") trap(event, panel);
  });
  function close() {
    const at = open.indexOf(entry);
    if (at < 0) return;
    open.splice(at, 1);
    layer.remove();
    inertBelow();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  }
  return entry;
}

function inertBelow() {
  document.getElementById("app").inert = open.length > 0;
  open.forEach((entry, index) => {
    entry.layer.inert = index < open.length - 1;
  });
}

function trap(event, panel) {
  const stops = focusables(panel);
  if (!stops.length) {
    event.preventDefault();
    return;
  }
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const active = document.activeElement;
  if (event.shiftKey && (active === first || !panel.contains(active) || active === panel)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (active === last || !panel.contains(active))) {
    event.preventDefault();
    first.focus();
  }
}

/** @returns {boolean} whether any dialog is in front of the page */
export function dialogIsOpen() {
  return open.length > 0;
}

/**
 * Ask before acting, with a Block Kit confirmation object.
 * @param {any} confirm
 * @returns {Promise<boolean>}
 */
export function askConfirm(confirm) {
  return new Promise((resolve) => {
    const titleId = freshId("confirm");
    const done = (answer) => {
      dialog.close();
      resolve(answer);
    };
    const yes = h("button.btn", { type: "button", class: confirm.style === "danger" ? "danger-solid" : "primary", onclick: () => done(true) },
      textOf(confirm.confirm, "Yes"));
    const panel = h(
      "div.modal.modal-small",
      { role: "alertdialog", "aria-labelledby": titleId, dataset: { testid: "confirm" } },
      h("div.modal-head", {}, h("h2.modal-title", { id: titleId }, textOf(confirm.title, "Are you sure?"))),
      h("div.modal-body", {}, textOf(confirm.text, "")),
      h("div.modal-foot", {}, h("button.btn", { type: "button", onclick: () => done(false) }, textOf(confirm.deny, "Cancel")), yes),
    );
    const dialog = openDialog(panel, { onEscape: () => done(false), onBackdrop: () => done(false) });
    yes.focus();
  });
}
