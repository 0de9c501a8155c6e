// Everything that speaks over a WebSocket: /ws in both encodings, Engine.IO, Socket.IO, the link of
// slaves.
import { pack, unpack } from "../e2e/errors_msgpack.mjs";
import { packets } from "./http.mjs";
import { frame, upgraded, waitFrame } from "./lines.mjs";
import { commands, slaves } from "./words.mjs";

const hang_ms = 10_000;
const break_ms = 15; // for a server to close, where it does

class Socket {
  #asked = 0;

  constructor(world, user) {
    Object.assign(this, { world, user });
  }
  end() {
    this.line?.drop();
    this.line = undefined;
  }
  write(opcode, payload, first) {
    this.line.write(frame(opcode, payload, first));
  }

  /** Frames that RFC 6455 does not allow, and such as have no end. */
  async badFrame(random) {
    const payload = random.bytes(random.below(140));
    const good = frame(random.pick([1, 2, 8, 9, 10, 0]), payload);
    const bad = [
      () => frame(3 + random.below(5), payload),
      () => frame(random.pick([8, 9]), random.bytes(130)),
      () => frame(1, payload, random.pick([0x90, 0xa0, 0xc0, 0x00])),
      () => frame(8, random.pick([Buffer.from([0x03]), Buffer.from([0x00, 0x01, 0xff])])),
      () => Buffer.from([0x81, 0xff, ...random.bytes(8)]),
      () => Buffer.from([0x81, 0x05, ...random.bytes(5)]),
      () => good.subarray(0, random.below(good.length)),
      () => random.warp(good),
    ];
    this.line.write(random.pick(bad)());
    await waitFrame(this.line, () => false, break_ms);
    this.end();
  }

  /** After every few messages: the server has read them all, or closed. */
  async settled(ask, answers, every) {
    if (++this.#asked % every !== 0 || this.line.over || this.line.closing) return;
    ask();
    const came = await waitFrame(this.line, answers, hang_ms);
    if (!came && !this.line.over && !this.line.closing)
      this.world.problem(`${this.constructor.name}: no answer and no end`);
    if (!came) this.end();
  }
}

class Native extends Socket {
  #pings = 1_000_000;

  async open() {
    if (this.line && !this.line.over && !this.line.closing) return true;
    const back = this.resume ? `&resume=${this.resume}&position=${this.position}` : "";
    const fields = { Authorization: `Bearer ${this.world.fresh(this.user)}` };
    if (this.binary) fields["Sec-WebSocket-Protocol"] = "strowger.v1.msgpack";
    this.line = await upgraded(this.world.port, `/ws?extension=${this.user}${back}`, fields);
    this.resume = undefined;
    if (!this.line) return false;
    const hello = await waitFrame(this.line, () => true, hang_ms);
    const { data } = hello ? this.read(hello.payload) : {};
    this.resume = data?.resume_token;
    this.position = data?.position;
    return true;
  }

