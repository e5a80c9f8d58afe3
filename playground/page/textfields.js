// Block Kit's text, number, e-mail and address fields, with the reports that `dispatch_action_config` asks for.

import { h } from "./dom.js";
import { keyOf } from "./form.js";
import { commit } from "./commit.js";
import { wordsOf } from "./textobjects.js";

const TYPING_PAUSE = 400;
const INPUT_MODE = { number_input: "decimal", email_text_input: "email", url_text_input: "url" };

/**
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function textElement(item, block, surface, about) {
  const rich = item.type === "rich_text_input";
  const long = item.multiline || rich;
  const placeholder = wordsOf(item.placeholder);
  const field = h(long ? "textarea.field-text" : "input.field-text", {
    id: about?.id,
    type: long ? null : "text",
    rows: long ? "4" : null,
    inputmode: INPUT_MODE[item.type],
    placeholder,
    autocomplete: "off",
    maxlength: item.max_length,
    "aria-label": about ? null : placeholder || "Text",
    "aria-describedby": about?.describedBy,
    "aria-invalid": about?.invalid || null,
    "aria-required": about?.required || null,
    dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
  });
  const kept = surface.form.get(block.block_id, item);
  field.value = rich ? wordsOfRichText(kept) : kept ?? "";

  const triggers = new Set(item.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"]);
  const value = () => (field.value === "" ? null : rich ? asRichText(field.value) : field.value);
  let timer = 0;
  const keep = () => surface.form.set(block.block_id, item, value());
  const report = () => {
    clearTimeout(timer);
    timer = 0;
    return block.dispatch_action && field.isConnected ? commit(item, block, surface, value()) : undefined;
  };
  field.addEventListener("input", () => {
    keep();
    if (!block.dispatch_action || !triggers.has("on_character_entered")) return;
    clearTimeout(timer);
    timer = setTimeout(report, TYPING_PAUSE);
  });
  field.addEventListener("blur", () => {
    if (timer) report();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const sends = !long || event.ctrlKey || event.metaKey;
    if (!sends) return;
    event.preventDefault();
    if (block.dispatch_action && triggers.has("on_enter_pressed")) report();
    else surface.submit?.();
  });
  return field;
}

function asRichText(text) {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function wordsOfRichText(value) {
  return (value?.elements ?? [])
    .map((part) => (part.elements ?? []).map((piece) => piece.text ?? piece.url ?? "").join(""))
    .join("\n");
}
