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

/** @returns {HTMLElement|null} Install or Uninstall; null where the app is in the only workspace */
export function appButton() {
  if (store.workspaces.length < 2 && store.app.installed) return null;
  const { installed, name } = store.app;
  const label = installed ? `Uninstall ${name}` : `Install ${name}`;
  return h("button.place.place-quiet", { type: "button", dataset: { key: "app-presence" }, onclick: installed ? uninstall : install },
    icon(installed ? "close" : "plus"), h("span.place-name", {}, label));
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

async function uninstall() {
  try {
    await post("uninstall");
    await refresh();
    toast(`${store.app.name} was removed from ${store.team.name}.`);
  } catch (error) {
    toastError(error);
  }
}
