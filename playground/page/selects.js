// Block Kit's select menus, single and multi: options given, asked of the app, or the workspace's people and channels.

import { avatar } from "./avatar.js";
import { bare } from "./buttons.js";
import { commit } from "./commit.js";
import { fill, h } from "./dom.js";
import { keyOf } from "./form.js";
import { icon } from "./icons.js";
import { matching, openListbox } from "./listbox.js";
import { channelName, people, store } from "./store.js";
import { textOf, wordsOf } from "./textobjects.js";

const SEARCH_FROM = 8;

/**
 * A select for one value.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function selectElement(item, block, surface, about) {
  const source = sourceOf(item, block, surface);
  const current = () => surface.form.get(block.block_id, item);
  const words = h("span.select-words");
  const trigger = h(
    "button.select",
    {
      type: "button",
      role: "combobox",
      id: about?.id,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": about?.label ?? (wordsOf(item.placeholder) || "Select an option"),
      "aria-describedby": about?.describedBy,
      "aria-invalid": about?.invalid || null,
      dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
    },
    words,
    icon("chevron"),
  );
  const show = () => {
    const value = current();
    trigger.classList.toggle("is-empty", !value);
    fill(words, value ? source.shown(value) : textOf(item.placeholder, source.placeholder));
  };
  const open = () => {
    const value = current();
    openListbox(trigger, {
      label: about?.label || wordsOf(item.placeholder) || source.placeholder,
      ...source.search,
      load: (query) => source.load(query, (entry) => value && source.same(entry, value)),
      onPick: async (picked) => {
        await commit(item, block, surface, picked.value);
        show();
      },
    });
  };
  trigger.addEventListener("click", open);
  trigger.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      open();
    } else if ((event.key === "Backspace" || event.key === "Delete") && current()) {
      event.preventDefault();
      commit(item, block, surface, null).then(show);
    }
  });
  show();
  return trigger;
}

/**
 * A select for several values, shown as chips.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function multiSelectElement(item, block, surface, about) {
  const source = sourceOf(item, block, surface);
  const current = () => surface.form.get(block.block_id, item) ?? [];
  const name = about?.label ?? (wordsOf(item.placeholder) || "Select options");
  const chips = h("span.chips");
  const words = h("span.select-words");
  const trigger = h(
    "button.select-add",
    {
      type: "button", role: "combobox", id: about?.id, "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": name,
      "aria-describedby": about?.describedBy, "aria-invalid": about?.invalid || null,
      dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
    },
    words,
    icon("chevron"),
  );
  const box = h("div.select.select-multi", {}, chips, trigger);
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target === chips) open();
  });
  const drop = (value) => settle(current().filter((other) => !source.equal(other, value)));
  const settle = async (next) => {
    await commit(item, block, surface, next);
    show();
  };
  const show = () => {
    const values = current();
    box.classList.toggle("is-empty", !values.length);
    fill(chips, values.map((value) => h("span.chip", {}, h("span.chip-words", {}, source.shown(value)),
      h("button.chip-drop", { type: "button", "aria-label": `Remove ${source.words(value)}`, onclick: () => {
        drop(value);
        trigger.focus();
      } }, icon("close")))));
    fill(words, values.length ? "Add" : textOf(item.placeholder, source.placeholder));
  };
  const open = () =>
    openListbox(trigger, {
      label: name,
      multi: true,
      ...source.search,
      beside: box,
      load: (query) => source.load(query, (entry) => current().some((value) => source.same(entry, value))),
      onPick: (picked) => {
        const had = current().some((value) => source.equal(value, picked.value));
        if (!had && item.max_selected_items && current().length >= item.max_selected_items) return undefined;
        return had ? drop(picked.value) : settle([...current(), picked.value]);
      },
    });
  trigger.addEventListener("click", open);
  trigger.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      open();
    } else if (event.key === "Backspace" && current().length) drop(current().at(-1));
  });
  show();
  return box;
}

function sourceOf(item, block, surface) {
  const kind = item.type.replace(/^multi_/, "");
  if (kind === "users_select") return idSource(personEntries, "Select a person", personShown);
  if (kind === "channels_select") return idSource(() => channelEntries({ include: ["public"] }), "Select a channel", channelShown);
  if (kind === "conversations_select") return idSource(() => channelEntries(item.filter ?? {}), "Select a conversation", channelShown);
  return optionSource(item, block, surface, kind === "external_select");
}

function optionSource(item, block, surface, remote) {
  const given = item.option_groups?.flatMap((group) => group.options) ?? item.options ?? [];
  const entry = (isSelected) => (option) => {
    const row = { key: option.value, label: wordsOf(option.text), description: option.description && wordsOf(option.description), value: bare(option) };
    return { ...row, selected: Boolean(isSelected(row)) };
  };
  const groups = (answer, query, isSelected) => {
    const list = answer.option_groups ?? [{ options: answer.options ?? [] }];
    return list
      .map((group) => {
        const items = group.options.map(entry(isSelected));
        return { label: group.label && wordsOf(group.label), items: remote ? items : matching(items, query) };
      })
      .filter((group) => group.items.length || !group.label);
  };
  return {
    placeholder: "Select an option",
    search: { search: remote || given.length >= SEARCH_FROM, remote, minQuery: remote ? item.min_query_length ?? 3 : 0 },
    load: remote
      ? async (query, isSelected) => groups(await surface.options(block, item, query), query, isSelected)
      : (query, isSelected) => groups(item, query, isSelected),
    same: (row, value) => row.key === value.value,
    equal: (one, other) => one.value === other.value,
    shown: (value) => textOf(value.text),
    words: (value) => wordsOf(value.text),
  };
}

function idSource(entries, placeholder, shown) {
  return {
    placeholder,
    search: { search: true },
    load: (query, isSelected) => [{ items: matching(entries(), query).map((row) => ({ ...row, selected: Boolean(isSelected(row)) })) }],
    same: (row, value) => row.key === value,
    equal: (one, other) => one === other,
    shown,
    words: (value) => entries().find((row) => row.key === value)?.label ?? value,
  };
}

function personEntries() {
  return people().map((member) => ({
    key: member.id,
    value: member.id,
    label: member.real_name || member.name,
    description: member.title,
    content: h("span.option-person", {}, avatar({ name: member.real_name || member.name, color: member.color }, "tiny"),
      h("span.option-label", {}, member.real_name || member.name), h("span.option-description", {}, member.title)),
  }));
}

function personShown(id) {
  const member = store.members.get(id);
  const name = member?.real_name || member?.name || id;
  return h("span.option-person", {}, avatar({ name, color: member?.color ?? "888888" }, "tiny"), name);
}

function channelEntries({ include = ["public", "private"], exclude_bot_users: noBots = false }) {
  const kinds = new Set(include);
  return [...store.channels.values()]
    .filter((channel) => !channel.is_archived && kinds.has(channel.is_im ? "im" : channel.is_private ? "private" : "public"))
    .filter((channel) => !(noBots && channel.is_im && channel.is_app))
    .map((channel) => ({ key: channel.id, value: channel.id, label: `${channel.is_im ? "" : "#"}${channelName(channel)}` }));
}

function channelShown(id) {
  const channel = store.channels.get(id);
  return channel ? `${channel.is_im ? "" : "# "}${channelName(channel)}` : id;
}
