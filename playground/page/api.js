// Calls the playground's own interface (docs/playground.md) in the name of the acting member.

import { store } from "./store.js";

/** A call that was refused or never arrived; its message is a sentence for the person. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {string} code
   * @param {any} [data]
   */
  constructor(message, code, data = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/**
 * `GET /page/<path>` with the acting member added.
 * @param {string} path
 * @param {Object<string, string|number|undefined>} [params]
 * @returns {Promise<any>}
 */
export function get(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ team: store.team.id, as: store.me, ...params })) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  return call(`/page/${path}?${query}`, { method: "GET" });
}

/**
 * `POST /page/<path>` with the acting member added.
 * @param {string} path
 * @param {Object<string, any>} [body]
 * @returns {Promise<any>}
 */
export function post(path, body = {}) {
  return call(`/page/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ team: store.team.id, as: store.me, ...body }),
  });
}

/**
 * `POST /page/upload`.
 * @param {string} channel
 * @param {File} file
 * @returns {Promise<any>}
 */
export function upload(channel, file) {
  const form = new FormData();
  form.set("as", store.me);
  form.set("channel", channel);
  form.set("file", file);
  return call(`/page/upload?team=${encodeURIComponent(store.team.id)}`, { method: "POST", body: form });
}

/**
 * `POST /page/upload` without a channel: a file for a form, which nobody else sees.
 * @param {File} file
 * @returns {Promise<{file: any}>}
 */
export function give(file) {
  const form = new FormData();
  form.set("as", store.me);
  form.set("file", file);
  return call(`/page/upload?team=${encodeURIComponent(store.team.id)}`, { method: "POST", body: form });
}

async function call(url, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new ApiError("The playground can’t be reached. Is it still running?", "unreachable");
  }
  let data;
  try {
    data = await response.json();
  } catch {
    throw new ApiError(`The playground answered ${response.status} without an explanation.`, "bad_answer");
  }
  if (!data.ok) throw new ApiError(data.message || sentence(data.error), data.error || "failed", data);
  return data;
}

function sentence(code) {
  return code ? `That didn’t work: ${String(code).replaceAll("_", " ")}.` : "That didn’t work.";
}