  async send(random) {
    if (!(await this.open())) return;
    if (random.chance(0.08)) return await this.badFrame(random);
    const [type, data] = random.pick(commands);
    const message = { type, id: random.below(1_000_000), data };
    this.say(random, message);
    const id = ++this.#pings;
    const ask = () => this.write(this.opcode, this.spell({ type: "ping", id }));
    await this.settled(ask, ({ payload }) => this.read(payload).id === id, 20);
  }
}

export class Json extends Native {
  opcode = 1;
  spell = (what) => Buffer.from(JSON.stringify(what));
  read = (bytes) => JSON.parse(bytes.toString());
  say(random, message) {
    this.write(random.chance(0.01) ? 2 : 1, random.json(message));
  }
}

export class Packed extends Native {
  opcode = 2;
  binary = true;
  spell = pack;
  read = (bytes) => unpack(bytes);
  say(random, message) {
    const bent = pack(random.bend(message));
    const how = random.below(4);
    const lies = Buffer.from([0xdd, 0xdf, 0xdb, 0xc9, 0xc6][random.below(5)].toString(16), "hex");
    const claims = () => Buffer.concat([lies, random.bytes(4), bent]);
    const deep = () => Buffer.alloc(random.below(5_000), 0x91);
    this.write(2, [() => bent, () => random.warp(bent), claims, deep][how]());
  }
}

export class Engine extends Socket {
  async send(random) {
    if (!this.line || this.line.over || this.line.closing) {
      const path = "/socket.io/?EIO=4&transport=websocket";
      this.line = await upgraded(this.world.port, path);
      if (!this.line) return;
      await waitFrame(this.line, () => true, hang_ms);
    }
    if (random.chance(0.1)) return await this.badFrame(random);
    const text = packets(random, "no token");
    this.write(random.chance(0.1) ? 2 : 1, text.replace(/[\ud800-\udfff]/g, ""));
    await waitFrame(this.line, () => false, break_ms);
    if (random.chance(0.2)) this.end();
  }
}

export class SocketIo extends Socket {
  #pings = 1_000;

  async open() {
    if (this.line && !this.line.over && !this.line.closing) return true;
    this.line = await upgraded(this.world.port, "/socket.io/?EIO=4&transport=websocket");
    if (!this.line) return false;
    const auth = { token: this.world.fresh(this.user), ...this.back };
    this.write(1, `40${JSON.stringify(auth)}`);
    const fits = ({ payload }) => /^4[04]/.test(payload.toString("latin1", 0, 2));
    const welcome = await waitFrame(this.line, fits, hang_ms);
    const pid = welcome && /"pid":"([^"]+)"/.exec(welcome.payload.toString())?.[1];
    this.back = pid && { pid, offset: "1" };
    if (!pid) this.end();
    return pid !== undefined && pid !== false;
  }

  async send(random) {
    if (!(await this.open())) return;
    if (random.chance(0.05)) return await this.badFrame(random);
    const [name, data] = random.pick(commands);
    const how = random.below(10);
    if (how < 5)
      this.write(1, `42${random.below(500)}${JSON.stringify(random.bend([name, data]))}`);
    else if (how < 8) this.write(1, packets(random, this.world.token(this.user)));
    else this.#attachments(random);
    const id = ++this.#pings;
    const ask = () => this.write(1, `42${id}["ping",{}]`);
    await this.settled(ask, ({ payload }) => payload.toString().startsWith(`43${id}[`), 1);
  }

  /** Announced and not sent, sent and not announced, in the wrong places, too many, too large. */
  #attachments(random) {
    const count = random.pick([0, 1, 2, 33, 10 ** 9]);
    const holes = Array.from({ length: Math.min(count, 3) }, (_, num) => ({
      ...{ _placeholder: true, num: random.chance(0.7) ? num : random.junk() },
    }));
    this.write(1, `45${count}-${JSON.stringify(["call:dial", ...holes])}`);
    for (let n = random.below(4); n > 0; --n)
      this.write(2, random.bytes(random.pick([0, 1, 200, 3_000])));
  }
}

export class Link extends Socket {
  async send(random) {
    if (!this.line || this.line.over || this.line.closing) {
      const key = random.chance(0.03) ? "SL-wrong" : this.world.key;
      const fields = {
        Authorization: `Bearer ${key}`,
        "Sec-WebSocket-Protocol": "strowger.link.v1",
      };
      this.line = await upgraded(this.world.port, "/api/licenses/link", fields);
      if (!this.line) return;
      const slave = `slave-${this.user}-0123456789abcdef`;
      if (random.chance(0.8)) this.write(1, JSON.stringify({ ...slaves[0], slave }));
    }
    if (random.chance(0.1)) return await this.badFrame(random);
    this.write(random.chance(0.05) ? 2 : 1, random.json(random.pick(slaves)));
    await waitFrame(this.line, () => false, break_ms);
    if (random.chance(0.1)) this.end();
  }
}
