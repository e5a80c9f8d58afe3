// The three places Block Kit stands on (messages, modals, Home) and how each reports to the playground.

import { post } from "./api.js";
import { Form } from "./form.js";
import { store } from "./store.js";
import { toastError } from "./toasts.js";

const messageForms = new Map();

function formOf(message) {
  const key = `${store.me}/${message.channel}/${message.ts}`;
  if (!messageForms.has(key)) messageForms.set(key, new Form());
  return messageForms.get(key);
}

async function send(body) {
  try {
    await post("action", body);
    return true;
  } catch (error) {
    toastError(error);
    return false;
  }
}

/**
 * The surface of one message.
 * @param {any} message
 * @returns {import("./blocks.js").Surface}
 */
export function messageSurface(message) {
  const place = { channel: message.channel, ts: message.ts };
  return {
    kind: "message",
    form: formOf(message),
    errors: new Map(),
    act: (block, element, value) => send({ ...place, ...nameOf(block, element), ...value }),
    options: (block, element, query) => post("options", { ...place, ...idsOf(block, element), query }),
  };
}

/**
 * The surface of a modal or Home. `view()` answers the view as it is now, since updates replace it.
 * @param {"modal"|"home"} kind
 * @param {() => any} view
 * @param {{form: Form, errors?: Map<string, string>, submit?: () => void, acts?: Set<Promise<any>>}} parts
 *   `acts` holds the reports that are still under way
 * @returns {import("./blocks.js").Surface}
 */
export function viewSurface(kind, view, { form, errors = new Map(), submit, acts = new Set() }) {
  const place = () => ({ view_id: view().id });
  return {
    kind,
    form,
    errors,
    submit,
    act: (block, element, value) => {
      const act = send({ ...place(), ...nameOf(block, element), ...value, state: form.state(view().blocks) });
      acts.add(act);
      return act.finally(() => acts.delete(act));
    },
    options: (block, element, query) => post("options", { ...place(), ...idsOf(block, element), query }),
  };
}

function idsOf(block, element) {
  return { block_id: block.block_id, action_id: element.action_id };
}

function nameOf(block, element) {
  return { ...idsOf(block, element), element: element.type };
}
