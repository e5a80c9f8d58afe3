// Draws one message: who said it, what it says, its thread, and what can be done with it.

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { drawAttachments, drawBlocks, picture } from "./blocks.js";
import { dateNode, now } from "./clock.js";
import { clockTime, formatDate } from "./dates.js";
import { h, link } from "./dom.js";
import { emojiCharacter, emojiNode } from "./emoji.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { authorOf, emit, store, zone } from "./store.js";
import { messageSurface } from "./surfaces.js";
import { toast, toastError } from "./toasts.js";

const SMALL_TALK = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive"]);

/**
 * @typedef {{
 *   grouped: boolean,
 *   inThread: boolean,
 *   onReply?: (message: any) => void,
 *   onDismiss: (message: any) => void,
 * }} How `grouped`: the author was named just above
 */

/**
 * @param {any} message
 * @param {How} how
 * @returns {HTMLElement}
 */
export function drawMessage(message, how) {
  const author = authorOf(message);
  const at = Number(message.ts);
  const quiet = SMALL_TALK.has(message.subtype);
  return h(
    "article.message",
    {
      tabindex: "-1",
      class: [
        how.grouped && "is-grouped",
        message.is_ephemeral && "is-ephemeral",
        message.pending && "is-pending",
        message.streaming && "is-streaming",
        quiet && "is-quiet",
      ].filter(Boolean).join(" "),
      "aria-label": `${author.name}, ${clockTime(at, zone())}${message.is_ephemeral ? ", only visible to you" : ""}`,
      dataset: { testid: "message", ts: message.ts, ephemeral: message.is_ephemeral ? "true" : null, author: author.id },
    },
    message.is_ephemeral && ephemeralNote(message, how),
    h("div.message-gutter", {}, how.grouped ? dateNode(at, "{time}") : avatar(author)),
    h(
      "div.message-main",
      {},
      how.grouped ? null : head(message, author, at),
      h("div.message-body", {}, body(message)),
      message.files?.length ? h("div.files", {}, message.files.map(fileCard)) : null,
      message.reactions?.length ? reactions(message) : null,
      !how.inThread && message.reply_count ? replyBar(message, how) : null,
    ),
    message.pending || message.local ? null : tools(message, how),
  );
}

function ephemeralNote(message, how) {
  return h("div.ephemeral-note", {}, icon("eye"), h("span", {}, "Only visible to you"),
    h("button.link-button", { type: "button", onclick: () => how.onDismiss(message) }, "Dismiss"));
}

function head(message, author, at) {
  const isMember = store.members.has(author.id) || author.id === store.app.user_id;
  return h(
    "div.message-head",
    {},
    isMember && author.id !== store.me
      ? h("button.author", { type: "button", onclick: () => emit("open-dm", author.id) }, author.name)
      : h("span.author", {}, author.name),
    author.isApp && h("span.badge-app", {}, "APP"),
    dateNode(at, "{time}"),
  );
}

function body(message) {
  const surface = messageSurface(message);
  const parts = [];
  // What people type carries the same words twice; the text still has their emphasis, quotes and emoji.
  const typed = !message.bot_id && message.text && message.blocks?.every((block) => block.type === "rich_text");
  if (message.blocks?.length && !typed) parts.push(...drawBlocks(message.blocks, surface));
  else if (message.text) parts.push(h("div.text", {}, mrkdwn(message.text)));
  if (message.attachments?.length) parts.push(...drawAttachments(message.attachments, surface));
  if (message.edited && !(message.bot_id && message.blocks?.length)) {
    const mark = h("span.edited", { title: formatDate(Number(message.edited.ts), "{date_long} at {time_secs}", now(), zone()) }, " (edited)");
    const last = parts.at(-1)?.querySelector(".rich-section:last-child") ?? parts.at(-1);
    (last ?? parts).append?.(mark);
  }
  return parts;
}

