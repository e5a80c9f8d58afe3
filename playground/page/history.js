// The messages of one channel or thread as the acting member has them: fetched, live, waiting to be sent, and local.

import { heardOfAgent, takeAgent } from "./agent.js";
import { get, post } from "./api.js";
import { now } from "./clock.js";
import { emit, store } from "./store.js";

const PAGE = 60;
const dismissed = new Set(JSON.parse(sessionStorage.getItem("dismissed") ?? "[]"));
let pendingNumber = 0;

/** Messages by `ts`, of a channel or (with `threadTs`) of one thread. */
export class History {
  /**
   * @param {string} channel
   * @param {string|null} [threadTs]
   */
  constructor(channel, threadTs = null) {
    this.channel = channel;
    this.threadTs = threadTs;
    this.messages = new Map();
    this.pending = [];
    this.hasMore = false;
    this.loaded = false;
    this.stale = true;
    /** What happened live while a fetch was under way, whose answer may be from before: `() => void` each. */
    this.meanwhile = null;
  }

  /**
   * Fetch the newest page anew, one fetch after the other; what was paged in before it stays.
   * @returns {Promise<void>}
   */
  load() {
    this.loading = (this.loading ?? Promise.resolve()).catch(() => {}).then(() => this.fetch());
    return this.loading;
  }

  async fetch() {
    const as = store.me;
    const heard = heardOfAgent(this.channel);
    const meanwhile = [];
    this.meanwhile = meanwhile;
    let answer;
    try {
      answer = this.threadTs
        ? await get("thread", { channel: this.channel, ts: this.threadTs })
        : await get("messages", { channel: this.channel, limit: PAGE });
    } finally {
      this.meanwhile = null;
    }
    if (as !== store.me) return;
    const oldest = Number(answer.messages[0]?.ts ?? Infinity);
    for (const [ts, message] of this.messages) {
      if (this.threadTs || (Number(ts) >= oldest && !message.local)) this.messages.delete(ts);
    }
    if (!this.threadTs) takeAgent(this.channel, answer, heard);
    if (!this.loaded) this.hasMore = Boolean(answer.has_more);
    for (const message of answer.messages) this.keep(message, { listed: true });
    for (const again of meanwhile) again();
    this.loaded = true;
    this.stale = false;
  }

  /** Fetch one page of what came before. */
  async loadOlder() {
    if (!this.hasMore || this.threadTs) return;
    const before = this.sorted().find((message) => !message.is_ephemeral && !message.local)?.ts;
    const answer = await get("messages", { channel: this.channel, before, limit: PAGE });
    for (const message of answer.messages) this.keep(message, { listed: true });
    this.hasMore = Boolean(answer.has_more) && answer.messages.length > 0;
  }

  /**
   * Whether a message is to be shown here.
   * @param {any} message
   * @returns {boolean}
   */
  owns(message) {
    if (message.channel !== this.channel) return false;
    const inThread = message.thread_ts && message.thread_ts !== message.ts;
    if (this.threadTs) return message.ts === this.threadTs || message.thread_ts === this.threadTs;
    return !inThread || message.subtype === "thread_broadcast";
  }

  /**
   * Take a message in, in the place of its older self.
   * @param {any} message
   * @param {{listed?: boolean}} [how] `listed`: the playground itself counts it here (replies sent to the channel too)
   */
  keep(message, { listed = false } = {}) {
    if (!listed) this.meanwhile?.push(() => this.keep(message));
    const known = { channel: this.channel, ...message };
    if (!(listed || this.owns(known) || this.messages.has(known.ts)) || dismissed.has(`${store.me}/${known.ts}`)) return;
    this.messages.set(known.ts, known);
    if (known.user === store.me && !known.is_ephemeral) {
      const at = this.pending.findIndex((waiting) => waiting.sentTs === known.ts || waiting.raw === plain(known.text));
      if (at >= 0) this.pending.splice(at, 1);
    }
  }

  /**
   * Forget a message.
   * @param {string} ts
   */
  drop(ts) {
    this.meanwhile?.push(() => this.drop(ts));
    this.messages.delete(ts);
  }

  /**
   * Hide an ephemeral message for good.
   * @param {any} message
   */
  dismiss(message) {
    dismissed.add(`${store.me}/${message.ts}`);
    sessionStorage.setItem("dismissed", JSON.stringify([...dismissed].slice(-200)));
    this.drop(message.ts);
    emit("messages", this.channel);
  }

  /**
   * Post what the person typed; it shows at once, paler, until the playground has it.
   * @param {string} text
   * @returns {Promise<string>} its ts; rejects when it could not be posted, with the message gone again
   */
  async send(text) {
    pendingNumber += 1;
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const waiting = {
      ts: (now() + pendingNumber / 1e5).toFixed(6), channel: this.channel, user: store.me, text: escaped, raw: text, pending: true,
      thread_ts: this.threadTs ?? undefined,
    };
    this.pending.push(waiting);
    emit("messages", this.channel);
    try {
      const answer = await post("post", { channel: this.channel, text, thread_ts: this.threadTs ?? undefined });
      if (this.messages.has(answer.ts)) this.pending = this.pending.filter((other) => other !== waiting);
      else waiting.sentTs = answer.ts;
      return answer.ts;
    } catch (error) {
      this.pending = this.pending.filter((other) => other !== waiting);
      throw error;
    } finally {
      emit("messages", this.channel);
    }
  }

  /**
   * Say something to this person alone, on behalf of the playground itself.
   * @param {string} text mrkdwn
   */
  say(text) {
    const ts = now().toFixed(6);
    this.messages.set(ts, { ts, channel: this.channel, thread_ts: this.threadTs ?? undefined, text, local: true, is_ephemeral: true });
    emit("messages", this.channel);
  }

  /** @returns {any[]} everything to show, oldest first */
  sorted() {
    const own = [...this.messages.values()].sort((one, other) => Number(one.ts) - Number(other.ts));
    if (this.threadTs) own.sort((one, other) => Number(other.ts === this.threadTs) - Number(one.ts === this.threadTs));
    return [...own, ...this.pending];
  }
}

function plain(text) {
  return String(text ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
