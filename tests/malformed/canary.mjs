// Two devices that call each other all the time, as well-behaved clients do; every set-up must work.
import dgram from "node:dgram";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { Line } from "../e2e/errors_client.mjs";
import { answered } from "./media.mjs";
import { Random } from "./random.mjs";
import { pause } from "./world.mjs";

const patience_ms = 10_000;
const opus = { mimeType: "audio/opus", clockRate: 48000, channels: 2 };
const rtpCapabilities = { codecs: [{ ...opus, preferredPayloadType: 100 }] };
let ssrc = 5_000;

/** On /ws, with media: `ask` and `push`. */
export class NativePhone {
  static async on(world, user) {
    const phone = new NativePhone();
    const headers = { Authorization: `Bearer ${world.fresh(user)}` };
    phone.line = await Line.open(world.port, `/ws?extension=${user}`, { headers });
    if (phone.line.refused) throw new Error(JSON.stringify(phone.line.refused));
    return Object.assign(phone, { world, user });
  }
  async ask(name, data) {
    const answer = await this.line.ask(name, data);
    if (!answer.success) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer;
  }
  push = async (name) => (await this.line.push(name)).data;
  forget() {
    for (const name of ["call:ringing", "connected", "call:answered", "call:ended", "presence"])
      this.line.drain(name);
  }
  end() {
    this.line.drop();
  }

  async equip() {
    const make = (direction) => this.ask("webrtc:create-transport", { direction });
    const [send, receive] = [await make("send"), await make("receive")];
    ++ssrc;
    const { producerId } = await this.ask("webrtc:produce", {
      transportId: send.id,
      kind: "audio",
      rtpParameters: {
        codecs: [{ ...opus, payloadType: 111 }],
        encodings: [{ ssrc }],
        rtcp: { cname: "canary" },
      },
    });
    Object.assign(this, { send, receive, producerId });
  }
  consume = (producerId) =>
    this.ask("webrtc:consume", { transportId: this.receive.id, producerId, rtpCapabilities });
}

/** By the stock Socket.IO client, without media. */
export class StockPhone {
  #told = [];
  #wakes = [];

  static async on(world, user) {
    const phone = Object.assign(new StockPhone(), { user });
    phone.socket = io(`http://127.0.0.1:${world.port}`, {
      ...{ transports: ["polling", "websocket"], forceNew: true, reconnection: false },
      auth: { token: world.fresh(user) },
    });
    phone.socket.onAny((name, data) => {
      phone.#told.push({ name, data });
      for (const wake of phone.#wakes.splice(0)) wake();
    });
    await phone.push("connected");
    return phone;
  }
  async ask(name, data) {
    const answer = await this.socket.timeout(patience_ms).emitWithAck(name, data);
    if (!answer.success) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer;
  }
  async push(name) {
    for (const late = Date.now() + patience_ms; ; ) {
      const at = this.#told.findIndex((each) => each.name === name);
      if (at >= 0) return this.#told.splice(at, 1)[0].data;
      if (Date.now() > late) throw new Error(`${this.user} is not told ${name}`);
      await Promise.race([new Promise((wake) => this.#wakes.push(wake)), pause(500)]);
    }
  }
  forget() {
    this.#told = [];
  }
  end() {
    this.socket.disconnect();
  }
  async equip() {}
}

export class Canary {
  calls = 0;
  slowest_ms = 0;
  #random = new Random(0, "canary", 0);

  static async pair(world, Phone, users) {
    const canary = Object.assign(new Canary(), { world });
    canary.a = await Phone.on(world, users[0]);
    canary.b = await Phone.on(world, users[1]);
    canary.socket = dgram.createSocket("udp4");
    return canary;
  }

  /** One call, from the dial to the end of both sides. */
  async call(number = this.b.user) {
    const { a, b } = this;
    for (const each of [a, b]) each.forget();
    await a.equip();
    const { callId } = await a.ask("call:dial", { phoneNumber: number });
    await b.push("call:incoming");
    await b.equip();
    const answer = await b.ask("call:answer", { callId });
    const told = await a.push("call:answered");
    if (a.send) await this.#media(answer, told);
    await a.ask("call:hangup", { callId });
    for (const each of [a, b]) await each.push("call:ended");
    ++this.calls;
  }

  async #media(answer, told) {
    const { a, b } = this;
    if (answer.producerId !== a.producerId || told.producerId !== b.producerId)
      throw new Error("the answer does not name what there is to hear");
    await b.consume(a.producerId);
    await a.consume(b.producerId);
    const { mediaPort } = this.world;
    if (!(await answered(this.socket, mediaPort, a.send.iceParameters, this.#random)))
      throw new Error("the relay does not answer");
  }

  /** Calls until `rest`; what fails is a problem of the world's. */
  live(every_ms) {
    this.lives = true;
    this.life = this.#live(every_ms);
  }
  async #live(every_ms) {
    while (this.lives && this.world.ended === undefined) {
      const began = Date.now();
      try {
        await this.call();
      } catch (error) {
        this.world.problem(`a canary's call failed: ${error.message.slice(0, 500)}`);
        this.failed = (this.failed ?? 0) + 1;
        if (this.failed > 3) return;
      }
      this.slowest_ms = Math.max(this.slowest_ms, Date.now() - began);
      await pause(every_ms);
    }
  }
  async rest() {
    this.lives = false;
    await this.life;
  }
  end() {
    for (const each of [this.a, this.b]) each.end();
    this.socket.close();
  }
}
