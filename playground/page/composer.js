// The field people write in: messages, slash commands with completion, mentions, shortcuts and files.

import { ApiError, post, upload } from "./api.js";
import { Completion } from "./completion.js";
import { h } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { icon } from "./icons.js";
import { openListbox } from "./listbox.js";
import { openMenu } from "./menu.js";
import { on, store } from "./store.js";
import { hush, toastError } from "./toasts.js";

const drafts = new Map();

/** One composer, of a channel or a thread. */
export class Composer {
  /**
   * @param {{inThread?: boolean, testid?: string, onSent?: (ts: string) => void}} [how]
   */
  constructor({ inThread = false, testid = "composer", onSent } = {}) {
    this.inThread = inThread;
    this.onSent = onSent;
    this.history = null;
    this.field = h("textarea.composer-field", {
      rows: "1",
      spellcheck: "true",
      autocomplete: "off",
      "aria-label": "Message",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.completion.close(),
      onclick: () => this.completion.refresh(),
    });
    this.sendButton = h("button.send", { type: "submit", "aria-label": "Send message", title: "Send (Enter)", disabled: true }, icon("send"));
    this.status = h("div.composer-status", { role: "status" });
    this.fileInput = h("input", { type: "file", hidden: true, "aria-label": "Attach a file", onchange: () => this.attach() });
    this.element = h(
      "form.composer",
      {
        dataset: { testid },
        onsubmit: (event) => {
          event.preventDefault();
          this.send();
        },
      },
      h(
        "div.composer-box",
        {},
        this.field,
        h(
          "div.composer-bar",
          {},
          inThread ? null : this.tool("bolt", "Shortcuts", (event) => this.shortcuts(event), "menu"),
          inThread ? null : this.tool("clip", "Attach a file", () => this.fileInput.click()),
          this.tool("smile", "Emoji", (event) => this.emoji(event), "listbox"),
          this.tool("at", "Mention someone", () => this.insert("@")),
          h("span.composer-space"),
          this.sendButton,
        ),
        this.fileInput,
      ),
      this.status,
    );
    this.completion = new Completion(this.field, { commands: !inThread, onChange: () => this.typed() });
    this.element.prepend(this.completion.element);
    if (!inThread) on("draft", (text) => this.suggest(text));
  }

  /**
   * Type a line for the person, where they have not begun one of their own.
   * @param {string} text
   */
  suggest(text) {
    if (this.field.disabled || this.field.value) return;
    this.field.value = text;
    this.typed({ complete: false });
    this.field.focus({ preventScroll: true });
  }

  tool(name, label, onclick, popup) {
    return h("button.icon-button", { type: "button", title: label, "aria-label": label, "aria-haspopup": popup, "aria-expanded": popup ? "false" : null, onclick }, icon(name));
  }

  /**
   * Write to this history from now on; each has its own draft.
   * @param {import("./history.js").History} history
   * @param {string} placeholder
   * @param {{locked?: string}} [how] `locked`: why nobody can write here
   */
  show(history, placeholder, { locked } = {}) {
    this.history = history;
    this.field.placeholder = locked ?? placeholder;
    this.field.setAttribute("aria-label", placeholder);
    this.field.disabled = Boolean(locked);
    this.element.classList.toggle("is-locked", Boolean(locked));
    this.field.value = drafts.get(this.draftKey()) ?? "";
    this.typed({ complete: false });
  }

  draftKey() {
    return `${store.me}/${this.history?.channel}/${this.history?.threadTs ?? ""}`;
  }

  typed({ complete = true } = {}) {
    const { value } = this.field;
    if (value) drafts.set(this.draftKey(), value);
    else drafts.delete(this.draftKey());
    this.sendButton.disabled = !value.trim();
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 240)}px`;
    if (complete) this.completion.refresh();
    else this.completion.close();
  }

  key(event) {
    if (this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    const gap = start > 0 && !/\s/.test(value[start - 1]) ? " " : "";
    this.field.setRangeText(gap + text, start, end, "end");
    this.field.focus();
    this.typed();
  }

  async send() {
    const text = this.field.value.trim();
    const { history } = this;
    if (!text || !history || this.field.disabled) return;
    const isCommand = /^\/[^\s/]/.test(this.field.value);
    const key = this.draftKey();
    const command = isCommand ? text.split(/\s/, 1)[0] : "";
    const refusal = isCommand && this.refusal(command);
    if (refusal) {
      this.completion.close();
      history.say(refusal);
      return;
    }
    this.field.value = "";
    this.typed({ complete: false });
    this.field.focus({ preventScroll: true });
    try {
      if (isCommand) await this.run(command, text.slice(command.length).trim(), history);
      else {
        const ts = await history.send(text);
        this.onSent?.(ts);
      }
    } catch (error) {
      this.giveBack(key, text);
      if (isCommand && error instanceof ApiError && error.code !== "unreachable") {
        hush(error.message);
        history.say(escape(error.message));
      } else toastError(error);
    }
  }

  refusal(command) {
    if (this.inThread) return `\`${escape(command)}\` is not supported in threads. Sorry!`;
    if (store.commands.some((known) => known.command === command)) return "";
    return `\`${escape(command)}\` is not a valid command. All messages that start with the “/” character are taken for commands. ` +
      "If you are trying to send a message and not run a command, try preceding the “/” with an empty space.";
  }

  async run(command, text, history) {
    const slow = setTimeout(() => {
      this.status.textContent = `Waiting for ${store.app.name} to answer ${command}…`;
    }, 400);
    try {
      await post("command", { channel: history.channel, command, text });
    } finally {
      clearTimeout(slow);
      this.status.textContent = "";
    }
  }

  giveBack(key, text) {
    if (key === this.draftKey() && !this.field.value) {
      this.field.value = text;
      this.typed({ complete: false });
    } else if (!drafts.has(key)) drafts.set(key, text);
  }

  shortcuts(event) {
    const shortcuts = store.shortcuts.filter((shortcut) => shortcut.type === "global");
    const items = shortcuts.map((shortcut) => ({
      label: shortcut.name,
      hint: shortcut.description,
      icon: "bolt",
      onPick: () => post("shortcut", { callback_id: shortcut.callback_id }).catch(toastError),
    }));
    const commands = {
      label: "Slash commands",
      hint: "Type / to see them all",
      icon: "search",
      onPick: () => {
        if (!this.field.value) this.insert("/");
        this.field.focus();
      },
    };
    openMenu(event.currentTarget, {
      label: "Shortcuts",
      above: true,
      items: [...(items.length ? [{ heading: `${store.app.name} shortcuts` }, ...items] : []), { heading: "More" }, commands],
    });
  }

  emoji(event) {
    const items = [...EMOJI].map(([name, character]) => ({
      key: name, label: name,
      content: h("span.option-person", {}, h("span.emoji", {}, character), h("span.option-label", {}, `:${name}:`)),
    }));
    openListbox(event.currentTarget, {
      label: "emoji",
      search: true,
      above: true,
      width: 280,
      load: (query) => [{ items: items.filter((item) => item.key.includes(query.toLowerCase().replaceAll(":", ""))).slice(0, 80) }],
      onPick: (item) => setTimeout(() => this.insert(`:${item.key}: `)),
    });
  }

  async attach() {
    const file = this.fileInput.files?.[0];
    this.fileInput.value = "";
    if (!file || !this.history) return;
    this.status.textContent = `Uploading ${file.name}…`;
    try {
      await upload(this.history.channel, file);
    } catch (error) {
      toastError(error);
    } finally {
      this.status.textContent = "";
    }
  }
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
