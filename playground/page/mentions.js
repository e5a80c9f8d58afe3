// Mentions of members, channels and groups, which open what they name.

import { h } from "./dom.js";
import { channelName, emit, memberName, store } from "./store.js";

/**
 * `@Name`, which opens a conversation with that member.
 * @param {string} id
 * @param {string} [label] used when the member is unknown here
 * @returns {HTMLElement}
 */
export function userMention(id, label) {
  const known = store.members.has(id) || id === store.app.user_id;
  const name = known ? memberName(id) : (label || "unknown member").replace(/^@/, "");
  return h(
    "button.mention",
    { type: "button", class: id === store.me ? "is-me" : "", onclick: known ? () => emit("open-dm", id) : undefined },
    `@${name}`,
  );
}

/**
 * `#name`, which goes to that channel.
 * @param {string} id
 * @param {string} [label]
 * @returns {HTMLElement}
 */
export function channelMention(id, label) {
  const channel = store.channels.get(id);
  if (!channel) return h("span.mention", {}, `#${(label || "private channel").replace(/^#/, "")}`);
  const name = channel.is_im ? `@${channelName(channel)}` : `#${channelName(channel)}`;
  return h("button.mention", { type: "button", onclick: () => emit("goto", id) }, name);
}

/**
 * `@channel`, `@here`, `@everyone`.
 * @param {string} range
 * @returns {HTMLElement}
 */
export function broadcastMention(range) {
  return h("span.mention.is-me", {}, `@${range}`);
}

/**
 * A user group.
 * @param {string} id
 * @param {string} [label]
 * @returns {HTMLElement}
 */
export function groupMention(id, label) {
  return h("span.mention", {}, (label || `@${id}`).replace(/^(?!@)/, "@"));
}
