// Completion above the composer: slash commands with their hints, @people and #channels.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { OptionList } from "./optionlist.js";
import { appFace, people, store } from "./store.js";

const MOST = 8;

/** Watches one text field and offers what could come next. */
export class Completion {
  /**
   * @param {HTMLTextAreaElement} field
   * @param {{commands: boolean, onChange: () => void}} how
   */
  constructor(field, { commands, onChange }) {
    this.field = field;
    this.commands = commands;
    this.onChange = onChange;
    this.range = null;
    this.list = new OptionList({ label: "Suggestions", owner: field, onPick: (item) => this.take(item) });
    this.hint = h("div.command-hint", { hidden: true, role: "status" });
    this.heading = h("div.completion-heading");
    this.box = h("div.completion", { hidden: true, dataset: { testid: "completion" } }, this.heading, this.list.element);
    this.element = h("div.completion-place", {}, this.box, this.hint);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
  }

  get open() {
    return !this.box.hidden;
  }

  /** Look at what stands before the caret and offer or withdraw. */
  refresh() {
    const { value, selectionStart: caret } = this.field;
    const before = value.slice(0, caret);
    this.showHint(value);
    const found = (this.commands && this.slash(before)) || this.mention(before);
    if (!found || !found.items.length) {
      this.box.hidden = true;
      this.field.removeAttribute("aria-activedescendant");
      return;
    }
    this.range = found.range;
    this.heading.textContent = found.heading;
    this.box.hidden = false;
    this.list.setGroups([{ items: found.items }], { keepActive: true });
  }

  /** Withdraw. */
  close() {
    this.box.hidden = true;
    this.hint.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  slash(before) {
    if (!/^\/\S*$/.test(before)) return null;
    const typed = before.toLowerCase();
    const items = store.commands
      .filter(({ command }) => command.startsWith(typed))
      .map(({ command, usage_hint: usage, description }) => ({
        key: command,
        label: command,
        insert: `${command} `,
        content: h("span.option-command", {}, avatar(appFace(), "small"),
          h("span.option-text", {},
            h("span.option-label", {}, h("b", {}, command), usage && h("span.usage", {}, usage)),
            h("span.option-description", {}, description))),
      }));
    if (items.length === 1 && items[0].key === typed) return null;
    return { heading: `Commands of ${store.app.name}`, range: [0, before.length], items };
  }

  mention(before) {
    const match = /(^|\s)([@#])([\w.-]*)$/.exec(before);
    if (!match) return null;
    const [, , mark, typed] = match;
    const range = [before.length - typed.length - 1, before.length];
    const wanted = typed.toLowerCase();
    if (mark === "#") {
      const items = [...store.channels.values()]
        .filter((channel) => !channel.is_im && channel.name.includes(wanted))
        .map((channel) => ({ key: channel.id, label: `#${channel.name}`, description: channel.topic, insert: `#${channel.name} ` }));
      return { heading: "Channels", range, items: items.slice(0, MOST) };
    }
    const members = [...people(), ...(store.members.has(store.app.user_id) ? [store.members.get(store.app.user_id)] : [])];
    const items = members
      .filter((member) => `${member.name} ${member.real_name}`.toLowerCase().includes(wanted))
      .map((member) => ({
        key: member.id,
        label: member.real_name || member.name,
        insert: `@${member.name} `,
        content: h("span.option-person", {}, avatar({ name: member.real_name || member.name, color: member.color, isApp: member.is_bot }, "tiny"),
          h("span.option-label", {}, member.real_name || member.name), h("span.option-description", {}, `@${member.name}`)),
      }));
    return { heading: "People", range, items: items.slice(0, MOST) };
  }

  showHint(value) {
    const command = this.commands && store.commands.find((known) => value === known.command || value.startsWith(`${known.command} `));
    this.hint.hidden = !command;
    if (!command) return;
    this.hint.replaceChildren(
      h("b", {}, command.command),
      command.usage_hint ? h("span.usage", {}, command.usage_hint) : "",
      h("span.muted", {}, command.description),
    );
  }

  take(item) {
    this.field.setRangeText(item.insert, this.range[0], this.range[1], "end");
    this.field.focus();
    this.box.hidden = true;
    this.onChange();
  }

  /**
   * Handle a key of the field.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was for the completion
   */
  key(event) {
    if (!this.open) return false;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.box.hidden = true;
      this.field.removeAttribute("aria-activedescendant");
      return true;
    }
    if (event.key === "Enter" && event.shiftKey) return false;
    if (event.key === "Enter" && this.list.items[this.list.active]?.key === this.field.value.trim()) {
      this.close();
      return false;
    }
    if (event.key === "PageUp" || event.key === "PageDown") return false;
    return this.list.key(event, { tabPicks: true });
  }
}
