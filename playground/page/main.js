// Puts the page together and opens the workspace.

import { Conversation } from "./conversation.js";
import { dialogIsOpen } from "./dialog.js";
import { fill, h } from "./dom.js";
import { goTo, openDm, route, start, unreadTotal } from "./session.js";
import { sidebar } from "./sidebar.js";
import { channelName, emit, on, store } from "./store.js";
import { openSwitcher } from "./switcher.js";
import { ThreadPane } from "./thread.js";
import { topbar } from "./topbar.js";
import { tryThis } from "./trythis.js";
import { Modals } from "./views.js";

const app = document.getElementById("app");
const boot = app.firstElementChild;

function build() {
  const modals = new Modals();
  const conversation = new Conversation();
  const thread = new ThreadPane();
  const lost = h("div.lost", { role: "status", hidden: true }, h("span.spinner", { "aria-hidden": "true" }), "Connection lost. Reconnecting…");
  const shade = h("div.shade", { onclick: () => emit("sidebar", false) });
  const side = sidebar();
  const bar = topbar();
  const offers = tryThis();

  on("views", (stack) => modals.take(stack));
  on("goto", (id) => goTo(id));
  on("open-dm", (id) => openDm(id));
  on("switcher", openSwitcher);
  on("connection", (up) => {
    lost.hidden = up;
  });
  on("sidebar", (open) => {
    const wasOpen = app.classList.contains("sidebar-open");
    app.classList.toggle("sidebar-open", open);
    if (open && !wasOpen) side.querySelector(".is-here, .place")?.focus();
  });
  for (const type of ["route", "channels", "state"]) on(type, retitle);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!dialogIsOpen()) openSwitcher();
    } else if (event.key === "Escape" && app.classList.contains("sidebar-open")) emit("sidebar", false);
  });
  on("state", () => {
    if (boot.isConnected) fill(app, bar, lost, offers, side, shade, conversation.element, thread.element);
  });
}

function retitle() {
  const channel = store.channels.get(route.in);
  const place = route.in === "home" ? store.app.name : channel ? `${channel.is_im ? "" : "#"}${channelName(channel)}` : "";
  const unread = unreadTotal();
  document.title = `${unread ? `(${unread}) ` : ""}${place ? `${place} · ` : ""}${teamTitle()}`;
}

function teamTitle() {
  return /playground$/i.test(store.team.name) ? store.team.name : `${store.team.name} Playground`;
}

async function open() {
  try {
    await start();
  } catch (error) {
    fill(boot, h("h1", {}, "The workspace did not open"), h("p", {}, error.message),
      h("button.btn.primary", { type: "button", onclick: () => location.reload() }, "Try again"));
  }
}

build();
open();
