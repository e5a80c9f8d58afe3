// The thread pane beside a channel.

import { StatusLine } from "./agent.js";
import { Composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { MessageList } from "./messagelist.js";
import { historyOf, openThread, route } from "./session.js";
import { channelName, on, store } from "./store.js";
import { toastError } from "./toasts.js";

/** One thread: its parent, its replies and a composer. */
export class ThreadPane {
  constructor() {
    this.place = h("span.thread-place");
    this.list = new MessageList({ label: "Thread", testid: "thread-messages" });
    this.status = new StatusLine();
    this.composer = new Composer({ inThread: true, testid: "thread-composer" });
    on("agent", () => this.status.draw(route.in, route.thread));
    this.element = h(
      "aside.thread",
      { "aria-label": "Thread", hidden: true, dataset: { testid: "thread" } },
      h("header.pane-head", {}, h("div.pane-title", {}, h("h2", {}, "Thread"), this.place),
        h("button.icon-button", { type: "button", "aria-label": "Close thread", onclick: () => openThread("") }, icon("close"))),
      this.list.element,
      this.status.element,
      this.composer.element,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) {
        event.preventDefault();
        this.leave();
      }
    });
    on("thread", () => this.show({ focus: true }));
    on("route", () => this.show());
    on("stale", () => this.show());
    on("messages", (channel) => {
      if (this.history?.channel === channel && !this.element.hidden) this.list.sync();
    });
  }

  leave() {
    const { thread } = route;
    openThread("");
    document.querySelector(`[data-testid="message-list"] [data-ts="${CSS.escape(thread)}"]`)?.focus();
  }

  async show({ focus = false } = {}) {
    const channel = store.channels.get(route.in);
    const wanted = channel && route.thread;
    this.element.hidden = !wanted;
    document.getElementById("app").classList.toggle("has-thread", Boolean(wanted));
    if (!wanted) {
      this.history = null;
      return;
    }
    this.status.draw(channel.id, route.thread);
    const history = historyOf(channel.id, route.thread);
    const parent = historyOf(channel.id).messages.get(route.thread);
    if (parent && !history.loaded) history.keep(parent);
    const isNew = this.history !== history;
    this.history = history;
    fill(this.place, channel.is_im ? channelName(channel) : `# ${channel.name}`);
    if (isNew) {
      this.list.show(history);
      this.composer.show(history, "Reply…");
    }
    if (focus) this.composer.field.focus();
    if (!history.stale) return;
    try {
      await history.load();
      if (this.history === history) this.list.sync();
    } catch (error) {
      toastError(error);
    }
  }
}
