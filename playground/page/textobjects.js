// Block Kit's text objects: plain_text and mrkdwn.

import { textNodes, withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/**
 * The nodes of a text object of either kind.
 * @param {{type: string, text: string, emoji?: boolean, verbatim?: boolean}|undefined} text
 * @param {string} [fallback]
 * @returns {Node[]}
 */
export function textOf(text, fallback = "") {
  if (!text) return textNodes(fallback);
  if (text.type === "mrkdwn") return mrkdwn(text.text ?? "", { verbatim: text.verbatim });
  return textNodes(text.text ?? "", { shortcodes: text.emoji !== false });
}

/**
 * The words of a text object, for accessible names.
 * @param {{text: string}|undefined} text
 * @param {string} [fallback]
 * @returns {string}
 */
export function wordsOf(text, fallback = "") {
  return text ? withEmoji(text.text ?? "") : fallback;
}
