// The rich_text block: sections, lists, quotes and preformatted text with their inline elements.

import { dateNode } from "./clock.js";
import { h, link } from "./dom.js";
import { emojiCharacter, emojiNode, textNodes } from "./emoji.js";
import { broadcastMention, channelMention, groupMention, userMention } from "./mentions.js";

const STYLES = [["code", "code.code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

/**
 * A rich_text block or value.
 * @param {{elements?: any[]}} block
 * @returns {HTMLElement}
 */
export function richText(block) {
  return h("div.rich", {}, lists(block.elements ?? []));
}

function lists(elements) {
  const nodes = [];
  let counters = [];
  for (const element of elements) {
    if (element.type === "rich_text_list") {
      nodes.push(list(element, counters));
    } else {
      counters = [];
      nodes.push(part(element));
    }
  }
  return nodes;
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("div.rich-section", {}, inlines(element.elements));
    case "rich_text_quote":
      return h("blockquote.quote", {}, inlines(element.elements));
    case "rich_text_preformatted":
      return h("pre.pre", {}, inlines(element.elements, true));
    default:
      return null;
  }
}

function list(element, counters) {
  const indent = Math.min(element.indent ?? 0, 8);
  const ordered = element.style === "ordered";
  const start = (element.offset ?? 0) || (ordered ? counters[indent] ?? 0 : 0);
  counters.length = indent;
  counters[indent] = start + (element.elements?.length ?? 0);
  return h(
    ordered ? "ol.rich-list" : "ul.rich-list",
    { start: ordered ? start + 1 : null, dataset: { indent, level: indent % 3, border: element.border ? "1" : null } },
    (element.elements ?? []).map((item) => h("li", {}, h("div", {}, inlines(item.elements)))),
  );
}

/**
 * Inline rich text elements.
 * @param {any[]} elements
 * @param {boolean} [raw] inside preformatted text: no styles
 * @returns {Node[]}
 */
function inlines(elements = [], raw = false) {
  return elements.flatMap((element, index) => {
    const nodes = inlineElement(element, index ? elements[index - 1].text ?? ">" : "");
    if (raw) return nodes;
    return styled(nodes, element.style ?? {});
  });
}

function styled(nodes, style) {
  let out = nodes;
  for (const [name, tag] of STYLES) if (style[name]) out = [h(tag, {}, out)];
  return out;
}

function inlineElement(element, before) {
  switch (element.type) {
    case "text":
      return textNodes(element.text ?? "", { shortcodes: false });
    case "link":
      return [link(element.url, textNodes(element.text || element.url, { shortcodes: false }))];
    case "user":
      return [userMention(element.user_id)];
    case "channel":
      return [channelMention(element.channel_id)];
    case "usergroup":
      return [groupMention(element.usergroup_id)];
    case "broadcast":
      return [broadcastMention(element.range)];
    case "emoji": {
      const character = emojiCharacter(element.name) ?? fromCodepoints(element.unicode);
      return character ? [emojiNode(character, element.name)] : [document.createTextNode(`:${element.name}:`)];
    }
    case "date": {
      const node = dateNode(Number(element.timestamp), element.format ?? "{date} at {time}", before);
      return [element.url ? link(element.url, node) : node];
    }
    case "color":
      return [h("span.rich-color", {}, h("i", { style: { background: element.value } }), element.value)];
    case "team":
      return [document.createTextNode(element.team_id ?? "")];
    default:
      return element.text ? textNodes(String(element.text)) : [];
  }
}

function fromCodepoints(unicode) {
  if (!/^[0-9a-f-]+$/i.test(unicode ?? "")) return undefined;
  try {
    return String.fromCodePoint(...unicode.split("-").map((point) => Number.parseInt(point, 16)));
  } catch {
    return undefined;
  }
}
