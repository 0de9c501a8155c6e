// The echo program of the protocol tests: its own port, ended by its own pid. With ENGINE_URL or
// SOCKET_URL another server of the same behaviour is tested instead (pings every 300 ms, 200 ms to
// answer, 1000 ms to connect).
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocket } from "../../web/node_modules/ws/wrapper.mjs";
import { pause } from "./until.mjs";

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.ECHO_BIN ?? path.join(repo, "build/release/socketio_echo");

export const timing = { interval: 300, timeout: 200, connect: 1000 };
export { pause, WebSocket };

export class Echo {
  #process;

  static async start(app, { interval, timeout, connect } = timing, more = []) {
    const echo = new Echo();
    echo.path = app === "engine" ? "/engine.io/" : "/socket.io/";
    const given = process.env[app === "engine" ? "ENGINE_URL" : "SOCKET_URL"];
    echo.url = given ?? (await echo.#spawn(app, interval, timeout, connect, more));
    return echo;
  }

  async #spawn(app, interval, timeout, connect, more) {
    const times = ["--ping-interval-ms", interval, "--ping-timeout-ms", timeout];
    const args = ["--port", 0, "--app", app, ...times, "--connect-timeout-ms", connect, ...more];
    this.#process = spawn(binary, args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
    const port = await new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("exit", (code) => reject(new Error(`the echo ended with ${code}`)));
      this.#process.stdout.on("data", (text) => {
        const found = /port (\d+)/.exec(text);
        if (found) resolve(found[1]);
      });
    });
    return `http://127.0.0.1:${port}`;
  }

  stop() {
    this.#process?.removeAllListeners("exit");
    this.#process?.kill("SIGTERM");
  }

  at(query) {
    return `${this.url}${this.path}?${new URLSearchParams({ EIO: "4", ...query })}`;
  }
  get(query, how) {
    return fetch(this.at({ transport: "polling", ...query }), how);
  }
  post(sid, body) {
    return this.get({ sid }, { method: "POST", body });
  }
  async text(sid) {
    const answer = await this.get({ sid });
    if (answer.status !== 200) throw new Error(`a poll got ${answer.status}`);
    return answer.text();
  }
  /** As `text`, but pings are answered. */
  async message(sid) {
    for (;;) {
      const packets = (await this.text(sid)).split("\x1e");
      const rest = packets.filter((each) => each !== "2"); // a ping may come with messages
      if (rest.length < packets.length) await this.post(sid, "3");
      if (rest.length > 0) return rest.join("\x1e");
    }
  }
  /** A session by long-polling; gives its id. */
  async open() {
    const text = await (await this.get()).text();
    return JSON.parse(text.slice(1)).sid;
  }
  /** A WebSocket that keeps what comes, for `next`. */
  socket(query = {}) {
    return new Socket(this.at({ transport: "websocket", ...query }).replace("http", "ws"));
  }
  /** One with a session, past its open packet. */
  async opened(query) {
    const socket = this.socket(query);
    await socket.next();
    return socket;
  }
}

export class Socket {
  #waiting = [];
  #messages = [];

  constructor(url) {
    this.line = new WebSocket(url);
    this.line.binaryType = "nodebuffer";
    this.open = new Promise((resolve) => this.line.once("open", resolve));
    this.closed = new Promise((resolve) => this.line.once("close", resolve));
    this.line.on("error", () => {}); // "close" follows
    this.line.on("message", (data, binary) => {
      const message = binary ? data : data.toString();
      const next = this.#waiting.shift();
      if (next) next(message);
      else this.#messages.push(message);
    });
  }
  send(message) {
    this.line.send(message);
  }
  close() {
    this.line.close();
  }
  /** The next message; pings are answered and left out unless they are asked for. */
  async next({ pings = false } = {}) {
    for (;;) {
      const message = this.#messages.length
        ? this.#messages.shift()
        : await Promise.race([
            new Promise((resolve) => this.#waiting.push(resolve)),
            this.closed.then((code) => {
              throw new Error(`the socket closed with ${code}`);
            }),
          ]);
      if (pings || message !== "2") return message;
      this.send("3");
    }
  }
}

/** Fails where `promise` takes longer. */
export function within(ms, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
