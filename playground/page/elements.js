// Draws Block Kit's interactive elements, each of which keeps its value in the surface's form and reports it.

import { buttonElement, feedbackElement, overflowElement } from "./buttons.js";
import { checkboxesElement, radioElement } from "./choices.js";
import { dateElement } from "./datefields.js";
import { h, safeUrl } from "./dom.js";
import { fileElement } from "./filefield.js";
import { multiSelectElement, selectElement } from "./selects.js";
import { textElement } from "./textfields.js";

/**
 * What an input block tells its element about itself.
 * @typedef {{id: string|null, label: string, labelledBy: string, describedBy: string|null, invalid: boolean, required: boolean}} About
 */

/**
 * Draw one element.
 * @param {any} item
 * @param {any} block the block it stands in
 * @param {import("./blocks.js").Surface} surface
 * @param {About} [about] present inside input blocks
 * @returns {HTMLElement}
 */
export function element(item, block, surface, about) {
  switch (item.type) {
    case "button":
    case "workflow_button":
      return buttonElement(item, block, surface);
    case "feedback_buttons":
      return feedbackElement(item, block, surface);
    case "overflow":
      return overflowElement(item, block, surface);
    case "checkboxes":
      return checkboxesElement(item, block, surface, about);
    case "radio_buttons":
      return radioElement(item, block, surface, about);
    case "plain_text_input":
    case "number_input":
    case "email_text_input":
    case "url_text_input":
    case "rich_text_input":
      return textElement(item, block, surface, about);
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return dateElement(item, block, surface, about);
    case "file_input":
      return fileElement(item, block, surface, about);
    case "image":
      return thumbnail(item);
    default:
      if (/^multi_\w+_select$/.test(item.type)) return multiSelectElement(item, block, surface, about);
      if (/_select$/.test(item.type)) return selectElement(item, block, surface, about);
      return h("span.unknown-block", {}, `This playground can’t draw a “${item.type}” element.`);
  }
}

function thumbnail(item) {
  const src = safeUrl(item.image_url ?? item.slack_file?.url);
  const node = src ? h("img.thumbnail", { src, alt: item.alt_text ?? "", referrerpolicy: "no-referrer" }) : null;
  const missing = h("span.image-missing", {}, item.alt_text || "Image");
  node?.addEventListener("error", () => node.replaceWith(missing));
  return node ?? missing;
}
