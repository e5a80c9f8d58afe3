// What an agent shows besides its messages: things to write to it in its Messages tab, and what it is doing just now.

import { fill, h } from "./dom.js";
import { emit, store } from "./store.js";

/** By channel: `{title, prompts: [{title, message}]}`. */
const suggested = new Map();
/** By `channel/thread`: what the app is doing there. */
const statuses = new Map();
/** By channel: how many live events brought prompts. */
const heard = new Map();

/**
 * How often prompts came live, to be asked for before a fetch: what came meanwhile is newer than the fetch's answer.
 * @param {string} channel
 */
export function heardOfAgent(channel) {
  return heard.get(channel) ?? 0;
}

/**
 * Take in what `GET /page/messages` says of an agent's conversation.
 * @param {string} channel
 * @param {any} answer
 * @param {number} before what `heardOfAgent` said before the fetch
 */
export function takeAgent(channel, answer, before) {
  if (!answer.prompts) return;
  if (heardOfAgent(channel) === before) suggested.set(channel, { title: answer.title, prompts: answer.prompts });
  for (const [thread, words] of Object.entries(answer.statuses ?? {})) setStatus(channel, thread, words);
  emit("agent", channel);
}

/**
 * Take in a live event.
 * @param {any} event
 */
export function takePrompts({ channel, title, prompts }) {
  heard.set(channel, heardOfAgent(channel) + 1);
  suggested.set(channel, { title, prompts });
  emit("agent", channel);
}

/**
 * Take in a live event.
 * @param {any} event
 */
export function takeStatus({ channel, thread_ts: thread, status }) {
  setStatus(channel, thread, status);
  emit("agent", channel);
}

function setStatus(channel, thread, words) {
  if (words) statuses.set(`${channel}/${thread}`, words);
  else statuses.delete(`${channel}/${thread}`);
}

/** Buttons that write to the agent for whoever presses one. */
export class Prompts {
  /** @param {(message: string) => void} onPick */
  constructor(onPick) {
    this.onPick = onPick;
    this.element = h("section.prompts", { "aria-label": "Suggested prompts", hidden: true, dataset: { testid: "prompts" } });
  }

  /** @param {string|undefined} channel the conversation with the app, if that is what is shown */
  draw(channel) {
    const found = channel && store.app.agent ? suggested.get(channel) : undefined;
    this.element.hidden = !found?.prompts.length;
    if (!found) return;
    fill(this.element, found.title ? h("p.prompts-title", {}, found.title) : null,
      h("div.prompts-row", {}, found.prompts.map(({ title, message }) =>
        h("button.prompt", { type: "button", title: message, onclick: () => this.onPick(message) }, title))));
  }
}

/** The line that says what the agent is doing in a thread. */
export class StatusLine {
  constructor() {
    this.element = h("div.agent-status", { role: "status", hidden: true, dataset: { testid: "agent-status" } });
  }

  /**
   * @param {string|undefined} channel
   * @param {string|undefined} thread
   */
  draw(channel, thread) {
    const words = channel && thread ? statuses.get(`${channel}/${thread}`) : "";
    this.element.hidden = !words;
    if (words) fill(this.element, h("span.agent-dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${store.app.name} ${words}`);
  }
}