function fileCard(file) {
  const url = file.url_private || file.permalink;
  const name = file.title || file.name || "File";
  if (String(file.mimetype).startsWith("image/") && url) {
    return h("figure.figure", {}, h("figcaption.figure-title", {}, name), picture({ image_url: url, alt_text: name }, "img.figure-image"));
  }
  return h("div.file", {}, h("span.file-icon", {}, icon("file")),
    h("span.file-text", {}, h("strong", {}, url ? link(url, name) : name), h("span.muted", {}, `${file.filetype ?? "file"} · ${sizeOf(file.size)}`)));
}

function sizeOf(bytes) {
  if (!Number.isFinite(bytes)) return "unknown size";
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function reactions(message) {
  return h("div.reactions", { role: "group", "aria-label": "Reactions" }, message.reactions.map(({ name, count, users }) => {
    const character = emojiCharacter(name);
    const mine = users.includes(store.me);
    const words = `:${name}:, ${count} ${count === 1 ? "reaction" : "reactions"}`;
    return h("button.reaction", {
      type: "button", title: `:${name}:`, class: mine ? "is-mine" : "", "aria-pressed": String(mine), "aria-label": words,
      onclick: () => react(message, name, mine),
    }, character ? emojiNode(character, name) : `:${name}:`, h("b", {}, count));
  }));
}

function react(message, name, takenBack) {
  post("react", { channel: message.channel, ts: message.ts, name, taken_back: takenBack }).catch(toastError);
}

const OFFERED = ["ear", "+1", "white_check_mark", "eyes", "tada", "heart"];

function offerReactions(event, message) {
  const mine = new Set((message.reactions ?? []).filter(({ users }) => users.includes(store.me)).map(({ name }) => name));
  openMenu(event.currentTarget, {
    label: "Reactions",
    align: "end",
    items: OFFERED.map((name) => ({
      label: `${emojiCharacter(name)}  :${name}:`,
      hint: mine.has(name) ? "Take back" : undefined,
      onPick: () => react(message, name, mine.has(name)),
    })),
  });
}

function replyBar(message, how) {
  const count = message.reply_count;
  const words = `${count} ${count === 1 ? "reply" : "replies"}`;
  return h(
    "button.reply-bar",
    { type: "button", onclick: () => how.onReply?.(message), dataset: { testid: "replies" } },
    h("span.reply-faces", {}, (message.reply_users ?? []).slice(0, 4).map((id) => avatar(authorOf({ user: id }), "tiny"))),
    h("span.reply-count", {}, words),
    message.latest_reply && h("span.reply-last", {}, "Last reply ", dateNode(Number(message.latest_reply), "{ago}")),
    h("span.reply-open", {}, "View thread"),
  );
}

function tools(message, how) {
  const shortcuts = store.shortcuts.filter((shortcut) => shortcut.type === "message");
  const more = (event) =>
    openMenu(event.currentTarget, {
      label: "More actions",
      align: "end",
      items: [
        ...(message.is_ephemeral || !shortcuts.length
          ? []
          : [{ heading: `${store.app.name} shortcuts` }, ...shortcuts.map((shortcut) => ({
              label: shortcut.name,
              hint: shortcut.description,
              icon: "bolt",
              onPick: () => run(shortcut, message),
            })), { heading: "Message" }]),
        { label: "Copy text", icon: "copy", onPick: () => copy(message) },
      ],
    });
  return h(
    "div.message-tools",
    { role: "group", "aria-label": "Message actions" },
    !message.is_ephemeral && h("button.icon-button", {
      type: "button", "aria-label": "Add reaction", title: "Add reaction", "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: (event) => offerReactions(event, message),
    }, icon("smile")),
    how.onReply && !how.inThread && !message.is_ephemeral &&
      h("button.icon-button", { type: "button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => how.onReply(message) }, icon("reply")),
    h("button.icon-button", {
      type: "button", "aria-label": "More actions", title: "More actions", "aria-haspopup": "menu", "aria-expanded": "false", onclick: more,
    }, icon("more")),
  );
}

function run(shortcut, message) {
  post("shortcut", { callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts }).catch(toastError);
}

async function copy(message) {
  try {
    await navigator.clipboard.writeText(message.text ?? "");
    toast("Copied.");
  } catch {
    toast("The browser did not allow copying.", "error");
  }
}

