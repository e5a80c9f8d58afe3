// What a person has entered into the stateful elements of one message or view, kept apart from the DOM so that a
// redraw loses nothing.

import { localOf } from "./dates.js";
import { zone } from "./store.js";

const FIELD = {
  plain_text_input: ["value", "initial_value", null],
  number_input: ["value", "initial_value", null],
  email_text_input: ["value", "initial_value", null],
  url_text_input: ["value", "initial_value", null],
  rich_text_input: ["rich_text_value", "initial_value", null],
  static_select: ["selected_option", "initial_option", null],
  external_select: ["selected_option", "initial_option", null],
  radio_buttons: ["selected_option", "initial_option", null],
  users_select: ["selected_user", "initial_user", null],
  conversations_select: ["selected_conversation", "initial_conversation", null],
  channels_select: ["selected_channel", "initial_channel", null],
  checkboxes: ["selected_options", "initial_options", []],
  multi_static_select: ["selected_options", "initial_options", []],
  multi_external_select: ["selected_options", "initial_options", []],
  multi_users_select: ["selected_users", "initial_users", []],
  multi_conversations_select: ["selected_conversations", "initial_conversations", []],
  multi_channels_select: ["selected_channels", "initial_channels", []],
  datepicker: ["selected_date", "initial_date", null],
  timepicker: ["selected_time", "initial_time", null],
  datetimepicker: ["selected_date_time", "initial_date_time", null],
  file_input: ["files", "initial_files", []],
};

/**
 * Whether an element holds a value.
 * @param {any} element
 * @returns {boolean}
 */
function isStateful(element) {
  return element.type in FIELD;
}

/**
 * The name under which an element's value travels, for example `selected_option`.
 * @param {any} element
 * @returns {string}
 */
export function fieldOf(element) {
  return FIELD[element.type]?.[0] ?? "value";
}

/** The values of one surface. */
export class Form {
  /**
   * @param {{sticky?: boolean}} [how] `sticky`: what was entered outlives a change of the element's initial value
   *   (views); otherwise such a change starts the element anew (messages)
   */
  constructor({ sticky = false } = {}) {
    this.sticky = sticky;
    this.entered = new Map();
  }

  /**
   * The value of an element now.
   * @param {string} blockId
   * @param {any} element
   * @returns {any}
   */
  get(blockId, element) {
    const [, initialName, empty] = FIELD[element.type] ?? ["value", "initial_value", null];
    const initial = element[initialName] ?? empty;
    const kept = this.entered.get(keyOf(blockId, element));
    if (!kept || kept.type !== element.type) return initial;
    if (!this.sticky && kept.basis !== JSON.stringify(initial)) return initial;
    return kept.value;
  }

  /**
   * Remember what was entered.
   * @param {string} blockId
   * @param {any} element
   * @param {any} value
   */
  set(blockId, element, value) {
    const [, initialName, empty] = FIELD[element.type] ?? ["value", "initial_value", null];
    const basis = JSON.stringify(element[initialName] ?? empty);
    this.entered.set(keyOf(blockId, element), { type: element.type, value, basis });
  }

  /**
   * Take over entered values from `view.state.values`.
   * @param {any[]} blocks
   * @param {Object<string, Object<string, any>>} values
   */
  recall(blocks, values) {
    for (const block of withChildren(blocks)) {
      for (const element of elementsOf(block)) {
        const kept = values[block.block_id]?.[element.action_id];
        const value = kept?.[fieldOf(element)];
        if (kept?.type === element.type && value !== undefined) this.set(block.block_id, element, value);
      }
    }
  }

  /**
   * The state of all stateful elements as Slack's API spells it.
   * @param {any[]} blocks
   * @returns {Object<string, Object<string, any>>} by block id and action id
   */
  state(blocks) {
    const state = {};
    for (const block of withChildren(blocks)) {
      for (const element of elementsOf(block)) {
        if (!isStateful(element)) continue;
        state[block.block_id] ??= {};
        state[block.block_id][element.action_id] = {
          type: element.type,
          [fieldOf(element)]: this.get(block.block_id, element),
        };
      }
    }
    return state;
  }
}

/**
 * One name for an element on its surface; also its `data-key`.
 * @param {string} blockId
 * @param {any} element
 * @returns {string}
 */
export function keyOf(blockId, element) {
  return `${blockId}/${element.action_id}`;
}

function withChildren(blocks) {
  return blocks.flatMap((block) => [block, ...withChildren(block.child_blocks ?? [])]);
}

function elementsOf(block) {
  return [block.element, block.accessory, ...(block.type === "actions" ? block.elements ?? [] : [])].filter(Boolean);
}

/**
 * The value of a date and time picker for a `datetime-local` field.
 * @param {number|null} epoch
 * @returns {string}
 */
export function localValue(epoch) {
  return epoch ? localOf(epoch, zone()) : "";
}
