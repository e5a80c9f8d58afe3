// The switcher of the member whose eyes the page looks through.

import { avatar } from "./avatar.js";
import { now } from "./clock.js";
import { clockTime, zoneName } from "./dates.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { matching, openListbox } from "./listbox.js";
import { actAs } from "./session.js";
import { me, memberName, people, store } from "./store.js";

/**
 * The card at the foot of the sidebar that names the acting member and opens the list of all others.
 * @returns {HTMLElement}
 */
export function actAsSwitcher() {
  const member = me();
  return h(
    "button.act-as",
    {
      type: "button", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
      "aria-label": "Act as", title: "Act as someone else", dataset: { testid: "act-as", member: store.me },
      onclick: (event) => openPeople(event.currentTarget),
      onkeydown: (event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        openPeople(event.currentTarget);
      },
    },
    avatar({ name: memberName(store.me), color: member?.color }, "medium"),
    h("span.act-as-text", {}, h("span.act-as-label", {}, "Acting as"), h("strong", {}, memberName(store.me)),
      member?.title && h("span.act-as-title", {}, member.title)),
    icon("updown"),
  );
}

/**
 * Open the list of people to act as.
 * @param {HTMLElement} anchor
 */
export function openPeople(anchor) {
  const items = people().map((member) => ({
    key: member.id,
    label: memberName(member.id),
    description: `${member.title} ${member.name}`,
    selected: member.id === store.me,
    content: h("span.option-person", {}, avatar({ name: memberName(member.id), color: member.color }, "medium"),
      h("span.option-text", {},
        h("span.option-label", {}, memberName(member.id), member.is_admin && h("span.tag", {}, "Admin")),
        h("span.option-description", {}, [member.title, `${clockTime(now(), member.tz)} ${zoneName(now(), member.tz)}`].filter(Boolean).join(" · ")))),
  }));
  openListbox(anchor, {
    label: "people to act as",
    search: true,
    above: true,
    width: 372,
    load: (query) => [{ items: matching(items, query) }],
    onPick: (item) => actAs(item.key),
  });
}
