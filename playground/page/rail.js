// The rail of workspaces, and the app's coming and going in the one that is open.

import { post } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { goToTeam, refresh } from "./session.js";
import { store } from "./store.js";
import { toast, toastError } from "./toasts.js";

/** @returns {HTMLElement|null} one button for each workspace; null where there is only one */
export function rail() {
  if (store.workspaces.length < 2) return null;
  return h("nav.rail", { "aria-label": "Workspaces", dataset: { testid: "rail" } }, store.workspaces.map(teamButton));
}

/** @returns {string} the line below the workspace's name */
export function teamLine() {
  const here = store.workspaces.find((team) => team.id === store.team.id);
  return here?.organization ? `Part of ${here.organization}` : "Playground on this machine";
}

/** @returns {HTMLElement[]} Install, or Remove and Uninstall; none where the app is in the only workspace */
export function appButtons() {
  if (store.workspaces.length < 2 && store.app.installed) return [];
  const { installed, name } = store.app;
  if (!installed) return [quiet("app-presence", "plus", `Install ${name}`, install)];
  const here = store.workspaces.find((team) => team.id === store.team.id);
  const whole = here?.org_wide ? `Uninstall from ${here.organization}` : `Uninstall ${name}`;
  const one = here?.org_wide ? [quiet("app-access", "close", `Remove from ${store.team.name}`, () => remove("take", store.team.name))] : [];
  const from = here?.org_wide ? here.organization : store.team.name;
  return [...one, quiet("app-presence", "close", whole, () => remove("uninstall", from))];
}

function quiet(key, mark, label, onclick) {
  return h("button.place.place-quiet", { type: "button", dataset: { key }, onclick }, icon(mark), h("span.place-name", {}, label));
}

function teamButton(team) {
  const here = team.id === store.team.id;
  const state = team.installed ? `${store.app.name} is installed` : `without ${store.app.name}`;
  return h("button.rail-team", {
    type: "button", class: `${here ? "is-here" : ""} ${team.installed ? "" : "is-bare"}`.trim(), "aria-current": here ? "true" : null,
    "aria-label": `${team.name}, ${state}`, title: `${team.name}: ${state}`, dataset: { team: team.id }, onclick: () => goToTeam(team.id),
  }, h("span.rail-mark", { "aria-hidden": "true" }, initials(team.name)));
}

function initials(name) {
  return name.trim().split(/\s+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

async function install() {
  try {
    const { address } = await post("install");
    if (address) {
      location.assign(address);
      return;
    }
    await refresh();
    toast(`${store.app.name} is installed in ${store.team.name}.`);
  } catch (error) {
    toastError(error);
  }
}

async function remove(how, from) {
  try {
    await post(how);
    await refresh();
    toast(`${store.app.name} was removed from ${from}.`);
  } catch (error) {
    toastError(error);
  }
}
