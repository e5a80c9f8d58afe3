// Formats moments in a member's time zone: Slack's date tokens, message times, and the zone arithmetic of date pickers.

const formatters = new Map();

function formatter(tz, options, locale = "en-US") {
  const key = `${locale}/${tz}/${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    try {
      made = new Intl.DateTimeFormat(locale, { timeZone: tz, ...options });
    } catch {
      made = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
    }
    formatters.set(key, made);
  }
  return made;
}

const FULL = {
  year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  hourCycle: "h23",
};

/**
 * The wall clock of a zone at a moment.
 * @param {number} epoch seconds
 * @param {string} tz IANA zone
 * @returns {{year: number, month: number, day: number, hour: number, minute: number, second: number}}
 */
function wallClock(epoch, tz) {
  const out = {};
  for (const part of formatter(tz, FULL).formatToParts(new Date(epoch * 1000))) {
    if (part.type !== "literal") out[part.type] = Number(part.value);
  }
  return out;
}

/**
 * The moment at which a zone's wall clock shows this. In a gap of daylight saving the later reading counts.
 * @param {string} local `YYYY-MM-DDTHH:MM`
 * @param {string} tz
 * @returns {number} epoch seconds
 */
export function epochOf(local, tz) {
  const wanted = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`) / 1000;
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    const wall = wallClock(guess, tz);
    const shown = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) / 1000;
    guess += wanted - shown;
  }
  return guess;
}

/**
 * `YYYY-MM-DDTHH:MM` of a moment, for datetime inputs.
 * @param {number} epoch
 * @param {string} tz
 * @returns {string}
 */
export function localOf(epoch, tz) {
  const wall = wallClock(epoch, tz);
  return `${dayKey(epoch, tz)}T${pad(wall.hour)}:${pad(wall.minute)}`;
}

/**
 * `YYYY-MM-DD` of a moment.
 * @param {number} epoch
 * @param {string} tz
 * @returns {string}
 */
export function dayKey(epoch, tz) {
  const wall = wallClock(epoch, tz);
  return `${wall.year}-${pad(wall.month)}-${pad(wall.day)}`;
}

function pad(number) {
  return String(number).padStart(2, "0");
}

function ordinal(day) {
  if (day % 100 >= 11 && day % 100 <= 13) return `${day}th`;
  return day + ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
}

const HALF_YEAR = 182 * 86400;

function relativeDay(epoch, now, tz) {
  const day = (at) => Date.parse(`${dayKey(at, tz)}T00:00:00Z`) / 86400000;
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[day(epoch) - day(now)] ?? null;
}

function longDate(epoch, now, tz, { weekday, short }) {
  const wall = wallClock(epoch, tz);
  const month = formatter(tz, { month: short ? "short" : "long" }).format(new Date(epoch * 1000));
  const date = short ? `${month} ${wall.day}` : `${month} ${ordinal(wall.day)}`;
  const year = Math.abs(now - epoch) < HALF_YEAR ? "" : `, ${wall.year}`;
  const day = weekday ? `${formatter(tz, { weekday: "long" }).format(new Date(epoch * 1000))}, ` : "";
  return day + date + year;
}

const AGO = [[86400 * 365, "year"], [86400 * 30, "month"], [86400 * 7, "week"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

function ago(epoch, now) {
  const seconds = Math.round(Math.abs(now - epoch));
  if (seconds < 5) return "just now";
  const [size, unit] = AGO.find(([length]) => seconds >= length);
  const count = Math.floor(seconds / size);
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return epoch > now ? `in ${words}` : `${words} ago`;
}

const TOKENS = {
  date_num: (epoch, _now, tz) => dayKey(epoch, tz),
  date_slash: (epoch, _now, tz) => {
    const wall = wallClock(epoch, tz);
    return `${pad(wall.month)}/${pad(wall.day)}/${wall.year}`;
  },
  date: (epoch, now, tz) => longDate(epoch, now, tz, {}),
  date_short: (epoch, now, tz) => longDate(epoch, now, tz, { short: true }),
  date_long: (epoch, now, tz) => longDate(epoch, now, tz, { weekday: true }),
  time: (epoch, _now, tz) => clockTime(epoch, tz),
  time_secs: (epoch, _now, tz) =>
    plainSpaces(formatter(tz, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(new Date(epoch * 1000))),
  ago: (epoch, now) => ago(epoch, now),
};
for (const name of ["date", "date_short", "date_long"]) {
  TOKENS[`${name}_pretty`] = (epoch, now, tz) => relativeDay(epoch, now, tz) ?? TOKENS[name](epoch, now, tz);
}
TOKENS.day_divider_pretty = (epoch, now, tz) => TOKENS.date_long_pretty(epoch, now, tz);

/**
 * Fill in Slack's date tokens. Unknown tokens stay as written.
 * @param {number} epoch seconds
 * @param {string} format for example `{date_short_pretty} at {time}`
 * @param {number} now the workspace's time, for the pretty ones, `{ago}` and the omitted year
 * @param {string} tz
 * @param {{inSentence?: boolean}} [how] `inSentence`: a relative day at the start stays small
 * @returns {string}
 */
export function formatDate(epoch, format, now, tz, { inSentence = false } = {}) {
  return format.replace(/\{(\w+)\}/g, (whole, name, offset) => {
    const text = TOKENS[name]?.(epoch, now, tz);
    if (text === undefined) return whole;
    return offset === 0 && !inSentence ? text[0].toUpperCase() + text.slice(1) : text;
  });
}

/**
 * `9:41 AM`.
 * @param {number} epoch
 * @param {string} tz
 * @returns {string}
 */
export function clockTime(epoch, tz) {
  return plainSpaces(formatter(tz, { hour: "numeric", minute: "2-digit" }).format(new Date(epoch * 1000)));
}

function plainSpaces(text) {
  return text.replaceAll("\u202f", " ");
}

/**
 * The short name of a zone at a moment, for example `EST`.
 * @param {number} epoch
 * @param {string} tz
 * @returns {string}
 */
export function zoneName(epoch, tz) {
  const names = ["en-US", "en-GB", "en-IN", "en-AU"].map((locale) =>
    formatter(tz, { hour: "numeric", timeZoneName: "short" }, locale)
      .formatToParts(new Date(epoch * 1000))
      .find((part) => part.type === "timeZoneName")?.value);
  return names.find((name) => name && !/^(GMT|UTC)./.test(name)) ?? names[0] ?? tz;
}

/**
 * `Thu, Nov 19`.
 * @param {number} epoch
 * @param {string} tz
 * @returns {string}
 */
export function shortDay(epoch, tz) {
  return formatter(tz, { weekday: "short", month: "short", day: "numeric" }).format(new Date(epoch * 1000));
}
