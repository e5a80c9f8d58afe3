// Block Kit's checkboxes and radio buttons.

import { bare } from "./buttons.js";
import { commit } from "./commit.js";
import { freshId, h } from "./dom.js";
import { keyOf } from "./form.js";
import { textOf } from "./textobjects.js";

/**
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function checkboxesElement(item, block, surface, about) {
  const chosen = () => surface.form.get(block.block_id, item) ?? [];
  return group(item, block, about, "group", (option) => ({
    type: "checkbox",
    checked: chosen().some((other) => other.value === option.value),
    change: async (box) => {
      const rest = chosen().filter((other) => other.value !== option.value);
      const next = box.checked ? [...rest, bare(option)] : rest;
      if (!(await commit(item, block, surface, next))) box.checked = !box.checked;
    },
  }));
}

/**
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function radioElement(item, block, surface, about) {
  return group(item, block, about, "radiogroup", (option) => ({
    type: "radio",
    checked: surface.form.get(block.block_id, item)?.value === option.value,
    change: async (box) => {
      const before = surface.form.get(block.block_id, item)?.value;
      if (await commit(item, block, surface, bare(option))) return;
      for (const other of box.closest("[role=radiogroup]").querySelectorAll("input")) other.checked = other.value === before;
    },
  }));
}

function group(item, block, about, role, describe) {
  const name = freshId("choice");
  return h(
    "div.choices",
    {
      role,
      "aria-labelledby": about?.labelledBy,
      "aria-label": about ? null : "Options",
      "aria-describedby": about?.describedBy,
      "aria-invalid": about?.invalid || null,
    },
    (item.options ?? []).map((option) => {
      const { type, checked, change } = describe(option);
      return h(
        "label.choice",
        { dataset: { key: `${keyOf(block.block_id, item)}/${option.value}` } },
        h("input", { type, name, value: option.value, checked, onchange: (event) => change(event.currentTarget) }),
        h("span.choice-mark", { "aria-hidden": "true" }),
        h("span.choice-text", {}, h("span", {}, textOf(option.text)),
          option.description && h("span.choice-description", {}, textOf(option.description))),
      );
    }),
  );
}
