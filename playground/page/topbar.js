// The bar at the top: the workspace's clock, the demo's controls, and the way to jump anywhere.

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { now } from "./clock.js";
import { openPeople } from "./actas.js";
import { clockTime, shortDay, zoneName } from "./dates.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { emit, me, memberName, on, store, zone } from "./store.js";
import { toast, toastError } from "./toasts.js";
import { tryThisButton } from "./trythis.js";

/** @returns {HTMLElement} the bar, which follows the store and the clock */
export function topbar() {
  const day = h("span.clock-day");
  const time = h("b.clock-time");
  const place = h("span.clock-zone");
  const clock = h("div.clock", { role: "timer", "aria-label": "Workspace clock", title: "The workspace’s clock, in the time zone of whom you act as", dataset: { testid: "clock" } },
    icon("clock"), day, time, place);
  const buttons = h("div.controls-row");
  const more = h("button.control.controls-more", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", hidden: true });
  const controls = h("div.controls", { role: "group", "aria-label": "Demo controls", dataset: { testid: "controls" } }, buttons, more);
  const face = h("span.topbar-me");
  const node = h(
    "header.topbar",
    {},
    clock,
    controls,
    h("button.jump", { type: "button", "aria-label": "Jump to a conversation", onclick: () => emit("switcher") },
      icon("search"), h("span.jump-words", {}, "Jump to…"), h("kbd", {}, /Mac/.test(navigator.platform) ? "⌘K" : "Ctrl K")),
    face,
  );

  const tick = () => {
    const at = now();
    for (const [part, text] of [[day, shortDay(at, zone())], [time, clockTime(at, zone())], [place, zoneName(at, zone())]]) {
      if (part.textContent !== text) part.textContent = text;
    }
  };
  const fit = () => {
    const all = [...buttons.children];
    for (const button of all) button.hidden = false;
    more.hidden = true;
    if (buttons.scrollWidth <= controls.clientWidth + 1) return;
    more.hidden = false;
    const narrow = matchMedia("(max-width: 760px)").matches;
    fill(more, icon("bolt"), narrow ? "Demo" : "More", icon("chevron"));
    for (const button of all.toReversed()) {
      if (!narrow && buttons.scrollWidth <= controls.clientWidth - more.offsetWidth - 8) break;
      button.hidden = true;
    }
  };
  more.addEventListener("click", () => {
    const hidden = [...buttons.children].filter((button) => button.hidden);
    openMenu(more, {
      label: "Demo controls",
      items: hidden.map((button) => ({ label: button.textContent, icon: "bolt", onPick: () => button.click() })),
    });
  });
  new ResizeObserver(fit).observe(controls);
  on("clock", tick);
  on("state", () => {
    tick();
    fill(buttons, store.controls.map(controlButton), tryThisButton());
    fill(face, h("button.face-button", { type: "button", "aria-label": `Acting as ${memberName(store.me)}. Change`, onclick: (event) => openPeople(event.currentTarget) },
      avatar({ name: memberName(store.me), color: me()?.color }, "small")));
    fit();
  });
  return node;
}

function controlButton({ id, label }) {
  const button = h("button.control", {
    type: "button",
    dataset: { control: id },
    onclick: async () => {
      if (button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      try {
        const { message } = await post(`control/${encodeURIComponent(id)}`);
        if (message) toast(message);
      } catch (error) {
        toastError(error);
      } finally {
        button.removeAttribute("aria-busy");
      }
    },
  }, label);
  return button;
}
