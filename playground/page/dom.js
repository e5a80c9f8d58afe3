// Builds DOM nodes without markup strings, so that nothing untrusted can ever become HTML.

/**
 * Make an element: `h("button.btn.primary", {type: "button", onclick: press}, "Send")`.
 * Strings among the children become text nodes; null, false and undefined are left out.
 * @param {string} spec tag name with optional `.classes`
 * @param {Object<string, any>} [props] attributes, `on…` listeners, `dataset`, `style`, `value`, `checked`
 * @param {...(Node|string|number|null|false|undefined|Array)} children
 * @returns {HTMLElement}
 */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = `${node.className} ${value}`.trim();
    else if (name === "dataset") {
      for (const [key, entry] of Object.entries(value)) {
        if (entry !== null && entry !== undefined && entry !== false) node.dataset[key] = String(entry);
      }
    } else if (name === "style") {
      for (const [key, entry] of Object.entries(value)) node.style.setProperty(key, entry);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") node[name] = value;
    else node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  append(node, children);
  return node;
}

/**
 * Append children, flattening arrays and skipping empty ones.
 * @param {Node} node
 * @param {Array} children
 */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Replace everything inside a node.
 * @param {Element} node
 * @param {...any} children
 */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

let counter = 0;

/**
 * A fresh id for `aria-labelledby` and its like.
 * @param {string} prefix
 * @returns {string}
 */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]):not([type="hidden"]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';

/**
 * Everything inside `root` that Tab reaches, in order.
 * @param {Element} root
 * @returns {HTMLElement[]}
 */
export function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.getClientRects().length > 0);
}

/**
 * Note which field of `root` has the focus, and where its caret is. The answer gives both back to the same field of
 * what replaced it. Fields are told apart by `data-key`, which the Block Kit renderer sets from block and action id.
 * @param {Element} root
 * @returns {(again: Element) => void}
 */
export function noteFocus(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return () => {};
  const key = active.closest("[data-key]")?.dataset.key;
  const caret = "selectionStart" in active ? caretOf(active) : null;
  return (again) => {
    const owner = [...again.querySelectorAll("[data-key]")].findLast((node) => node.dataset.key === key);
    const inside = owner?.matches(FOCUSABLE) ? owner : owner?.querySelector(FOCUSABLE);
    const target = inside ?? (again.matches("[tabindex]") ? again : null);
    target?.focus({ preventScroll: true });
    if (!caret || !inside || !("setSelectionRange" in inside)) return;
    try {
      inside.setSelectionRange(caret[0], caret[1]);
    } catch {
      // number and e-mail fields have no caret to set
    }
  };
}

function caretOf(field) {
  try {
    return [field.selectionStart, field.selectionEnd];
  } catch {
    return null;
  }
}

/**
 * A URL that is safe to put into `href` or `src`, or null.
 * @param {unknown} raw
 * @returns {string|null}
 */
export function safeUrl(raw) {
  if (typeof raw !== "string" || !raw) return null;
  if (raw.startsWith("/") && !raw.startsWith("//")) return raw;
  try {
    const url = new URL(raw);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? raw : null;
  } catch {
    return null;
  }
}

/**
 * A link that opens apart from the page, or plain text when its address is not one to follow.
 * @param {string} url
 * @param {any} content
 * @returns {Node}
 */
export function link(url, content) {
  const href = safeUrl(url);
  if (!href) return h("span", {}, content);
  return h("a.link", { href, target: "_blank", rel: "noopener noreferrer" }, content);
}
