// The workspace's clock: real time plus whatever the demo skipped. Keeps every shown date fresh against it.

import { formatDate } from "./dates.js";
import { emit, zone } from "./store.js";

let base = Date.now() / 1000;
let takenAt = performance.now();

/** @returns {number} the workspace's time in epoch seconds */
export function now() {
  return base + (performance.now() - takenAt) / 1000;
}

/**
 * Set the clock to what the playground says.
 * @param {number} epoch
 */
export function setNow(epoch) {
  base = epoch;
  takenAt = performance.now();
  refreshDates();
  emit("clock");
}

/**
 * A date that follows the clock, in the acting member's zone.
 * @param {number} epoch
 * @param {string} format with Slack's date tokens
 * @param {string} [before] the text it follows, which decides whether a relative day gets a capital
 * @returns {HTMLTimeElement}
 */
export function dateNode(epoch, format, before = "") {
  const node = document.createElement("time");
  node.className = "date";
  node.dataset.epoch = String(epoch);
  node.dataset.format = format;
  node.dateTime = new Date(epoch * 1000).toISOString();
  node.title = formatDate(epoch, "{date_long} at {time_secs}", now(), zone());
  if (/[\p{L}\p{N},(>]\s*[*_~]?$/u.test(before)) node.dataset.inSentence = "1";
  node.textContent = textOf(node);
  return node;
}

function refreshDates() {
  for (const node of document.querySelectorAll("time[data-epoch]")) {
    const text = textOf(node);
    if (node.textContent !== text) node.textContent = text;
  }
}

function textOf({ dataset }) {
  return formatDate(Number(dataset.epoch), dataset.format, now(), zone(), { inSentence: Boolean(dataset.inSentence) });
}

setInterval(refreshDates, 5000);
setInterval(() => emit("clock"), 1000);
