// Block Kit's date, time and date-and-time pickers, in the acting member's zone.

import { commit, reports } from "./commit.js";
import { now } from "./clock.js";
import { epochOf, zoneName } from "./dates.js";
import { h } from "./dom.js";
import { keyOf, localValue } from "./form.js";
import { zone } from "./store.js";
import { wordsOf } from "./textobjects.js";

const KIND = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
const NAME = { datepicker: "Date", timepicker: "Time", datetimepicker: "Date and time" };
const SETTLE = 500;

/**
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function dateElement(item, block, surface, about) {
  const moment = item.type === "datetimepicker";
  const shown = () => {
    const kept = surface.form.get(block.block_id, item);
    return moment ? localValue(kept) : kept ?? "";
  };
  const field = h("input.field-text.field-date", {
    id: about?.id,
    type: KIND[item.type],
    "aria-label": about ? null : wordsOf(item.placeholder) || NAME[item.type],
    "aria-describedby": about?.describedBy,
    "aria-invalid": about?.invalid || null,
    dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
  });
  field.value = shown();
  const value = () => {
    if (!field.value) return null;
    return moment ? epochOf(field.value, zone()) : field.value;
  };
  let timer = 0;
  const settle = async () => {
    clearTimeout(timer);
    timer = 0;
    if (!field.isConnected) return;
    if (!(await commit(item, block, surface, value()))) field.value = shown();
  };
  field.addEventListener("change", () => {
    if (!reports(block)) return surface.form.set(block.block_id, item, value());
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE);
    return undefined;
  });
  field.addEventListener("blur", () => {
    if (timer) settle();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (timer) settle();
    else surface.submit?.();
  });
  if (!moment && item.type !== "timepicker") return field;
  const tz = item.timezone || zone();
  return h("span.field-zone", {}, field, h("span.zone-name", { title: tz }, zoneName(now(), tz)));
}
