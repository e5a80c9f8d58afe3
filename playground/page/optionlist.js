// A list of options that arrow keys walk through: the core of selects, autocompletes and switchers.

import { fill, freshId, h } from "./dom.js";

/**
 * @typedef {{key: string, label: string, content?: any, description?: string, selected?: boolean, disabled?: boolean}} Item
 * @typedef {{label?: string, items: Item[]}} Group
 */

/** The list itself. The focus stays on the field it serves; `aria-activedescendant` points into the list. */
export class OptionList {
  /**
   * @param {{label: string, onPick: (item: Item) => void, owner?: HTMLElement, multi?: boolean, empty?: string}} how
   */
  constructor({ label, onPick, owner, multi = false, empty = "Nothing matches" }) {
    this.onPick = onPick;
    this.empty = empty;
    this.id = freshId("options");
    this.element = h("div.options", { role: "listbox", id: this.id, "aria-label": label, "aria-multiselectable": multi || null });
    this.owner = owner;
    this.items = [];
    this.nodes = [];
    this.active = -1;
  }

  /**
   * Show these groups and make the chosen or the first option the active one.
   * @param {Group[]} groups
   * @param {{keepActive?: boolean}} [how]
   */
  setGroups(groups, { keepActive = false } = {}) {
    const before = keepActive ? this.items[this.active]?.key : undefined;
    this.items = groups.flatMap((group) => group.items);
    this.nodes = [];
    fill(
      this.element,
      groups.map((group) => {
        const rows = group.items.map((item) => this.row(item));
        if (!group.label) return rows;
        const id = freshId("group");
        return h("div", { role: "group", "aria-labelledby": id }, h("div.options-label", { id }, group.label), rows);
      }),
      this.items.length ? null : h("div.options-empty", {}, this.empty),
    );
    let start = this.items.findIndex((item) => item.key === before);
    if (start < 0) start = this.items.findIndex((item) => item.selected);
    this.activate(start < 0 ? 0 : start);
  }

  /**
   * Say something instead of options.
   * @param {string} words
   */
  say(words) {
    this.items = [];
    this.nodes = [];
    this.active = -1;
    this.owner?.removeAttribute("aria-activedescendant");
    fill(this.element, h("div.options-empty", { role: "status" }, words));
  }

  row(item) {
    const index = this.nodes.length;
    const node = h(
      "div.option",
      {
        role: "option",
        id: freshId("option"),
        "aria-selected": item.selected ? "true" : "false",
        "aria-disabled": item.disabled ? "true" : null,
        onpointermove: () => this.activate(index, false),
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => this.pick(index),
      },
      item.content ?? h("span.option-text", {}, h("span.option-label", {}, item.label),
        item.description && h("span.option-description", {}, item.description)),
    );
    this.nodes.push(node);
    return node;
  }

  activate(index, scroll = true) {
    this.nodes[this.active]?.classList.remove("is-active");
    this.active = this.items.length ? Math.max(0, Math.min(index, this.items.length - 1)) : -1;
    const node = this.nodes[this.active];
    if (!node) return this.owner?.removeAttribute("aria-activedescendant");
    node.classList.add("is-active");
    this.owner?.setAttribute("aria-activedescendant", node.id);
    if (scroll) node.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  /**
   * Pick an option; the active one by default.
   * @param {number} [index]
   * @returns {boolean} whether there was one to pick
   */
  pick(index = this.active) {
    const item = this.items[index];
    if (!item || item.disabled) return false;
    this.onPick(item);
    return true;
  }

  /**
   * Go to the next option that starts with what is typed, for lists without a search field. Space picks.
   * @param {KeyboardEvent} event
   */
  jump(event) {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === " " && !this.typed) {
      this.pick();
      return;
    }
    clearTimeout(this.typedTimer);
    this.typedTimer = setTimeout(() => {
      this.typed = "";
    }, 700);
    this.typed = (this.typed ?? "") + event.key.toLowerCase();
    const found = this.items.findIndex((item) => item.label.toLowerCase().startsWith(this.typed));
    if (found >= 0) this.activate(found);
  }

  /**
   * Handle a key of the field the list serves.
   * @param {KeyboardEvent} event
   * @param {{tabPicks?: boolean, homeEnd?: boolean}} [how]
   * @returns {boolean} whether the key was for the list
   */
  key(event, { tabPicks = false, homeEnd = false } = {}) {
    if (event.isComposing) return false;
    const count = this.items.length;
    const moves = {
      ArrowDown: () => this.activate((this.active + 1) % count),
      ArrowUp: () => this.activate((this.active - 1 + count) % count),
      PageDown: () => this.activate(this.active + 8),
      PageUp: () => this.activate(this.active - 8),
    };
    if (homeEnd) Object.assign(moves, { Home: () => this.activate(0), End: () => this.activate(count - 1) });
    let taken = false;
    if (event.key in moves && count) {
      moves[event.key]();
      taken = true;
    } else if (event.key === "Enter" || (tabPicks && event.key === "Tab" && !event.shiftKey)) {
      taken = this.pick();
    }
    if (taken) {
      event.preventDefault();
      event.stopPropagation();
    }
    return taken;
  }
}
