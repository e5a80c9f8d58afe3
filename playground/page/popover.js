// Boxes that float beside the control that opened them: placed to fit, closed by Escape or a press elsewhere.

import { h } from "./dom.js";

let current = null;

/**
 * Open a box beside `anchor`. Only one is open at a time.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {{onClose?: () => void, width?: "anchor"|number, align?: "start"|"end", above?: boolean, beside?: HTMLElement}} [how]
 *   `beside` is what to stand beside when that is more than the control
 * @returns {{close: (restoreFocus?: boolean) => void, place: () => void, box: HTMLElement}}
 */
export function openPopover(anchor, content, { onClose, width, align = "start", above = false, beside = anchor } = {}) {
  current?.close(false);
  const box = h("div.popover", {}, content);
  document.getElementById("popovers").append(box);

  const place = () => {
    if (!anchor.isConnected) return handle.close(false);
    const from = beside.getBoundingClientRect();
    const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
    if (width === "anchor") box.style.width = `${Math.min(Math.max(from.width, 260), view.width - 16)}px`;
    else if (width) box.style.width = `${Math.min(width, view.width - 16)}px`;
    const below = view.height - from.bottom - 12;
    const over = from.top - 12;
    const goesUp = above ? over > 160 : below < Math.min(box.scrollHeight, 300) && over > below;
    box.style.maxHeight = `${Math.min(goesUp ? over : below, 420)}px`;
    const size = box.getBoundingClientRect();
    const left = align === "end" ? from.right - size.width : from.left;
    box.style.left = `${Math.max(8, Math.min(left, view.width - size.width - 8))}px`;
    box.style.top = goesUp ? `${from.top - size.height - 6}px` : `${from.bottom + 6}px`;
  };

  const outside = (event) => {
    if (box.contains(event.target) || beside.contains(event.target)) return;
    handle.close(false);
  };
  const onKey = (event) => {
    if (event.key === "Tab") handle.close();
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    handle.close();
  };
  const scrolled = (event) => {
    if (!box.contains(event.target)) place();
  };

  const handle = {
    box,
    place,
    close(restoreFocus = true) {
      if (current !== handle) return;
      current = null;
      box.remove();
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("scroll", scrolled, true);
      window.removeEventListener("resize", place);
      onClose?.();
      if (restoreFocus && anchor.isConnected) anchor.focus({ preventScroll: true });
    },
  };
  current = handle;
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("scroll", scrolled, true);
  window.addEventListener("resize", place);
  box.addEventListener("keydown", onKey);
  place();
  return handle;
}

