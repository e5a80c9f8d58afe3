// Avatars: coloured squares with initials, for people and apps.

import { h } from "./dom.js";
import { emojiCharacter } from "./emoji.js";

/**
 * Up to two initials of a name.
 * @param {string} name
 * @returns {string}
 */
function initials(name) {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, " ").trim().split(/\s+/).filter(Boolean);
  if (!words.length) return "?";
  const last = words.length > 1 ? [...words.at(-1)][0] : "";
  return ([...words[0]][0] + last).toUpperCase();
}

/**
 * An avatar; decorative, since the name always stands beside it.
 * @param {{name: string, color?: string, isApp?: boolean, emoji?: string}} who
 * @param {"tiny"|"small"|"medium"|"large"} [size]
 * @returns {HTMLElement}
 */
export function avatar(who, size = "medium") {
  const color = /^[0-9a-f]{6}$/i.test(who.color ?? "") ? who.color : "6b6880";
  const character = who.emoji && emojiCharacter(who.emoji.replaceAll(":", ""));
  return h(
    "span.avatar",
    { class: `avatar-${size}${who.isApp ? " is-app" : ""}${inkOn(color) ? " dark-ink" : ""}`, "aria-hidden": "true", style: { "--tint": `#${color}` } },
    character || (size === "tiny" ? initials(who.name)[0] : initials(who.name)),
  );
}

function inkOn(color) {
  const [red, green, blue] = [0, 2, 4].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 0.62;
}
