// The main pane: a channel, a direct message, or the app with its Home and Messages tabs.

import { Prompts } from "./agent.js";
import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { textNodes } from "./emoji.js";
import { Home } from "./home.js";
import { icon } from "./icons.js";
import { openListbox } from "./listbox.js";
import { MessageList } from "./messagelist.js";
import { mrkdwn } from "./mrkdwn.js";
import { goTo, historyOf, markRead, openDm, openThread, route } from "./session.js";
import { appChannel, appFace, channelName, emit, isAppDm, memberName, on, store } from "./store.js";
import { toastError } from "./toasts.js";

/** What the middle of the page shows. */
export class Conversation {
  constructor() {
    this.head = h("header.pane-head");
    this.list = new MessageList({
      label: "Messages",
      testid: "message-list",
      intro: () => intro(store.channels.get(route.in)),
      onReply: (message) => openThread(message.ts),
      onSeen: () => markRead(),
    });
    this.prompts = new Prompts((message) => this.ask(message));
    this.composer = new Composer({ onSent: (ts) => this.sent(ts) });
    this.home = new Home();
    this.messages = h("div.pane-body", {}, this.list.element, this.prompts.element, this.composer.element);
    this.element = h("main.main", { "aria-label": "Conversation" }, this.head, this.messages, this.home.element);
    on("route", () => this.show());
    on("stale", () => this.history && this.refetch());
    on("channels", () => this.drawHead());
    on("messages", (channel) => {
      if (this.history?.channel === channel) this.list.sync();
    });
    on("agent", () => this.drawPrompts());
  }

  drawPrompts() {
    const channel = store.channels.get(route.in);
    this.prompts.draw(channel && isAppDm(channel) ? channel.id : undefined);
  }

  async ask(message) {
    try {
      this.sent(await this.history.send(message));
    } catch (error) {
      toastError(error);
    }
  }

  /** An agent answers below what was written to it. */
  sent(ts) {
    const channel = store.channels.get(route.in);
    if (store.app.agent && channel && isAppDm(channel)) openThread(ts);
  }

  async show() {
    const atHome = route.in === "home";
    const channel = store.channels.get(route.in);
    this.home.element.hidden = !atHome;
    this.messages.hidden = atHome;
    this.drawHead();
    if (atHome) {
      this.history = null;
      await this.home.open();
      return;
    }
    if (!channel) return;
    const history = historyOf(channel.id);
    const unread = channel.unread ?? 0;
    const isNew = this.history !== history;
    this.history = history;
    this.drawPrompts();
    if (isNew && store.app.agent && isAppDm(channel)) post("messages_tab").catch(toastError);
    this.list.how.label = `Messages in ${nameWithMark(channel)}`;
    const locked = lockedBecause(channel);
    if (isNew) {
      this.composer.show(history, `Message ${nameWithMark(channel)}`, { locked });
      this.list.show(history, history.loaded ? unread : 0);
      this.opened = history.loaded ? history : null;
      if (matchMedia("(hover: hover)").matches) this.composer.field.focus({ preventScroll: true });
    }
    await this.refetch(unread);
    if (this.history === history) markRead();
  }

  async refetch(unread = 0) {
    const { history } = this;
    if (!history.stale) return;
    try {
      await history.load();
      if (this.history !== history) return;
      if (this.opened === history) this.list.sync();
      else this.list.show(history, unread);
      this.opened = history;
    } catch (error) {
      toastError(error);
    }
  }

  drawHead() {
    const channel = store.channels.get(route.in);
    const elsewhere = [...store.channels.values()].some((other) => other.unread && other.id !== route.in);
    const menu = h("button.icon-button.only-phone", { type: "button", class: elsewhere ? "has-dot" : "", "aria-label": elsewhere ? "Open sidebar, unread messages" : "Open sidebar", onclick: () => emit("sidebar", true) }, icon("menu"));
    if (route.in === "home" || (channel && isAppDm(channel))) {
      fill(this.head, menu, appHead(route.in === "home"));
    } else if (channel) fill(this.head, menu, channel.is_im ? personHead(channel) : channelHead(channel));
    else fill(this.head, menu);
  }
}

