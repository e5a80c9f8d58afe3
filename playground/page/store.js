// What the page knows of the workspace as the acting member sees it, and the small bus that tells its parts of changes.

/** @typedef {{id: string, name: string, real_name: string, title: string, tz: string, is_admin: boolean, is_bot: boolean, deleted: boolean, color: string}} Member */
/** @typedef {{id: string, name: string, is_im: boolean, is_private: boolean, is_archived: boolean, topic: string, members: string[], user?: string, is_app?: boolean, unread: number, latest: string|null}} Channel */

export const store = {
  me: "",
  team: { id: "", name: "", domain: "" },
  app: { id: "", bot_id: "", user_id: "", name: "", read_only: false, agent: false, installed: true },
  /** @type {{id: string, name: string, organization: string|null, installed: boolean, org_wide: boolean}[]} */
  workspaces: [],
  /** @type {Map<string, Member>} */
  members: new Map(),
  /** @type {Map<string, Channel>} */
  channels: new Map(),
  /** @type {{command: string, usage_hint: string, description: string}[]} */
  commands: [],
  /** @type {{name: string, type: string, callback_id: string, description: string}[]} */
  shortcuts: [],
  /** @type {{id: string, label: string}[]} */
  controls: [],
  /** @type {{id: string, as: string, in: string, role: string, words: string, draft: string}[]} */
  tasks: [],
};

const bus = new EventTarget();

/**
 * Listen for a change.
 * @param {string} type
 * @param {(detail: any) => void} listener
 */
export function on(type, listener) {
  bus.addEventListener(type, (event) => listener(/** @type {CustomEvent} */ (event).detail));
}

/**
 * Tell every listener of `type`.
 * @param {string} type
 * @param {any} [detail]
 */
export function emit(type, detail) {
  bus.dispatchEvent(new CustomEvent(type, { detail }));
}

/**
 * Take in an answer of `GET /page/state`.
 * @param {string} me
 * @param {any} state
 */
export function takeState(me, state) {
  store.me = me;
  store.team = state.team;
  store.workspaces = state.workspaces ?? [];
  store.app = state.app ?? store.app;
  store.members = new Map(state.members.map((member) => [member.id, member]));
  store.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  store.commands = state.commands ?? [];
  store.shortcuts = state.shortcuts ?? [];
  store.controls = state.controls ?? [];
  store.tasks = state.tasks ?? [];
}

/** @returns {Member|undefined} the member whose eyes the page looks through */
export function me() {
  return store.members.get(store.me);
}

/** @returns {string} the acting member's IANA time zone */
export function zone() {
  return me()?.tz || "UTC";
}

/**
 * People one can act as: neither bots nor gone.
 * @returns {Member[]}
 */
export function people() {
  return [...store.members.values()].filter((member) => !member.is_bot && !member.deleted);
}

/**
 * What a member is called on the page.
 * @param {string|undefined} id
 * @returns {string}
 */
export function memberName(id) {
  if (id && id === store.app.user_id) return store.app.name;
  const member = id ? store.members.get(id) : undefined;
  return member ? member.real_name || member.name : "Unknown member";
}

/** @returns {Channel|undefined} the acting member's conversation with the app */
export function appChannel() {
  return [...store.channels.values()].find(isAppDm);
}

/**
 * Whether a conversation is the one with the app.
 * @param {Channel} channel
 * @returns {boolean}
 */
export function isAppDm(channel) {
  return Boolean(channel.is_im && (channel.is_app || (channel.user && channel.user === store.app.user_id)));
}

/**
 * What a conversation is called, without its `#`.
 * @param {Channel|undefined} channel
 * @returns {string}
 */
export function channelName(channel) {
  if (!channel) return "unknown";
  if (isAppDm(channel)) return store.app.name;
  return channel.is_im ? memberName(channel.user) : channel.name;
}

/**
 * How the app's avatar looks.
 * @returns {{name: string, color: string, isApp: boolean}}
 */
export function appFace() {
  return { name: store.app.name, color: "6d4aff", isApp: true };
}

/**
 * Who wrote a message, in the page's terms.
 * @param {any} message
 * @returns {{id: string, name: string, color: string, isApp: boolean, emoji?: string}}
 */
export function authorOf(message) {
  if (message.local) return { id: "local", name: "Playground", color: "5b5670", isApp: true };
  const emoji = message.icons?.emoji ?? message.icon_emoji;
  const isOurs = message.bot_id && message.bot_id === store.app.bot_id;
  if (isOurs || message.user === store.app.user_id) {
    return { id: store.app.user_id, ...appFace(), name: message.username || store.app.name, emoji };
  }
  const member = store.members.get(message.user);
  return {
    id: message.user ?? message.bot_id ?? "",
    name: message.username || (member ? member.real_name || member.name : "Unknown"),
    color: member?.color || "6b6880",
    isApp: Boolean(message.bot_id || member?.is_bot),
    emoji,
  };
}
