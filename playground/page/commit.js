// The one path by which a changed element keeps its value and, where Block Kit says so, reports it to the app.

import { askConfirm } from "./dialog.js";
import { fieldOf } from "./form.js";

/**
 * Whether a change of this element is reported at once.
 * @param {any} block
 * @returns {boolean}
 */
export function reports(block) {
  return block.type !== "input" || Boolean(block.dispatch_action);
}

/**
 * Keep a new value and report it if it is to be.
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {any} value
 * @returns {Promise<boolean>} false when the person declined the confirmation
 */
export async function commit(item, block, surface, value) {
  if (item.confirm && reports(block) && !(await askConfirm(item.confirm))) return false;
  surface.form.set(block.block_id, item, value);
  if (reports(block)) await surface.act(block, item, { [fieldOf(item)]: value });
  return true;
}
