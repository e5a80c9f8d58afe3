// Keeps one live socket to the playground open, with growing pauses between attempts, and says when it was lost.

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 8000;

/** The stream of live events of one acting member. */
export class Live {
  /**
   * @param {string} team
   * @param {string} as
   * @param {{onEvent: (event: any) => void, onUp: (again: boolean) => void, onDown: () => void}} hooks
   */
  constructor(team, as, hooks) {
    this.team = team;
    this.as = as;
    this.hooks = hooks;
    this.pause = FIRST_PAUSE;
    this.closed = false;
    this.attempts = 0;
    this.timer = 0;
    this.hurry = () => {
      if (!document.hidden && this.timer) this.open();
    };
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.open();
  }

  /** Stop for good. */
  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.socket?.close();
  }

  open() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.attempts += 1;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/page/live?team=${encodeURIComponent(this.team)}&as=${encodeURIComponent(this.as)}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      if (this.closed) return;
      this.pause = FIRST_PAUSE;
      this.hooks.onUp(this.attempts > 1);
    });
    socket.addEventListener("message", (message) => {
      if (this.closed) return;
      let event;
      try {
        event = JSON.parse(message.data);
      } catch {
        return;
      }
      this.hooks.onEvent(event);
    });
    socket.addEventListener("close", () => {
      if (this.closed || this.socket !== socket) return;
      this.hooks.onDown();
      this.timer = setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    });
  }
}
