// The quick switcher: type part of a name, go there.

import { avatar } from "./avatar.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { matching } from "./listbox.js";
import { OptionList } from "./optionlist.js";
import { goTo, openDm } from "./session.js";
import { appFace, isAppDm, memberName, people, store } from "./store.js";

let isOpen = false;

/** Open it, unless it is open. */
export function openSwitcher() {
  if (isOpen) return;
  isOpen = true;
  const input = h("input.switcher-field", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-label": "Jump to", placeholder: "Find a channel, a person or the app", autocomplete: "off", spellcheck: "false",
  });
  const close = () => {
    isOpen = false;
    dialog.close();
  };
  const list = new OptionList({
    label: "Conversations",
    owner: input,
    onPick: (item) => {
      close();
      item.go();
    },
  });
  input.setAttribute("aria-controls", list.id);
  const panel = h("div.modal.switcher", { role: "dialog", "aria-label": "Jump to a conversation", dataset: { testid: "switcher" } },
    h("div.switcher-head", {}, icon("search"), input, h("kbd", {}, "Esc")), list.element);
  const dialog = openDialog(panel, { onEscape: close, onBackdrop: close, className: "layer-top" });
  const all = destinations();
  const refresh = () => list.setGroups([{ items: matching(all, input.value.trim().replace(/^[#@]/, "")).slice(0, 12) }]);
  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => list.key(event));
  refresh();
  input.focus();
}

function destinations() {
  const rooms = [...store.channels.values()]
    .filter((channel) => !channel.is_im)
    .sort((one, other) => (other.unread || 0) - (one.unread || 0) || one.name.localeCompare(other.name))
    .map((channel) => ({
      key: channel.id, label: channel.name, description: channel.topic, go: () => goTo(channel.id),
      content: row(icon(channel.is_private ? "lock" : "hash"), channel.name, channel.topic, channel.unread),
    }));
  const home = {
    key: "home", label: store.app.name, description: "App Home", go: () => goTo("home"),
    content: row(avatar(appFace(), "tiny"), store.app.name, "Home"),
  };
  const dms = people()
    .filter((member) => member.id !== store.me)
    .map((member) => {
      const dm = [...store.channels.values()].find((channel) => channel.is_im && !isAppDm(channel) && channel.user === member.id);
      return {
        key: member.id, label: memberName(member.id), description: `${member.name} ${member.title}`, go: () => openDm(member.id),
        content: row(avatar({ name: memberName(member.id), color: member.color }, "tiny"), memberName(member.id), member.title, dm?.unread),
      };
    });
  return [...rooms, home, ...dms];
}

function row(mark, name, about, unread) {
  return h("span.option-person", {}, h("span.option-mark", {}, mark), h("span.option-label", {}, name),
    h("span.option-description", {}, about), unread ? h("span.place-unread", {}, unread) : null);
}
