// The relay's port: datagrams, also from an address that a client has shown its password from, and
// the same in the frames of ICE-TCP.
import { createHmac } from "node:crypto";
import dgram from "node:dgram";
import { Line } from "../e2e/errors_client.mjs";
import { address, Raw } from "./lines.mjs";

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; ++k) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
function crc32(bytes) {
  let crc = ~0;
  for (const each of bytes) crc = table[(crc ^ each) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function attribute(type, content) {
  const out = Buffer.alloc(4 + ((content.length + 3) & ~3));
  out.writeUInt16BE(type);
  out.writeUInt16BE(content.length, 2);
  content.copy(out, 4);
  return out;
}

/** A connectivity check (RFC 8445, 7.2.4; RFC 8489) with its integrity and its fingerprint. */
export function check({ usernameFragment: ufrag, password }, transaction) {
  const priority = Buffer.from([0x6e, 0, 1, 0xff]);
  const parts = [
    attribute(0x0006, Buffer.from(`${ufrag}:abcd`)),
    attribute(0x0024, priority),
    attribute(0x802a, Buffer.alloc(8, 7)),
    attribute(0x0025, Buffer.alloc(0)),
  ];
  const head = Buffer.alloc(20);
  head.writeUInt16BE(0x0001);
  head.writeUInt32BE(0x2112a442, 4);
  transaction.copy(head, 8);
  const whole = (more) => {
    const body = Buffer.concat(parts);
    head.writeUInt16BE(body.length + more, 2);
    return Buffer.concat([head, body]);
  };
  const seal = createHmac("sha1", password).update(whole(24)).digest();
  parts.push(attribute(0x0008, seal));
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE((crc32(whole(8)) ^ 0x5354554e) >>> 0);
  parts.push(attribute(0x8028, mark));
  return whole(0);
}

/** Something that begins as STUN, DTLS, RTP or RTCP does, and goes on otherwise. */
function datagram(random, known) {
  const size = random.pick([0, 1, 11, 12, 19, 20, 60, 400, 1_200, 1_499, 1_501, 2_000]);
  const noise = random.bytes(random.below(size + 1));
  const hello = () => {
    const out = Buffer.concat([
      Buffer.from("16fefd0000000000000000", "hex"),
      Buffer.alloc(2),
      noise,
    ]);
    out.writeUInt16BE(random.chance(0.7) ? noise.length : random.below(65_536), 11);
    return out;
  };
  const kinds = [
    () => random.warp(check(known ?? { usernameFragment: "x", password: "y" }, random.bytes(12))),
    () => check({ ...known, usernameFragment: "nobody", password: "no" }, random.bytes(12)),
    () => check({ usernameFragment: "nobody", ...known, password: "no" }, random.bytes(12)),
    hello,
    () => Buffer.concat([Buffer.from([0x14 + random.below(12), 0xfe, 0xfd]), noise]),
    () => Buffer.concat([Buffer.from([0x80 | random.below(64), random.below(128)]), noise]),
    () => Buffer.concat([Buffer.from([0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 4, 210]), noise]),
    () => Buffer.concat([Buffer.from([0x80 | random.below(32), 200 + random.below(8)]), noise]),
    () => noise,
  ];
  return random.pick(kinds)();
}

const lasts = 400; // datagrams to one transport

/** A transport of a device, and whether the relay still answers there. */
class Target {
  constructor(world, user) {
    Object.assign(this, { world, user, left: 0 });
  }

  async fresh() {
    if (!this.line || this.line.closed) {
      const headers = { Authorization: `Bearer ${this.world.fresh(this.user)}` };
      this.line = await Line.open(this.world.port, `/ws?extension=${this.user}`, { headers });
    }
    const made = await this.line.ask("webrtc:create-transport", { direction: "send" });
    for (const each of ["call:incoming", "connected", "webrtc:transport-lost"])
      this.line.drain(each);
    if (!made.success) return; // too many: those of before close within a minute
    this.known = made.iceParameters;
    const value = Array(32).fill("AB").join(":");
    const dtlsParameters = { role: "client", fingerprints: [{ algorithm: "sha-256", value }] };
    await this.line.ask("webrtc:connect-transport", { transportId: made.id, dtlsParameters });
  }

  end() {
    this.line?.drop();
    this.line = undefined;
  }
}

export class Datagrams extends Target {
  static sockets = 0;

  async #open() {
    this.socket = dgram.createSocket("udp4");
    this.socket.on("error", () => {});
    const from = address(++Datagrams.sockets);
    await new Promise((done) => this.socket.bind(0, from, done));
  }

  async send(random) {
    if (!this.socket) await this.#open();
    if (this.left-- === 0 || !this.known) {
      this.left = lasts;
      await this.fresh();
      if (this.known && !(await answered(this.socket, this.world.mediaPort, this.known, random)))
        this.world.problem("the relay does not answer a client's check");
    }
    const bytes = datagram(random, this.known);
    await new Promise((done) => this.socket.send(bytes, this.world.mediaPort, "127.0.0.1", done));
  }

  end() {
    super.end();
    this.socket?.close();
    this.socket = undefined;
  }
}

/** Whether a check is answered; a flood may take one or two of them along. */
export async function answered(socket, port, known, random) {
  for (let tries = 0; tries < 5; ++tries) {
    const transaction = random.bytes(12);
    const came = new Promise((resolve) => {
      const hear = (bytes) => {
        const fits = bytes.readUInt16BE(0) === 0x0101 && bytes.subarray(8, 20).equals(transaction);
        if (!fits) return;
        socket.off("message", hear);
        resolve(true);
      };
      socket.on("message", hear);
      setTimeout(() => {
        socket.off("message", hear);
        resolve(false);
      }, 1_000).unref();
    });
    socket.send(check(known, transaction), port, "127.0.0.1");
    if (await came) return true;
  }
  return false;
}

export class Frames extends Target {
  async send(random) {
    if (this.left-- === 0 || !this.known) {
      this.left = lasts;
      await this.fresh();
    }
    if (!this.tcp || this.tcp.over) {
      this.tcp = new Raw(this.world.mediaPort);
      if (this.known && random.chance(0.5)) this.#write(check(this.known, random.bytes(12)));
    }
    const content = datagram(random, this.known);
    if (random.chance(0.85)) this.#write(content);
    else this.tcp.write(Buffer.concat([random.bytes(2), content]));
    this.tcp.input = Buffer.alloc(0);
    if (random.chance(0.05)) this.tcp.drop();
    await new Promise((done) => setImmediate(done));
  }

  #write(content) {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(content.length);
    this.tcp.write(Buffer.concat([size, content]));
  }

  end() {
    super.end();
    this.tcp?.drop();
    this.tcp = undefined;
  }
}
