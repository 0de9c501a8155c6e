// A device that lives through its server's deaths: it comes back with its position, repeats what
// was not answered with the same command id, and writes down everything it was told.
import { pause } from "./site.mjs";
import { Wire } from "./wire.mjs";

// Answers that leave open whether anything happened, or say that nothing did: asked again.
const again = new Set(["outcome-unknown", "busy", "hub-not-available", "storage-failed"]);
const retry_ms = 15;

export class Device {
  pushed = []; // {position, type, call} since it was attached
  faults = []; // sentences
  lifes = 0; // connections that said `connected`
  online = false;
  leaving = false; // its token is being revoked: to be refused is right
  #wire;
  #wanted = false;
  #waiting = new Map(); // command id -> command
  #asked = new Map(); // message id on this connection -> command
  #next = 1;
  #listeners = [];
  #first = new Map(); // "type call" -> the first such push

  /** `world` has up(), port, oracle, random; `who` {tenant, number, token, agent}. */
  constructor(world, who, name, { from, late_ms = 0 } = {}) {
    this.world = world;
    this.who = who;
    this.name = name;
    this.from = from;
    this.late_ms = late_ms; // comes back so much later than others
  }

  /** Online, and again after each loss, until `leave`. */
  async join() {
    this.#wanted = true;
    const connected = this.#heard((m) => m.type === "connected");
    await this.world.up();
    this.#connect();
    await connected;
    return this;
  }

  /** Away for good, without a word. */
  leave() {
    this.#wanted = false;
    this.online = false;
    this.#wire?.drop();
  }

  /** As a network that fails: gone, and back by itself. */
  stumble() {
    this.#wire?.drop();
  }

  get idle() {
    return this.#waiting.size === 0;
  }

  /** For people: what has no answer yet. */
  waits() {
    const what = [...this.#waiting.values()].map((w) => `${w.command.type} ${w.command.id}`);
    return `${this.name}${this.online ? "" : " (away)"}: ${what.join(", ")}`;
  }

  /** Resolves to the `data` of the definite answer, however many lives that takes. */
  command(type, data = {}) {
    const { oracle, random } = this.world;
    const command = oracle.begin(this.who, type, data, this);
    const message = { type, data: { ...data, command_id: command.id } };
    return new Promise((resolve) => {
      this.#waiting.set(command.id, { command, message, resolve });
      if (!this.online) return;
      this.#say(command.id);
      if (random() < 0.02) this.#say(command.id); // the network may deliver twice
    });
  }

  /** The first push of this type and call, now or later. */
  async push(type, call) {
    const known = this.#first.get(`${type} ${call}`);
    return known ?? (await this.#heard((_, p) => p?.type === type && p.call === call)).push;
  }

  /** Whether it was told so already. */
  knows(type, call) {
    return this.#first.has(`${type} ${call}`);
  }

  #heard(fits) {
    return new Promise((resolve) => this.#listeners.push({ fits, resolve }));
  }

  #say(id) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    const number = this.#next++;
    this.#asked.set(number, id);
    this.#wire.send({ ...waiting.message, id: number });
  }

  #connect() {
    if (!this.#wanted) return;
    const { world, who } = this;
    let path = `/ws?extension=${who.number}`;
    if (this.resume) path += `&resume=${encodeURIComponent(this.resume)}&position=${this.position}`;
    this.#asked.clear();
    const wire = new Wire(
      { port: world.port, path, token: who.token, from: this.from },
      {
        message: (m) => this.#wire === wire && this.#message(m),
        refused: (status, body) => {
          if (this.leaving && status === 401) return this.leave();
          if (status !== 503) this.#fault(`was refused with ${status} ${body.code}`);
          this.#back(wire);
        },
        closed: () => this.#back(wire),
      },
    );
    this.#wire = wire;
  }

  async #back(wire) {
    if (this.#wire !== wire) return;
    this.online = false;
    if (!this.#wanted) return;
    await pause(retry_ms);
    await this.world.up();
    if (this.late_ms > 0) await pause(this.late_ms);
    if (this.#wire === wire) this.#connect();
  }

  #fault(what) {
    this.faults.push(`${this.name} ${what}`);
  }

  #message(m) {
    let push;
    if (m.type === "connected") this.#connected(m.data);
    else if (m.type === "reply") this.#reply(m);
    else if (m.type !== "presence") push = this.#pushed(m);
    if (this.#listeners.length === 0) return;
    const found = { message: m, push };
    this.#listeners = this.#listeners.filter((l) => {
      if (!l.fits(m, push)) return true;
      l.resolve(found);
      return false;
    });
  }

  #connected(data) {
    if (this.resume && !data.resumed) this.#fault(`was not resumed at ${this.position}`);
    if (this.resume && data.device_id !== this.id) this.#fault("is another device now");
    if (this.resume && data.position !== this.position)
      this.#fault(`asked for ${this.position} and was given ${data.position}`);
    this.id = data.device_id;
    this.session = data.session_id;
    this.resume = data.resume_token;
    if (!this.position) {
      this.position = data.position;
      this.since = data.position;
    }
    this.online = true;
    ++this.lifes;
    for (const id of this.#waiting.keys()) this.#say(id);
  }

  #pushed(m) {
    if (m.position <= this.position)
      this.#fault(`was told ${m.type} at ${m.position} after ${this.position}`);
    this.position = m.position;
    const push = { position: m.position, type: m.type, call: m.data.callId };
    this.pushed.push(push);
    const key = `${push.type} ${push.call}`;
    if (!this.#first.has(key)) this.#first.set(key, push);
    return push;
  }

  #reply(m) {
    const id = this.#asked.get(m.id);
    this.#asked.delete(m.id);
    const waiting = this.#waiting.get(id);
    if (!waiting) {
      const early = this.world.oracle.differs(id, m.data);
      if (early) this.#fault(early);
      return;
    }
    if (!m.data.success && again.has(m.data.code)) {
      setTimeout(() => this.online && this.#say(id), retry_ms);
      return;
    }
    this.#waiting.delete(id);
    this.world.oracle.answered(waiting.command, m.data);
    waiting.resolve(m.data);
  }
}
