// The sidebar: the workspace, its channels, direct messages and app, and who one acts as.

import { actAsSwitcher } from "./actas.js";
import { avatar } from "./avatar.js";
import { fill, h, noteFocus } from "./dom.js";
import { icon } from "./icons.js";
import { appButtons, rail, teamLine } from "./rail.js";
import { goTo, route } from "./session.js";
import { appChannel, appFace, channelName, emit, isAppDm, on, store } from "./store.js";

/** @returns {HTMLElement} the sidebar, which follows the store */
export function sidebar() {
  const nav = h("nav.places", { "aria-label": "Conversations" });
  const foot = h("div.sidebar-foot");
  const head = h("div.sidebar-head");
  const teams = h("div");
  const node = h("aside.sidebar", { id: "sidebar", "aria-label": "Sidebar", dataset: { testid: "sidebar" } }, teams, head, nav, foot);

  const draw = () => {
    const restore = noteFocus(nav);
    const scroll = nav.scrollTop;
    fill(nav, places());
    nav.scrollTop = scroll;
    restore(nav);
  };
  on("state", () => {
    fill(teams, rail());
    fill(head, h("div.team-mark", { "aria-hidden": "true" }, store.team.name.trim()[0] ?? "P"),
      h("div.team", {}, h("strong", {}, store.team.name), h("span", {}, teamLine())),
      h("button.icon-button.only-phone", { type: "button", "aria-label": "Close sidebar", onclick: () => emit("sidebar", false) }, icon("close")));
    fill(foot, actAsSwitcher());
    draw();
  });
  on("channels", draw);
  on("route", () => {
    draw();
    emit("sidebar", false);
  });
  return node;
}

function places() {
  const all = [...store.channels.values()].filter((channel) => !channel.is_archived || channel.id === route.in);
  const byName = (one, other) => channelName(one).localeCompare(channelName(other));
  const rooms = all.filter((channel) => !channel.is_im).sort(byName);
  const joined = rooms.filter((channel) => channel.members.includes(store.me));
  const others = rooms.filter((channel) => !channel.members.includes(store.me));
  const people = all.filter((channel) => channel.is_im && !isAppDm(channel)).sort(byName);
  return [
    section("Apps", [...(store.app.installed ? [appEntry()] : []), ...appButtons()]),
    section("Channels", joined.map(roomEntry), "No channels yet"),
    others.length ? section("More channels", others.map(roomEntry)) : null,
    section("Direct messages", [...people.map(personEntry), newMessage()]),
  ];
}

function section(title, entries, empty) {
  return h("section.place-section", { "aria-label": title }, h("h2.place-heading", {}, title),
    h("ul", {}, entries.map((entry) => h("li", {}, entry))), entries.length ? null : h("p.place-empty", {}, empty));
}

function entry({ id, here, unread, mark, words, testid, onPick }) {
  return h(
    "button.place",
    {
      type: "button",
      class: `${here ? "is-here" : ""} ${unread ? "is-unread" : ""}`.trim(),
      "aria-current": here ? "page" : null,
      dataset: { channel: id, key: id, testid },
      onclick: onPick,
    },
    mark,
    h("span.place-name", {}, words),
    unread ? h("span.place-unread", { "aria-label": `${unread} unread` }, unread > 99 ? "99+" : unread) : null,
  );
}

function roomEntry(channel) {
  return entry({
    id: channel.id,
    here: route.in === channel.id,
    unread: channel.unread,
    mark: icon(channel.is_private ? "lock" : "hash"),
    words: channel.name,
    onPick: () => goTo(channel.id),
  });
}

function personEntry(channel) {
  const member = store.members.get(channel.user);
  return entry({
    id: channel.id,
    here: route.in === channel.id,
    unread: channel.unread,
    mark: avatar({ name: channelName(channel), color: member?.color }, "tiny"),
    words: channelName(channel),
    onPick: () => goTo(channel.id),
  });
}

function appEntry() {
  const dm = appChannel();
  return entry({
    id: dm?.id ?? "app",
    here: route.in === "home" || route.in === dm?.id,
    unread: dm?.unread,
    mark: avatar(appFace(), "tiny"),
    words: store.app.name,
    testid: "app",
    onPick: () => goTo(dm?.unread ? dm.id : "home"),
  });
}

function newMessage() {
  return h("button.place.place-quiet", { type: "button", onclick: () => emit("switcher"), dataset: { key: "new-message" } }, icon("plus"), h("span.place-name", {}, "New message"));
}
