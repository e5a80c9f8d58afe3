// Menus: short lists of things to do, opened by a button and walked with the arrow keys.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openPopover } from "./popover.js";

/**
 * Open a menu beside its button.
 * @param {HTMLElement} anchor
 * @param {{label: string, items: ({heading: string} | {label: string, hint?: string, icon?: string, danger?: boolean, url?: string|null, onPick: () => void})[], align?: "start"|"end", above?: boolean, onClose?: () => void}} how
 */
export function openMenu(anchor, { label, items, align = "start", above = false, onClose }) {
  const rows = items.map((item) => {
    if ("heading" in item) return h("div.menu-heading", { role: "presentation" }, item.heading);
    return h(
      item.url ? "a.menu-item" : "button.menu-item",
      {
        role: "menuitem",
        tabindex: "-1",
        class: item.danger ? "is-danger" : "",
        ...(item.url ? { href: item.url, target: "_blank", rel: "noopener noreferrer" } : { type: "button" }),
        onclick: () => {
          popover.close();
          item.onPick();
        },
      },
      item.icon && icon(item.icon),
      h("span.menu-text", {}, h("span", {}, item.label), item.hint && h("span.menu-hint", {}, item.hint)),
    );
  });
  const buttons = rows.filter((row) => row.getAttribute("role") === "menuitem");
  const menu = h("div.menu", { role: "menu", "aria-label": label }, rows);
  menu.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 };
    let next = moves[event.key];
    if (next === undefined && event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      const found = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)].find((button) =>
        button.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      next = found && buttons.indexOf(found);
    }
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next % buttons.length].focus();
  });
  anchor.setAttribute("aria-expanded", "true");
  const popover = openPopover(anchor, menu, {
    align,
    above,
    onClose: () => {
      anchor.setAttribute("aria-expanded", "false");
      onClose?.();
    },
  });
  buttons[0]?.focus({ preventScroll: true });
}
