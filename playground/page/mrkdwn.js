// Slack's mrkdwn as DOM nodes: emphasis, code, quotes, links, mentions, dates and emoji.

import { dateNode } from "./clock.js";
import { h, link } from "./dom.js";
import { textNodes } from "./emoji.js";
import { broadcastMention, channelMention, groupMention, userMention } from "./mentions.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const BARE_URL = /^https?:\/\/[^\s<>|]+[^\s<>|.,;:!?'")\]}]/;

/**
 * Undo Slack's escape of its three control characters.
 * @param {string} text
 * @returns {string}
 */
function unescapeText(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/**
 * A whole mrkdwn text, with code blocks and quotes as blocks of their own.
 * @param {string} text
 * @param {{verbatim?: boolean}} [how] `verbatim` leaves bare URLs alone, as in Block Kit's text objects
 * @returns {Node[]}
 */
export function mrkdwn(text, how = {}) {
  const nodes = [];
  const parts = text.split(/```\n?([\s\S]+?)\n?```/);
  parts.forEach((part, index) => {
    if (index % 2) nodes.push(h("pre.pre", {}, unescapeText(part.replace(/<((?:https?|mailto):[^<>|\s]+)(?:\|([^<>]+))?>/g, (_m, url, label) => label ?? url))));
    else {
      const text = index > 0 ? part.replace(/^ *\n?/, "") : part;
      if (text) nodes.push(...lines(index < parts.length - 1 ? text.replace(/\n$/, "") : text, how));
    }
  });
  return nodes;
}

function lines(text, how) {
  const nodes = [];
  let run = [];
  let quote = [];
  const endRun = () => {
    if (run.length) nodes.push(...inline(run.join("\n"), how));
    run = [];
  };
  const endQuote = () => {
    if (quote.length) nodes.push(h("blockquote.quote", {}, inline(quote.join("\n"), how)));
    quote = [];
  };
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (quoted) {
      endRun();
      quote.push(quoted[1]);
    } else {
      if (quote.length) endQuote();
      run.push(line);
    }
  }
  endQuote();
  endRun();
  return nodes;
}

/**
 * Mrkdwn inside one paragraph.
 * @param {string} text
 * @param {{verbatim?: boolean}} [how]
 * @returns {Node[]}
 */
export function inline(text, how = {}) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(...textNodes(unescapeText(plain)));
    plain = "";
  };
  while (at < text.length) {
    const char = text[at];
    const found =
      (char === "<" && angle(text, at)) ||
      (char === "`" && code(text, at)) ||
      (char in MARKS && emphasis(text, at, how)) ||
      (char === "h" && !how.verbatim && bareUrl(text, at));
    if (found) {
      flush();
      nodes.push(...found.nodes);
      at = found.end;
    } else {
      plain += char;
      at += 1;
    }
  }
  flush();
  return nodes;
}

function code(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end < at + 2 || text.slice(at, end).includes("\n")) return null;
  return { nodes: [h("code.code", {}, unescapeText(text.slice(at + 1, end)))], end: end + 1 };
}

function bareUrl(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  const match = BARE_URL.exec(text.slice(at));
  if (!match) return null;
  const url = unescapeText(match[0]);
  return { nodes: [link(url, url)], end: at + match[0].length };
}

function emphasis(text, at, how) {
  const mark = text[at];
  const before = at > 0 ? text[at - 1] : " ";
  if (WORD.test(before) || before === mark || !text[at + 1] || /\s/.test(text[at + 1]) || text[at + 1] === mark) return null;
  for (let end = at + 2; end < text.length && text[end] !== "\n"; end += 1) {
    if (text[end] === "<") {
      const close = text.indexOf(">", end);
      if (close > 0) end = close;
      continue;
    }
    if (text[end] === "`") {
      const close = text.indexOf("`", end + 1);
      if (close > 0) end = close;
      continue;
    }
    if (text[end] !== mark || /\s/.test(text[end - 1])) continue;
    const after = text[end + 1] ?? " ";
    if (WORD.test(after) || after === mark) continue;
    return { nodes: [h(MARKS[mark], {}, inline(text.slice(at + 1, end), how))], end: end + 1 };
  }
  return null;
}

function angle(text, at) {
  const end = text.indexOf(">", at);
  if (end < 0) return null;
  const inside = text.slice(at + 1, end);
  if (!inside || inside.includes("<") || inside.includes("\n")) return null;
  const bar = inside.indexOf("|");
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : inside.slice(bar + 1);
  const node = reference(head, label, text.slice(0, at));
  return node ? { nodes: [node].flat(), end: end + 1 } : null;
}

function reference(head, label, before) {
  const shown = label === undefined ? undefined : unescapeText(label);
  if (/^@[UWB]\w*$/.test(head)) return userMention(head.slice(1), shown);
  if (/^#[CGD]\w*$/.test(head)) return channelMention(head.slice(1), shown);
  if (/^!(here|channel|everyone)$/.test(head)) return broadcastMention(head.slice(1));
  if (head.startsWith("!subteam^")) return groupMention(head.slice(9), shown);
  if (head.startsWith("!date^")) return date(head.slice(6), shown, before);
  if (/^(https?|mailto|tel|slack):/.test(head)) {
    const url = unescapeText(head);
    return link(url, shown === undefined ? url.replace(/^mailto:/, "") : textNodes(shown));
  }
  return null;
}

function date(spec, fallback, before) {
  const [epoch, format, url] = spec.split("^");
  if (!/^\d+$/.test(epoch) || !format) return textNodes(fallback ?? "");
  const node = dateNode(Number(epoch), unescapeText(format), before);
  return url ? link(unescapeText(url), node) : node;
}
