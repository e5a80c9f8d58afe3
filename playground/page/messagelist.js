// A scrolling list of messages that changes only the nodes that changed and keeps the reader's place.

import { dateNode } from "./clock.js";
import { dayKey } from "./dates.js";
import { fill, h, noteFocus } from "./dom.js";
import { icon } from "./icons.js";
import { drawMessage } from "./message.js";
import { authorOf, store, zone } from "./store.js";
import { toastError } from "./toasts.js";

const GROUP_WITHIN = 300;
const NEAR_BOTTOM = 48;

/** One list, of a channel or a thread. */
export class MessageList {
  /**
   * @param {{label: string, testid?: string, intro?: () => Node|null, onReply?: (message: any) => void, onSeen?: () => void}} how
   */
  constructor(how) {
    this.how = how;
    this.history = null;
    this.nodes = new Map();
    this.stuck = true;
    this.placed = 0;
    this.fresh = 0;
    this.unreadAfter = null;
    this.top = h("div.list-top");
    this.list = h("div.list", { role: "log", "aria-live": "polite", "aria-label": how.label, dataset: { testid: how.testid } });
    this.scroller = h("div.scroller", {}, h("div.list-push"), this.top, this.list);
    this.pill = h("button.pill", { type: "button", hidden: true, onclick: () => this.toBottom() });
    this.element = h("div.list-frame", {}, this.scroller, this.pill);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.key(event));
    const hold = new ResizeObserver(() => {
      this.look();
      if (this.stuck) this.toBottom();
    });
    hold.observe(this.list);
    hold.observe(this.scroller);
  }

  /**
   * Show another history, from its end, with a line above the unread ones.
   * @param {import("./history.js").History} history
   * @param {number} [unread]
   */
  show(history, unread = 0) {
    if (this.history !== history) {
      this.history = history;
      this.nodes.clear();
      fill(this.list);
    }
    this.list.setAttribute("aria-label", this.how.label);
    this.stuck = true;
    this.placed = 0;
    this.fresh = 0;
    const others = history.sorted().filter((message) => !message.is_ephemeral && message.user !== store.me);
    this.unreadAfter = unread && others.length ? others.at(-Math.min(unread, others.length)).ts : null;
    this.sync();
    this.toBottom();
  }

  /** Bring the nodes in line with the history. */
  sync() {
    if (!this.history) return;
    const messages = this.history.sorted();
    this.look();
    const keepPlace = this.stuck ? null : this.notePlace();
    this.drawTop();
    const rows = this.rows(messages);
    const before = this.nodes;
    this.nodes = new Map();
    let cursor = this.list.firstChild;
    const restores = [];
    for (const row of rows) {
      const old = before.get(row.key);
      let node = old?.node;
      if (!old || old.sign !== row.sign) {
        const restore = node ? noteFocus(node) : null;
        const tabindex = node?.getAttribute?.("tabindex");
        node = row.draw();
        if (tabindex === "0") node.setAttribute("tabindex", "0");
        if (restore) restores.push([restore, node]);
        if (old && cursor === old.node) cursor = old.node.nextSibling;
        if (old) old.node.replaceWith(node);
      }
      this.nodes.set(row.key, { node, sign: row.sign });
      if (node === cursor) cursor = cursor.nextSibling;
      else if (cursor ? node.nextSibling !== cursor : node !== this.list.lastChild) this.list.insertBefore(node, cursor);
    }
    for (const [key, { node }] of before) if (!this.nodes.has(key)) node.remove();
    for (const [restore, node] of restores) restore(node);
    if (!this.list.querySelector('.message[tabindex="0"]')) this.list.querySelector(".message:last-of-type")?.setAttribute("tabindex", "0");
    this.noticeNew(messages.slice(messages.findLastIndex((message) => before.has(message.ts)) + 1));
    if (this.stuck) this.toBottom();
    else keepPlace?.();
  }

  rows(messages) {
    const rows = [];
    let day = "";
    let previous = null;
    const thread = Boolean(this.history.threadTs);
    for (const message of messages) {
      const at = Number(message.ts);
      const today = dayKey(at, zone());
      if (today !== day && !thread) {
        day = today;
        previous = null;
        rows.push({ key: `day-${today}`, sign: zone(), draw: () => dayDivider(at) });
      }
      if (message.ts === this.unreadAfter) {
        previous = null;
        rows.push({ key: "unread", sign: "", draw: () => h("div.new-line", { role: "separator" }, h("span", {}, "New")) });
      }
      const grouped = Boolean(previous && sameBreath(previous, message));
      rows.push({
        key: message.ts,
        sign: `${store.me}|${grouped}|${JSON.stringify(message)}`,
        draw: () => drawMessage(message, {
          grouped,
          inThread: thread,
          onReply: this.how.onReply,
          onDismiss: (gone) => this.history.dismiss(gone),
        }),
      });
      previous = message;
      if (thread && message.ts === this.history.threadTs) {
        previous = null;
        const count = messages.filter((other) => other !== message && !other.is_ephemeral).length;
        const words = count ? `${count} ${count === 1 ? "reply" : "replies"}` : "No replies yet";
        rows.push({ key: "replies", sign: words, draw: () => h("div.replies-line", { role: "separator" }, h("span", {}, words)) });
      }
    }
    return rows;
  }

  drawTop() {
    if (this.history.hasMore) {
      fill(this.top, h("button.btn.btn-small", { type: "button", onclick: () => this.older() }, "Show older messages"));
    } else fill(this.top, this.history.loaded ? this.how.intro?.() : null);
  }

  async older() {
    if (this.fetching) return;
    this.fetching = true;
    try {
      await this.history.loadOlder();
      this.stuck = false;
      this.sync();
    } catch (error) {
      toastError(error);
    } finally {
      this.fetching = false;
    }
  }

  notePlace() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const node of this.list.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom <= top || !node.dataset.ts) continue;
      const { ts } = node.dataset;
      return () => {
        const again = this.nodes.get(ts)?.node;
        if (again) this.scroller.scrollTop += again.getBoundingClientRect().top - box.top;
      };
    }
    return null;
  }

  noticeNew(arrived) {
    if (arrived.some((message) => message.user === store.me || message.is_ephemeral)) this.stuck = true;
    if (arrived.length && this.stuck) this.how.onSeen?.();
    else this.fresh += arrived.length;
    this.pill.hidden = this.stuck || !this.fresh;
    if (!this.pill.hidden) fill(this.pill, icon("down"), this.fresh === 1 ? "1 new message" : `${this.fresh} new messages`);
  }

  /** Notice that the reader has moved up, also before the browser's scroll event says so. */
  look() {
    if (this.scroller.scrollTop < this.placed - NEAR_BOTTOM && this.rest() >= NEAR_BOTTOM) this.stuck = false;
  }

  rest() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  scrolled() {
    this.look();
    if (!this.stuck && this.rest() < NEAR_BOTTOM) {
      this.stuck = true;
      this.placed = this.scroller.scrollTop;
    }
    if (this.stuck && this.fresh) {
      this.fresh = 0;
      this.pill.hidden = true;
      this.how.onSeen?.();
    }
    if (this.scroller.scrollTop < 60 && this.history?.hasMore && this.history.loaded && !this.stuck) this.older();
  }

  /** Go to the newest message. */
  toBottom() {
    this.stuck = true;
    this.fresh = 0;
    this.pill.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.placed = this.scroller.scrollTop;
  }

  key(event) {
    if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const at = event.target.closest(".message");
    if (!at || event.target !== at) return;
    const all = [...this.list.querySelectorAll(".message")];
    const here = all.indexOf(at);
    const next = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: all.length - 1 }[event.key];
    const target = all[next];
    if (!target) return;
    event.preventDefault();
    at.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    target.focus();
  }
}

function dayDivider(at) {
  return h("div.day", { role: "separator" }, h("span", {}, dateNode(at, "{day_divider_pretty}")));
}

function sameBreath(one, other) {
  return (
    authorOf(one).id === authorOf(other).id &&
    authorOf(one).name === authorOf(other).name &&
    Number(other.ts) - Number(one.ts) < GROUP_WITHIN &&
    !one.is_ephemeral && !other.is_ephemeral && !one.reply_count && !one.subtype === !other.subtype
  );
}
