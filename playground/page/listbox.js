// A floating list to choose from, with a search field when the list is long or comes from the app.

import { h } from "./dom.js";
import { OptionList } from "./optionlist.js";
import { openPopover } from "./popover.js";

const SEARCH_PAUSE = 200;

/**
 * Open a listbox beside a control.
 * @param {HTMLElement} anchor
 * @param {{
 *   label: string,
 *   load: (query: string) => import("./optionlist.js").Group[] | Promise<import("./optionlist.js").Group[]>,
 *   onPick: (item: import("./optionlist.js").Item) => void,
 *   onClose?: () => void,
 *   search?: boolean, remote?: boolean, minQuery?: number, multi?: boolean,
 *   width?: "anchor"|number, above?: boolean, align?: "start"|"end", beside?: HTMLElement,
 * }} how `load` filters by itself; `remote` waits for a pause in typing before it asks
 * @returns {{close: () => void}}
 */
export function openListbox(anchor, how) {
  const { label, load, onPick, onClose, search = false, remote = false, minQuery = 0, multi = false } = how;
  const input = h("input.listbox-search", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-label": `Search ${label}`, "aria-autocomplete": "list",
    placeholder: "Search", autocomplete: "off", spellcheck: "false", readonly: !search,
  });
  const list = new OptionList({
    label,
    multi,
    owner: input,
    onPick: (item) => {
      onPick(item);
      if (multi) refresh(true);
      else popover.close();
    },
  });
  input.setAttribute("aria-controls", list.id);
  const content = h("div.listbox", {}, h("div", { class: search ? "listbox-head" : "visually-hidden" }, input), list.element);
  const popover = openPopover(anchor, content, {
    width: how.width ?? "anchor",
    above: how.above,
    align: how.align,
    beside: how.beside,
    onClose: () => {
      clearTimeout(timer);
      anchor.setAttribute("aria-expanded", "false");
      onClose?.();
    },
  });

  let timer = 0;
  let asked = 0;
  const refresh = async (keepActive = false) => {
    const query = input.value.trim();
    if (query.length < minQuery) {
      list.say(`Type ${minQuery === 1 ? "a character" : `${minQuery} characters`} to search`);
      popover.place();
      return;
    }
    const mine = ++asked;
    const answer = load(query);
    if (answer instanceof Promise && !keepActive) list.say("Loading…");
    let groups;
    try {
      groups = await answer;
    } catch (error) {
      if (mine === asked) list.say(error.message);
      return;
    }
    if (mine !== asked) return;
    list.setGroups(groups, { keepActive });
    popover.place();
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (remote) timer = setTimeout(refresh, SEARCH_PAUSE);
    else refresh();
  });
  input.addEventListener("keydown", (event) => {
    if (!list.key(event, { homeEnd: !search }) && !search) list.jump(event);
  });
  anchor.setAttribute("aria-expanded", "true");
  refresh();
  input.focus({ preventScroll: true });
  return popover;
}

/**
 * Options whose label or description contains the query.
 * @param {import("./optionlist.js").Item[]} items
 * @param {string} query
 * @returns {import("./optionlist.js").Item[]}
 */
export function matching(items, query) {
  const wanted = query.toLowerCase();
  return wanted
    ? items.filter((item) => `${item.label} ${item.description ?? ""}`.toLowerCase().includes(wanted))
    : items;
}
