// The strip under the top bar that offers a first thing to do for each role, until it is closed.

import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { actAs, goTo } from "./session.js";
import { appChannel, emit, memberName, on, store } from "./store.js";

const KEY = "playground-try-this-closed";

const seen = new Set();

/** @returns {HTMLElement} the strip, which is hidden where nothing is offered */
export function tryThis() {
  const list = h("ol.tries");
  const close = h("button.icon-button", { type: "button", "aria-label": "Close “Try this”", onclick: () => toggle(false) }, icon("close"));
  const node = h("section.try-this", { "aria-label": "Try this", hidden: true, dataset: { testid: "try-this" } },
    h("h2.try-title", {}, "Try this"), list, close);

  const draw = () => {
    node.hidden = !store.tasks.length || isClosed();
    fill(list, store.tasks.map((task) => h("li", {}, taskButton(task))));
  };
  const toggle = (open) => {
    remember(!open);
    draw();
  };
  on("state", draw);
  on("try-this", () => toggle(node.hidden));
  return node;
}

/** @returns {HTMLElement|null} the button that opens the strip again; null where nothing is offered */
export function tryThisButton() {
  if (!store.tasks.length) return null;
  return h("button.control", { type: "button", dataset: { control: "try-this" }, onclick: () => emit("try-this") }, "Try this");
}

function taskButton(task) {
  const button = h("button.try", { type: "button", class: seen.has(task.id) ? "is-seen" : "", dataset: { task: task.id }, onclick: () => begin(task, button) },
    avatar({ name: memberName(task.as), color: store.members.get(task.as)?.color }, "small"),
    h("span.try-text", {},
      h("span.try-who", {}, h("b", {}, task.role), ` · ${memberName(task.as)}`, h("span.try-seen", { "aria-label": "opened" }, icon("check"))),
      h("span.try-words", {}, task.words)));
  return button;
}

/** Be that person, at that place, with the line typed. */
async function begin(task, button) {
  seen.add(task.id);
  button.classList.add("is-seen");
  await actAs(task.as);
  if (store.me !== task.as) return; // why not was told
  goTo(task.in === "app" ? appChannel()?.id ?? "home" : task.in);
  if (task.draft) emit("draft", task.draft);
}

function isClosed() {
  try {
    return localStorage.getItem(KEY) === store.team.id;
  } catch {
    return closedHere;
  }
}

let closedHere = false;

function remember(closed) {
  closedHere = closed;
  try {
    if (closed) localStorage.setItem(KEY, store.team.id);
    else localStorage.removeItem(KEY);
  } catch {
    // a browser without storage shows it again on the next visit
  }
}