function lockedBecause(channel) {
  if (channel.is_archived) return `#${channel.name} is archived. Nobody can post here.`;
  return isAppDm(channel) && store.app.read_only ? `${store.app.name} reads no messages. Use its commands.` : undefined;
}

function nameWithMark(channel) {
  return channel.is_im ? channelName(channel) : `#${channel.name}`;
}

function appHead(atHome) {
  const tab = (label, selected, onclick) =>
    h("button.tab", {
      type: "button", role: "tab", "aria-selected": String(selected), tabindex: selected ? "0" : "-1", onclick,
      onkeydown: (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        const other = [...event.currentTarget.parentElement.children].find((node) => node !== event.currentTarget);
        other.click();
        requestAnimationFrame(() => document.querySelector('.tab[aria-selected="true"]')?.focus());
      },
    }, label);
  const dm = appChannel();
  return h("div.app-head", {},
    h("div.pane-title", {}, avatar(appFace(), "small"), h("h1", {}, store.app.name), h("span.badge-app", {}, "APP")),
    h("div.tabs", { role: "tablist", "aria-label": store.app.name },
      tab("Home", atHome, () => goTo("home")),
      tab(dm?.unread ? `Messages (${dm.unread})` : "Messages", !atHome, () => (dm ? goTo(dm.id) : openDm(store.app.user_id)))));
}

function personHead(channel) {
  const member = store.members.get(channel.user);
  return h("div.pane-title", {}, avatar({ name: memberName(channel.user), color: member?.color }, "small"),
    h("h1", {}, memberName(channel.user)), member?.title && h("span.pane-topic", {}, member.title));
}

function channelHead(channel) {
  const members = channel.members.map((id) => store.members.get(id)).filter(Boolean);
  const faces = members.filter((member) => !member.is_bot).slice(0, 3);
  const open = (event) =>
    openListbox(event.currentTarget, {
      label: "members",
      search: true,
      align: "end",
      width: 300,
      load: (query) => [{
        items: members
          .filter((member) => `${member.real_name} ${member.name} ${member.title}`.toLowerCase().includes(query.toLowerCase()))
          .map((member) => ({
            key: member.id, label: member.real_name,
            content: h("span.option-person", {}, avatar({ name: memberName(member.id), color: member.color, isApp: member.is_bot }, "small"),
              h("span.option-text", {}, h("span.option-label", {}, memberName(member.id)), h("span.option-description", {}, member.is_bot ? "App" : member.title))),
          })),
      }],
      onPick: (item) => openDm(item.key),
    });
  return [
    h("div.pane-title", {}, h("span.pane-mark", {}, icon(channel.is_private ? "lock" : "hash")), h("h1", {}, channel.name),
      channel.topic && h("span.pane-topic", { title: channel.topic }, textNodes(channel.topic))),
    h("button.faces", { type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": `${members.length} members`, onclick: open },
      faces.map((member) => avatar({ name: memberName(member.id), color: member.color }, "tiny")), h("span", {}, members.length)),
  ];
}

function intro(channel) {
  if (!channel) return null;
  if (isAppDm(channel)) {
    return introBox(avatar(appFace(), "large"),
      store.app.name, `This is your conversation with ${store.app.name}. Reminders and answers meant for you arrive here.${store.app.agent ? " You can ask it something, too." : ""}`);
  }
  if (channel.is_im) {
    const name = memberName(channel.user);
    return introBox(avatar({ name, color: store.members.get(channel.user)?.color }, "large"), name,
      `This conversation is just between you and ${name}.`);
  }
  return introBox(h("span.intro-mark", { "aria-hidden": "true" }, icon(channel.is_private ? "lock" : "hash")), `#${channel.name}`,
    h("span", {}, "This is the very beginning of the channel. ", channel.topic && mrkdwn(channel.topic)));
}

function introBox(mark, title, words) {
  return h("div.intro", {}, mark, h("h2", {}, title), h("p", {}, words));
}
