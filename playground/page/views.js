// The modal stack: draws the topmost view, keeps what was entered in each, submits and closes.

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { openDialog } from "./dialog.js";
import { fill, focusables, h, noteFocus } from "./dom.js";
import { Form } from "./form.js";
import { icon } from "./icons.js";
import { appFace, store } from "./store.js";
import { viewSurface } from "./surfaces.js";
import { textOf } from "./textobjects.js";
import { toastError } from "./toasts.js";

/** The acting member's open modals. */
export class Modals {
  constructor() {
    this.stack = [];
    this.entries = new Map();
    this.dialog = null;
    this.shown = "";
    this.busy = false;
    this.title = h("h2.modal-title", { id: "modal-title" });
    this.lead = h("span.modal-lead");
    this.body = h("div.modal-body", { tabindex: "-1" });
    this.foot = h("div.modal-foot");
    const shut = h("button.icon-button", { type: "button", "aria-label": "Close", onclick: () => this.close({ clear: true }) }, icon("close"));
    this.panel = h(
      "form.modal",
      {
        role: "dialog", "aria-labelledby": "modal-title", novalidate: true, dataset: { testid: "modal" },
        onsubmit: (event) => {
          event.preventDefault();
          this.submit();
        },
      },
      h("div.modal-head", {}, this.lead, this.title, shut),
      this.body,
      this.foot,
    );
  }

  /**
   * Show this stack, top last.
   * @param {any[]} stack
   */
  take(stack) {
    this.stack = stack;
    const ids = new Set(stack.map((view) => view.id));
    for (const id of [...this.entries.keys()]) if (!ids.has(id)) this.entries.delete(id);
    for (const view of stack) if (!this.entries.has(view.id)) this.entries.set(view.id, { form: formOf(view), errors: new Map(), acts: new Set() });
    if (!stack.length) {
      this.dialog?.close();
      this.dialog = null;
      this.shown = "";
      this.busy = false;
      return;
    }
    const top = this.top();
    const sign = `${top.id}/${top.hash}/${stack.length}`;
    if (sign === this.shown) return;
    const isNew = !this.shown.startsWith(`${top.id}/`);
    this.shown = sign;
    if (isNew) this.busy = false;
    else this.entries.get(top.id).errors.clear();
    if (!this.dialog) this.dialog = openDialog(this.panel, { onEscape: () => this.close() });
    this.draw();
    if (isNew) this.focusFirst();
  }

  top() {
    return this.stack.at(-1);
  }

  draw() {
    const view = this.top();
    const entry = this.entries.get(view.id);
    const surface = viewSurface("modal", () => this.stack.find((one) => one.id === view.id) ?? view, {
      form: entry.form,
      errors: entry.errors,
      acts: entry.acts,
      submit: () => this.submit(),
    });
    const depth = this.stack.length;
    this.panel.dataset.depth = String(depth);
    this.panel.dataset.viewId = view.id;
    this.panel.dataset.callbackId = view.callback_id ?? "";
    fill(this.title, textOf(view.title, store.app.name));
    fill(this.lead, depth > 1
      ? h("button.icon-button", { type: "button", "aria-label": "Back", onclick: () => this.close() }, icon("left"))
      : avatar(appFace(), "small"));
    const restore = noteFocus(this.body);
    const scroll = this.body.scrollTop;
    fill(this.body, drawBlocks(view.blocks, surface));
    this.body.scrollTop = scroll;
    restore(this.body);
    this.drawFoot(view);
  }

  drawFoot(view) {
    const submits = view.submit || view.blocks.some((block) => block.type === "input");
    const closeWords = textOf(view.close, submits ? "Cancel" : "Close");
    const submitButton = submits &&
      h("button.btn.primary", { type: "submit", "aria-busy": this.busy ? "true" : null, dataset: { key: "modal/submit" } },
        this.busy ? "Submitting…" : textOf(view.submit, "Submit"));
    const restore = noteFocus(this.foot);
    fill(this.foot,
      h("button.btn", { type: "button", dataset: { key: "modal/close" }, onclick: () => this.close() }, closeWords),
      submitButton);
    restore(this.foot);
  }

  focusFirst() {
    const fields = focusables(this.body).filter((node) => node.matches("input, textarea, .select, .select-add"));
    const target = fields[0] ?? focusables(this.foot).at(-1) ?? this.body;
    target.focus({ preventScroll: true });
    this.body.scrollTop = 0;
  }

  async submit() {
    const view = this.top();
    if (!view || this.busy || !(view.submit || view.blocks.some((block) => block.type === "input"))) return;
    const entry = this.entries.get(view.id);
    this.setBusy(true);
    await this.reported(entry);
    let errors = {};
    try {
      errors = (await post("submit", { view_id: view.id, state: entry.form.state(view.blocks) })).errors ?? {};
    } catch (error) {
      errors = error.data?.errors ?? {};
      if (!Object.keys(errors).length) toastError(error);
    }
    this.setBusy(false);
    if (this.top()?.id !== view.id) return;
    entry.errors.clear();
    for (const [block, sentence] of Object.entries(errors)) entry.errors.set(block, sentence);
    this.draw();
    const wrong = this.body.querySelector(".has-error");
    if (!wrong) return;
    focusables(wrong)[0]?.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: "nearest" });
  }

  /** Let the field one was typing in report what it holds back, and wait until all reports have arrived. */
  async reported(entry) {
    const field = document.activeElement;
    if (field instanceof HTMLElement && this.body.contains(field)) field.dispatchEvent(new Event("blur"));
    await Promise.allSettled([...(entry?.acts ?? [])]);
  }

  setBusy(busy) {
    this.busy = busy;
    this.panel.setAttribute("aria-busy", String(busy));
    if (this.top()) this.drawFoot(this.top());
  }

  async close({ clear = false } = {}) {
    const view = this.top();
    if (!view) return;
    await this.reported(this.entries.get(view.id));
    try {
      await post("close", clear && this.stack.length > 1 ? { view_id: view.id, clear: true } : { view_id: view.id });
      if (this.top()?.id === view.id) this.take(clear ? [] : this.stack.slice(0, -1));
    } catch (error) {
      if (error.code === "unreachable" || error.code === "view_not_found") this.take([]);
      if (error.code !== "view_not_found") toastError(error);
    }
  }
}

/**
 * A form for a view, with what the playground remembers of earlier entries.
 * @param {any} view
 * @returns {Form}
 */
export function formOf(view) {
  const form = new Form({ sticky: true });
  form.recall(view.blocks ?? [], view.state?.values ?? {});
  return form;
}

