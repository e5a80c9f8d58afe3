// The app's Home tab.

import { post } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { fill, h, noteFocus } from "./dom.js";
import { on, store } from "./store.js";
import { viewSurface } from "./surfaces.js";
import { toastError } from "./toasts.js";
import { formOf } from "./views.js";

// How long a first visit may take before the page says that there is nothing, in milliseconds.
const FIRST_VIEW_WITHIN = 3000;

/** What the app publishes for the acting member. */
export class Home {
  constructor() {
    this.view = null;
    this.form = null;
    this.body = h("div.home-body");
    this.element = h("section.home", { "aria-label": "Home", dataset: { testid: "home" } }, this.body);
    on("home", (view) => this.take(view));
    on("state", () => {
      this.view = null;
      this.form = null;
    });
  }

  /** Open it: the app hears of this and may publish anew. */
  async open() {
    const as = store.me;
    if (!this.view) fill(this.body, h("div.skeleton", { role: "status", "aria-label": "Loading Home" }, [60, 90, 75, 40].map((width) => h("span", { style: { width: `${width}%` } }))));
    try {
      const { view } = await post("home");
      if (as !== store.me) return;
      if (view ?? this.view) this.take(view ?? this.view);
      else setTimeout(() => as === store.me && !this.view && this.take(null), FIRST_VIEW_WITHIN);
    } catch (error) {
      toastError(error);
      if (as === store.me) this.take(this.view);
    }
  }

  take(view) {
    if (!view) {
      fill(this.body, emptyHome());
      return;
    }
    if (this.view?.id === view.id && this.view.hash === view.hash && this.body.querySelector(".block")) return;
    if (this.view?.id !== view.id) this.form = formOf(view);
    this.view = view;
    const surface = viewSurface("home", () => this.view, { form: this.form });
    const restore = noteFocus(this.body);
    fill(this.body, drawBlocks(view.blocks ?? [], surface));
    restore(this.body);
  }
}

function emptyHome() {
  return h("div.empty", {}, h("div.empty-mark", { "aria-hidden": "true" }, "🏠"), h("h3", {}, `${store.app.name} has nothing here yet`),
    h("p", {}, "What the app publishes for you will appear here."));
}
