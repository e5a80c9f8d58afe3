// Where the page stands, kept in the address so that two tabs can be two people and a reload changes nothing.

/** @typedef {{team: string, as: string, in: string, thread: string}} Route `in` is a channel id or `home` */

const KEY = "playground-as";

/** @returns {Route} what the address says; the member falls back to the last one acted as in this browser */
export function readRoute() {
  const params = new URLSearchParams(location.hash.slice(1));
  return {
    team: params.get("team") ?? "",
    as: params.get("as") ?? remembered(),
    in: params.get("in") ?? "",
    thread: params.get("thread") ?? "",
  };
}

/**
 * Put a route into the address.
 * @param {Route} route
 * @param {{replace?: boolean}} [how]
 */
export function writeRoute(route, { replace = false } = {}) {
  const params = new URLSearchParams();
  for (const name of ["team", "as", "in", "thread"]) if (route[name]) params.set(name, route[name]);
  const hash = `#${params}`;
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  try {
    localStorage.setItem(KEY, route.as);
  } catch {
    // a browser without storage only forgets
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
