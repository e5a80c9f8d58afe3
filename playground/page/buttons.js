// Block Kit's buttons and overflow menus.

import { askConfirm } from "./dialog.js";
import { h, safeUrl } from "./dom.js";
import { keyOf } from "./form.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { textOf, wordsOf } from "./textobjects.js";

/**
 * A button; a link when it has an address, which is reported all the same.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @returns {HTMLElement}
 */
export function buttonElement(item, block, surface) {
  const href = safeUrl(item.url);
  const style = item.style === "primary" ? "primary" : item.style === "danger" ? "danger" : "";
  const node = h(
    href ? "a.btn" : "button.btn",
    {
      class: style,
      ...(href ? { href, target: "_blank", rel: "noopener noreferrer" } : { type: "button" }),
      "aria-label": item.accessibility_label,
      dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
    },
    h("span.btn-text", {}, textOf(item.text)),
  );
  node.addEventListener("click", async (event) => {
    if (node.getAttribute("aria-busy") === "true") return event.preventDefault();
    if (item.confirm) {
      if (href) event.preventDefault();
      if (!(await askConfirm(item.confirm))) return undefined;
      if (href) window.open(href, "_blank", "noopener,noreferrer");
    }
    node.setAttribute("aria-busy", "true");
    await surface.act(block, item, item.value === undefined ? {} : { value: item.value });
    node.removeAttribute("aria-busy");
    return undefined;
  });
  return node;
}

/**
 * The two thumbs below an answer; the one that was pressed last stays pressed.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @returns {HTMLElement}
 */
export function feedbackElement(item, block, surface) {
  const node = h("span.thumbs", { dataset: { actionId: item.action_id } });
  const draw = () => {
    const chosen = surface.form.get(block.block_id, item);
    const thumb = (one, sign) =>
      h("button.thumb", {
        type: "button", title: wordsOf(one.text), "aria-label": one.accessibility_label ?? wordsOf(one.text),
        "aria-pressed": String(chosen === one.value), dataset: { key: `${keyOf(block.block_id, item)}/${sign}` },
        onclick: async () => {
          if (!(await surface.act(block, item, { value: one.value }))) return;
          surface.form.set(block.block_id, item, one.value);
          draw();
        },
      }, sign);
    node.replaceChildren(thumb(item.positive_button, "👍"), thumb(item.negative_button, "👎"));
  };
  draw();
  return node;
}

/**
 * An overflow menu.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @returns {HTMLElement}
 */
export function overflowElement(item, block, surface) {
  const pick = async (option) => {
    if (item.confirm && !(await askConfirm(item.confirm))) return;
    await surface.act(block, item, { selected_option: bare(option) });
  };
  return h(
    "button.btn.btn-square",
    {
      type: "button",
      "aria-label": "More options",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
      onclick: (event) =>
        openMenu(event.currentTarget, {
          label: "More options",
          align: "end",
          items: (item.options ?? []).map((option) => ({
            label: wordsOf(option.text),
            hint: option.description && wordsOf(option.description),
            url: safeUrl(option.url),
            onPick: () => pick(option),
          })),
        }),
    },
    icon("more"),
  );
}

/**
 * An option as interactions carry it: text, value and description only.
 * @param {any} option
 * @returns {any}
 */
export function bare({ text, value, description }) {
  return description ? { text, value, description } : { text, value };
}
