// The WebSocket to the server; it comes back by itself.

const RETRY = [500, 1000, 2000, 5000]; // ms

/** Token of the server: from the address after '#', or as typed; kept until the tab is closed. */
export const token = {
  get() {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (given) {
      this.set(given);
      history.replaceState(null, "", location.pathname);
    }
    return sessionStorage.getItem("token") || "";
  },
  set(value) {
    sessionStorage.setItem("token", value);
  },
};

/** Headers of a request to the server. */
export function headers() {
  return token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
}

export class Connection {
  /** `start`: the first message; `on`: {open, close, message(object), sound(Int16Array, object)}. */
  constructor(start, on) {
    this.start = start;
    this.on = on;
    this.failures = 0;
    this.over = false;
  }

  /** For good. */
  close() {
    this.over = true;
    this.socket?.close();
  }

  open() {
    const offered = ["harken", ...(token.get() ? [`harken.token.${token.get()}`] : [])];
    const address = new URL("v1/stream", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address, offered);
    this.socket.binaryType = "arraybuffer";
    let before = null;
    this.socket.onopen = () => this.send(this.start);
    this.socket.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        this.on.sound(new Int16Array(data), before);
        return;
      }
      before = JSON.parse(data);
      if (before.type === "ready") {
        this.failures = 0;
        this.on.open(before);
      }
      this.on.message(before);
    };
    this.socket.onclose = ({ code, reason }) => {
      if (this.over) return;
      this.on.close(code, reason);
      const pause = RETRY[Math.min(this.failures++, RETRY.length - 1)];
      setTimeout(() => this.open(), pause);
    };
  }

  get ready() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (this.ready) this.socket.send(JSON.stringify(message));
  }

  /** Sound; what cannot be sent in time is left out rather than heard late. */
  hear(frame) {
    if (this.ready && this.socket.bufferedAmount < 200000) this.socket.send(frame);
  }
}
