// Draws Block Kit blocks. Interactive elements report to the surface (message, modal or Home) they stand on.

import { freshId, h, link, safeUrl } from "./dom.js";
import { element as drawElement } from "./elements.js";
import { keyOf } from "./form.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { textOf, wordsOf } from "./textobjects.js";

/**
 * @typedef {{
 *   kind: "message"|"modal"|"home",
 *   form: import("./form.js").Form,
 *   errors: Map<string, string>,
 *   act: (block: any, element: any, value: Object<string, any>) => Promise<boolean>,
 *   options: (block: any, element: any, query: string) => Promise<{options?: any[], option_groups?: any[]}>,
 *   submit?: () => void,
 * }} Surface
 */

/**
 * Draw blocks in order.
 * @param {any[]} blocks
 * @param {Surface} surface
 * @returns {HTMLElement[]}
 */
export function drawBlocks(blocks, surface) {
  return blocks.map((block) => {
    const node = drawBlock(block, surface);
    node.classList.add("block", `block-${String(block.type).replaceAll("_", "-")}`);
    if (block.block_id) node.dataset.blockId = block.block_id;
    return node;
  });
}

function drawBlock(block, surface) {
  switch (block.type) {
    case "section":
      return section(block, surface);
    case "header":
      return h("h3.header-block", {}, textOf(block.text));
    case "divider":
      return h("hr.divider");
    case "context":
      return h("div", {}, (block.elements ?? []).map((item) => contextItem(item)));
    case "actions":
    case "context_actions":
      return h("div", { role: "group", "aria-label": "Actions" },
        (block.elements ?? []).map((item) => drawElement(item, block, surface)));
    case "input":
      return input(block, surface);
    case "rich_text":
      return h("div", {}, richText(block));
    case "image":
      return image(block);
    case "table":
      return table(block);
    case "markdown":
      return h("div.md", {}, markdown(block.text ?? ""));
    case "alert":
      return h("div.alert", { role: "note", dataset: { level: block.level ?? "info" } }, textOf(block.text));
    case "container":
    case "card":
      return h("div.card", {}, block.title && h("h4.card-title", {}, textOf(block.title)), textOf(block.body),
        drawBlocks(block.blocks ?? block.child_blocks ?? [], surface));
    default:
      return h("div.unknown-block", {}, `This playground can’t draw a “${block.type}” block.`);
  }
}

function section(block, surface) {
  return h(
    "div",
    {},
    h("div.section-main", {},
      block.text && h("div.section-text", {}, textOf(block.text)),
      block.fields?.length ? h("div.fields", {}, block.fields.map((field) => h("div.field", {}, textOf(field)))) : null),
    block.accessory && h("div.section-accessory", {}, drawElement(block.accessory, block, surface)),
  );
}

function contextItem(item) {
  if (item.type === "image") return picture(item, "img.context-image");
  return h("span.context-text", {}, item.type === "mrkdwn" ? mrkdwn(item.text ?? "") : textOf(item));
}

/**
 * An image of an element or block; an address that is not one to load leaves its description.
 * @param {any} item
 * @param {string} spec
 * @returns {HTMLElement}
 */
export function picture(item, spec) {
  const src = safeUrl(item.image_url ?? item.slack_file?.url);
  const missing = () => h("span.image-missing", {}, item.alt_text || "Image");
  if (!src) return missing();
  const node = h(spec, { src, alt: item.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
  node.addEventListener("error", () => node.replaceWith(missing()));
  return node;
}

function image(block) {
  return h("figure.figure", {}, block.title && h("figcaption.figure-title", {}, textOf(block.title)), picture(block, "img.figure-image"));
}

function table(block) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (item, index) =>
    h(tag, { dataset: { align: settings[index]?.align ?? "left", wrap: settings[index]?.is_wrapped ? "1" : null } },
      item?.type === "rich_text" ? richText(item) : textOf({ type: "plain_text", text: String(item?.text ?? "") }));
  const [head, ...rows] = block.rows ?? [];
  return h("div.table-scroll", { tabindex: "0", role: "region", "aria-label": "Table" },
    h("table.table", {},
      head && h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}

const GROUPED = new Set(["checkboxes", "radio_buttons"]);

function input(block, surface) {
  const element = block.element ?? {};
  const fieldId = freshId("field");
  const hintId = block.hint ? freshId("hint") : null;
  const error = surface.errors.get(block.block_id);
  const errorId = error ? freshId("error") : null;
  const label = wordsOf(block.label);
  const grouped = GROUPED.has(element.type);
  const words = [textOf(block.label), block.optional && h("span.optional", {}, " (optional)")];
  const about = {
    id: grouped ? null : fieldId,
    label,
    labelledBy: `${fieldId}-label`,
    describedBy: [errorId, hintId].filter(Boolean).join(" ") || null,
    invalid: Boolean(error),
    required: !block.optional,
  };
  return h(
    "div",
    { class: error ? "has-error" : "", dataset: { key: keyOf(block.block_id, element) } },
    grouped
      ? h("span.input-label", { id: `${fieldId}-label` }, words)
      : h("label.input-label", { for: fieldId, id: `${fieldId}-label` }, words),
    drawElement(element, block, surface, about),
    error && h("p.input-error", { id: errorId, role: "alert" }, error),
    block.hint && h("p.input-hint", { id: hintId }, textOf(block.hint)),
  );
}

/**
 * Draw a message's attachments: coloured bars with blocks or old-style text.
 * @param {any[]} attachments
 * @param {Surface} surface
 * @returns {HTMLElement[]}
 */
export function drawAttachments(attachments, surface) {
  return attachments.map((item) => {
    const color = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" }[item.color] ?? (/^#?[0-9a-f]{3,8}$/i.test(item.color ?? "") ? `#${item.color.replace("#", "")}` : "#d5d3de");
    return h(
      "div.attachment",
      { style: { "--bar": color } },
      item.pretext && h("div", {}, mrkdwn(item.pretext)),
      item.author_name && h("div.attachment-author", {}, item.author_name),
      item.title && h("div.attachment-title", {}, item.title_link ? link(item.title_link, item.title) : item.title),
      item.blocks ? drawBlocks(item.blocks, surface) : item.text && h("div", {}, mrkdwn(item.text)),
      item.fields?.length && h("div.fields", {}, item.fields.map((field) =>
        h("div.field", {}, h("strong", {}, field.title), h("br"), mrkdwn(String(field.value ?? ""))))),
      item.image_url && picture({ image_url: item.image_url, alt_text: item.fallback }, "img.figure-image"),
      item.footer && h("div.attachment-footer", {}, item.footer),
    );
  });
}
