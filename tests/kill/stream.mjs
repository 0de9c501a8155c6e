// The event stream of a REST session, which comes back with its Last-Event-ID until the session is
// over. What it was told is judged as a device's is (checks.mjs).
import http from "node:http";
import { pause } from "./site.mjs";

export class EventStream {
  pushed = []; // {position, type, call}
  faults = [];
  partial = true; // its session may end before it has heard everything
  #over = false;
  #request;

  constructor(world, who, session) {
    this.world = world;
    this.who = who;
    this.session = session;
    this.name = `stream of ${session}`;
  }

  /** Resolves at its first `connected`, or when the session is over before. */
  open() {
    return new Promise((resolve) => {
      this.opened = resolve;
      this.#run();
    });
  }

  close() {
    this.#over = true;
    this.#request?.destroy();
  }

  async #run() {
    while (!this.#over) {
      await this.world.up();
      const status = await this.#once();
      if (status === 404 || status === 410) this.#over = true;
      await pause(15);
    }
    this.opened();
  }

  /** One connection, to its end; gives its status. */
  #once() {
    const headers = { Authorization: `Bearer ${this.who.token}` };
    if (this.position) headers["Last-Event-ID"] = String(this.position);
    const path = `/api/webrtc/session/${this.session}/events`;
    const where = { host: "127.0.0.1", port: this.world.port, path, headers, agent: false };
    return new Promise((resolve) => {
      this.#request = http.get(where, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          const parts = (text + chunk).split("\n\n");
          text = parts.pop();
          if (answer.statusCode === 200) for (const part of parts) this.#event(part);
        });
        answer.on("error", () => {});
        answer.on("close", () => resolve(answer.statusCode));
      });
      this.#request.on("error", () => resolve(undefined));
    });
  }

  #event(text) {
    const field = (name) => text.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
    const type = field("event");
    if (!type) return; // a comment
    const position = Number(field("id"));
    const data = JSON.parse(field("data"));
    if (type === "connected") {
      if (this.position && !data.resumed) this.faults.push(`${this.name} was not resumed`);
      this.id = data.device_id;
      this.since ??= position;
      this.position ??= position;
      return this.opened();
    }
    if (position <= this.position)
      this.faults.push(`${this.name} was told ${type} at ${position} after ${this.position}`);
    this.position = position;
    this.pushed.push({ position, type, call: data.callId });
  }
}
