// The markdown block: the part of standard Markdown that chat messages use, as DOM nodes.

import { h, link } from "./dom.js";
import { textNodes } from "./emoji.js";

/**
 * A whole Markdown text.
 * @param {string} text
 * @returns {Node[]}
 */
export function markdown(text) {
  return blocks(text.replaceAll("\r\n", "\n").split("\n"));
}

const FENCE = /^\s*(```+|~~~+)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const DIVIDER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(lines) {
  const nodes = [];
  let paragraph = [];
  const endParagraph = () => {
    if (paragraph.length) nodes.push(h("p.md-p", {}, inline(paragraph.join("\n"))));
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (fence) {
      endParagraph();
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence[1]));
      const stop = end < 0 ? lines.length : end;
      nodes.push(h("pre.pre", {}, lines.slice(at + 1, stop).join("\n")));
      at = stop;
    } else if (heading) {
      endParagraph();
      nodes.push(h(`h${Math.min(heading[1].length + 2, 6)}.md-h`, { dataset: { level: heading[1].length } }, inline(heading[2])));
    } else if (RULE.test(line)) {
      endParagraph();
      nodes.push(h("hr.divider"));
    } else if (/^\s*>/.test(line)) {
      endParagraph();
      const quoted = [];
      while (at < lines.length && /^\s*>/.test(lines[at])) quoted.push(lines[at++].replace(/^\s*>\s?/, ""));
      at -= 1;
      nodes.push(h("blockquote.quote", {}, blocks(quoted)));
    } else if (ITEM.test(line)) {
      endParagraph();
      const taken = [];
      while (at < lines.length && (ITEM.test(lines[at]) || (/^\s{2,}\S/.test(lines[at]) && taken.length))) taken.push(lines[at++]);
      at -= 1;
      nodes.push(list(taken));
    } else if (line.includes("|") && DIVIDER_ROW.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) {
      endParagraph();
      const rows = [];
      while (at < lines.length && lines[at].includes("|")) rows.push(lines[at++]);
      at -= 1;
      nodes.push(table(rows));
    } else if (!line.trim()) endParagraph();
    else paragraph.push(line);
  }
  endParagraph();
  return nodes;
}

function list(lines) {
  const [, indent, marker] = ITEM.exec(lines[0]);
  const ordered = /\d/.test(marker);
  const node = h(ordered ? "ol.rich-list" : "ul.rich-list", { start: ordered ? Number.parseInt(marker, 10) : null });
  let at = 0;
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    const nested = [];
    at += 1;
    while (at < lines.length && (ITEM.exec(lines[at])?.[1].length ?? Infinity) > indent.length) nested.push(lines[at++]);
    const task = /^\[([ xX])\]\s+(.*)$/.exec(item?.[3] ?? "");
    const words = task ? task[2] : item?.[3] ?? "";
    const tail = nested.filter((line) => !ITEM.test(line)).map((line) => line.trim());
    const inner = nested.filter((line) => ITEM.test(line));
    node.append(
      h("li", {}, h("div", {},
        task && h("span.md-task", {}, task[1] === " " ? "☐ " : "☑ "),
        inline([words, ...tail].join("\n"))), inner.length ? list(inner) : null),
    );
  }
  return node;
}

function cells(row) {
  return row.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table([head, divider, ...rows]) {
  const align = cells(divider).map((cell) =>
    cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left");
  const row = (tag, line) =>
    h("tr", {}, cells(line).map((cell, index) => h(tag, { dataset: { align: align[index] } }, inline(cell))));
  return h("div.table-scroll", { tabindex: "0", role: "region", "aria-label": "Table" },
    h("table.table", {}, h("thead", {}, row("th", head)), h("tbody", {}, rows.map((line) => row("td", line)))));
}

const INLINE = [
  [/^`([^`]+)`/, (match) => h("code.code", {}, match[1])],
  [/^!?\[([^\]]*)\]\((\S+?)(?:\s+"[^"]*")?\)/, (match) => link(match[2], inline(match[1] || match[2]))],
  [/^<((?:https?|mailto):[^>\s]+)>/, (match) => link(match[1], match[1])],
  [/^https?:\/\/[^\s<>]+[^\s<>.,;:!?'")\]}]/, (match) => link(match[0], match[0])],
  [/^\*\*\*(?=\S)(.+?\S|\S)\*\*\*/s, (match) => h("strong", {}, h("em", {}, inline(match[1])))],
  [/^\*\*(?=\S)(.*?\S)\*\*(?!\*)/s, (match) => h("strong", {}, inline(match[1]))],
  [/^__(?=\S)(.*?\S)__(?![\p{L}\p{N}])/su, (match) => h("strong", {}, inline(match[1]))],
  [/^~~(?=\S)(.*?\S)~~/s, (match) => h("s", {}, inline(match[1]))],
  [/^\*(?=[^\s*])(.*?[^\s*])\*(?!\*)/s, (match) => h("em", {}, inline(match[1]))],
  [/^_(?=[^\s_])(.*?[^\s_])_(?![\p{L}\p{N}])/su, (match) => h("em", {}, inline(match[1]))],
];

function inline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(...textNodes(plain));
    plain = "";
  };
  while (at < text.length) {
    if (text[at] === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const inWord = at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]) && (text[at] === "_" || text[at] === "h");
    const rest = text.slice(at);
    const rule = /[`[!<h*_~]/.test(text[at]) && !inWord && INLINE.find(([pattern]) => pattern.test(rest));
    if (rule) {
      const match = rule[0].exec(rest);
      flush();
      nodes.push(rule[1](match));
      at += match[0].length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}
