// The acting member's session: which member, which place, the live stream, and the histories it feeds.

import { takePrompts, takeStatus } from "./agent.js";
import { get, post } from "./api.js";
import { setNow } from "./clock.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { readRoute, writeRoute } from "./route.js";
import { appChannel, emit, isAppDm, store, takeState } from "./store.js";
import { toast, toastError } from "./toasts.js";

/** @type {import("./route.js").Route} */
export const route = { team: "", as: "", in: "", thread: "" };

const histories = new Map();
let live = null;
let lostTimer = 0;

/**
 * The history of a channel or thread, made when first asked for.
 * @param {string} channel
 * @param {string} [threadTs]
 * @returns {History}
 */
export function historyOf(channel, threadTs = "") {
  const key = `${channel}/${threadTs}`;
  if (!histories.has(key)) histories.set(key, new History(channel, threadTs || null));
  return histories.get(key);
}

/** Open the workspace as the address says. */
export async function start() {
  const wanted = readRoute();
  await enter(wanted.as, wanted);
  window.addEventListener("popstate", followAddress);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) markRead();
  });
}

async function followAddress() {
  const wanted = readRoute();
  if (wanted.as !== store.me || wanted.team !== route.team) {
    await enter(wanted.as, wanted).catch(toastError);
    return;
  }
  Object.assign(route, placed(wanted));
  emit("route");
}

/**
 * Look through another member's eyes.
 * @param {string} id
 */
export async function actAs(id) {
  if (id === store.me) return;
  try {
    await enter(id, { ...route, as: id, thread: "" });
  } catch (error) {
    toastError(error);
  }
}

/**
 * Go to another workspace, as its first person.
 * @param {string} team
 */
export async function goToTeam(team) {
  if (team === store.team.id) return;
  try {
    await enter("", { team, as: "", in: "", thread: "" });
  } catch (error) {
    toastError(error);
  }
}

/** Take in what changed around the messages: where the app is installed. */
export async function refresh() {
  takeState(store.me, await get("state"));
  Object.assign(route, placed(route));
  emit("state");
  emit("route");
}

async function enter(as, wanted) {
  const before = store.me;
  const teamBefore = store.team;
  store.me = as;
  store.team = { ...store.team, id: wanted.team };
  let state;
  try {
    state = await firstState(as);
  } catch (error) {
    store.me = before;
    store.team = teamBefore;
    throw error;
  }
  live?.close();
  histories.clear();
  takeState(state.as, state);
  setNow(state.now);
  const fromHome = wanted.in && wanted.in !== "home" && !store.channels.has(wanted.in);
  Object.assign(route, placed({ ...wanted, as: store.me, team: store.workspaces.length > 1 ? store.team.id : "" }), fromHome ? { thread: "" } : {});
  writeRoute(route, { replace: !before });
  listen();
  emit("state");
  emit("views", []);
  emit("route");
}

async function firstState(as) {
  if (as) {
    try {
      return { as, ...(await get("state", { as })) };
    } catch (error) {
      if (error.code === "unreachable" || error.code === "bad_answer") throw error;
      if (error.code === "team_not_found") store.team = { ...store.team, id: "" };
    }
  }
  return get("state", { as: "" });
}

function placed(wanted) {
  const here = wanted.in === "home" || store.channels.has(wanted.in);
  return { ...wanted, in: here ? wanted.in : firstChannel() };
}

function firstChannel() {
  const mine = [...store.channels.values()].filter((channel) => !channel.is_im && !channel.is_archived);
  const joined = mine.filter((channel) => channel.members.includes(store.me));
  const unread = joined.find((channel) => channel.unread);
  return (unread ?? joined[0] ?? mine[0] ?? appChannel())?.id ?? "home";
}

function listen() {
  live = new Live(store.team.id, store.me, {
    onEvent: take,
    onUp: (again) => {
      clearTimeout(lostTimer);
      emit("connection", true);
      if (again) catchUp().catch(toastError);
      else refetch();
    },
    onDown: () => {
      clearTimeout(lostTimer);
      lostTimer = setTimeout(() => emit("connection", false), 900);
    },
  });
}

/** Fetch anew what was fetched before the stream was up, so that nothing falls between the two. */
function refetch() {
  for (const known of histories.values()) known.stale = true;
  emit("stale");
}

async function catchUp() {
  const state = await get("state");
  takeState(store.me, state);
  setNow(state.now);
  for (const known of histories.values()) known.stale = true;
  Object.assign(route, placed(route));
  emit("state");
  emit("route");
}

const TAKE = {
  message: ({ message, channel }) => keep({ ...message, channel }),
  message_changed: ({ message, channel }) => keep({ ...message, channel }),
  ephemeral: ({ message, channel }) => keep({ ...message, channel, is_ephemeral: true }),
  message_deleted: ({ channel, ts }) => drop(channel, ts),
  ephemeral_deleted: ({ channel, ts }) => drop(channel, ts),
  views: ({ stack }) => emit("views", stack),
  home: ({ view }) => emit("home", view),
  channel: ({ channel }) => {
    store.channels.set(channel.id, channel);
    emit("channels");
  },
  members: ({ members }) => {
    store.members = new Map(members.map((member) => [member.id, member]));
    emit("channels");
  },
  unread: ({ channel, unread }) => {
    const known = store.channels.get(channel);
    if (!known) return;
    known.unread = unread;
    if (unread && channel === route.in && !document.hidden) markRead();
    else emit("channels");
  },
  prompts: takePrompts,
  status: takeStatus,
  clock: ({ now }) => setNow(now),
  notice: ({ message }) => toast(message, "error"),
};

function take(event) {
  TAKE[event.type]?.(event);
}

function keep(message) {
  for (const known of histories.values()) if (known.loaded || known.threadTs) known.keep(message);
  emit("messages", message.channel);
}

function drop(channel, ts) {
  for (const known of histories.values()) if (known.channel === channel) known.drop(ts);
  emit("messages", channel);
}

/** Tell the playground that the channel in view has been read. */
export function markRead() {
  const channel = store.channels.get(route.in);
  if (!channel || document.hidden || !channel.unread) return;
  channel.unread = 0;
  emit("channels");
  post("read", { channel: channel.id }).catch(() => {});
}

/**
 * Go to a channel, or to the app's Home.
 * @param {string} place
 * @param {{thread?: string}} [how]
 */
export function goTo(place, { thread = "" } = {}) {
  if (place !== "home" && !store.channels.has(place)) {
    toast("You can’t see that conversation as this member.", "error");
    return;
  }
  Object.assign(route, { in: place, thread });
  writeRoute(route);
  emit("route");
}

/**
 * Open a thread beside the channel, or with "" close it.
 * @param {string} ts
 */
export function openThread(ts) {
  route.thread = ts;
  writeRoute(route);
  emit("thread");
}

/**
 * Open the conversation with a member or the app.
 * @param {string} user
 */
export async function openDm(user) {
  if (user === store.me) return;
  const known = [...store.channels.values()].find(
    (channel) => channel.is_im && (channel.user === user || (user === store.app.user_id && isAppDm(channel))));
  if (known) {
    goTo(known.id);
    return;
  }
  try {
    const { channel } = await post("open_dm", { user });
    if (!store.channels.has(channel)) {
      const state = await get("state");
      takeState(store.me, state);
      emit("channels");
    }
    goTo(channel);
  } catch (error) {
    toastError(error);
  }
}

/** @returns {number} unread messages over all conversations */
export function unreadTotal() {
  return [...store.channels.values()].reduce((sum, channel) => sum + (channel.unread || 0), 0);
}

