// Clients that can misbehave: HTTP with any bytes, and a WebSocket whose frames may be malformed.
import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import net from "node:net";
import { pack, unpack } from "./errors_msgpack.mjs";

/** One request on a connection of its own; gives {status, headers, body, text}. */
export function request(port, method, path, { headers = {}, bytes } = {}) {
  return new Promise((resolve, reject) => {
    const size = bytes === undefined ? {} : { "Content-Length": Buffer.byteLength(bytes) };
    const all = { ...size, ...headers };
    const options = { host: "127.0.0.1", port, method, path, headers: all, agent: false };
    const sent = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text,
          body: parsed(text),
        });
      });
    });
    sent.on("error", reject);
    sent.setTimeout(15_000, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.end(bytes);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends bytes and gives everything that came until the server closed or fell silent. */
export function raw(port, bytes, { silence = 3_000 } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    let got = "";
    const done = () => {
      socket.destroy();
      resolve(got);
    };
    socket.setTimeout(silence, done);
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
    });
    socket.on("error", done);
    socket.on("close", done);
    socket.write(bytes);
  });
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

/** The bytes of one frame; masked unless told otherwise. */
export function frame(opcode, payload, { fin = true, mask = true, reserved = 0 } = {}) {
  const body = Buffer.from(payload);
  const short = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127;
  const extra = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) extra.writeUInt16BE(body.length);
  if (short === 127) extra.writeBigUInt64BE(BigInt(body.length));
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const head = Buffer.from([first, (mask ? 0x80 : 0) | short]);
  if (!mask) return Buffer.concat([head, extra, body]);
  const key = randomBytes(4);
  return Buffer.concat([head, extra, key, body.map((byte, i) => byte ^ key[i % 4])]);
}

export class Line {
  #socket;
  #bytes = Buffer.alloc(0);
  #heard = [];
  #waiting = []; // {look}: called after everything that happens
  #next = 1;
  closed; // {code, reason} once the server has closed

  /** Gives a Line, or {refused: {status, headers, body}} when the upgrade was refused. */
  static open(port, path, { headers = {}, protocol } = {}) {
    return new Promise((resolve, reject) => {
      const key = randomBytes(16).toString("base64");
      const upgrade = {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        ...(protocol ? { "Sec-WebSocket-Protocol": protocol } : {}),
        ...headers,
      };
      const asked = http.get({ host: "127.0.0.1", port, path, headers: upgrade, agent: false });
      asked.on("error", reject);
      asked.on("response", (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          const { statusCode: status, headers: fields } = response;
          resolve({ refused: { status, headers: fields, body: parsed(text) } });
        });
      });
      asked.on("upgrade", (response, socket, early) => {
        const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
        if (response.headers["sec-websocket-accept"] !== accept.digest("base64"))
          return reject(new Error("the handshake's answer is wrong"));
        resolve(new Line(socket, early, response.headers["sec-websocket-protocol"]));
      });
    });
  }

  constructor(socket, early, protocol) {
    this.#socket = socket;
    this.packed = protocol === "strowger.v1.msgpack";
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed ??= { code: 1006, reason: "" };
      this.#happened();
    });
    this.#take(early);
  }

  #take(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      if (this.#bytes.length < 2) return;
      const opcode = this.#bytes[0] & 15;
      let length = this.#bytes[1] & 127;
      let at = 2;
      if (length === 126) {
        if (this.#bytes.length < 4) return;
        length = this.#bytes.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (this.#bytes.length < 10) return;
        length = Number(this.#bytes.readBigUInt64BE(2));
        at = 10;
      }
      if (this.#bytes.length < at + length) return;
      this.#frame(opcode, this.#bytes.subarray(at, at + length));
      this.#bytes = this.#bytes.subarray(at + length);
    }
  }

  #frame(opcode, payload) {
    if (opcode === TEXT) this.#heard.push(JSON.parse(payload.toString()));
    else if (opcode === BINARY) this.#heard.push(unpack(payload));
    else if (opcode === PING) this.bytes(frame(10, payload));
    else if (opcode === CLOSE) {
      const code = payload.length >= 2 ? payload.readUInt16BE() : 1005;
      this.closed = { code, reason: payload.subarray(2).toString() };
      this.bytes(frame(CLOSE, payload.subarray(0, 2)));
      this.#socket.end();
    }
    this.#happened();
  }

  bytes(what) {
    this.#socket.write(what);
  }

  /** A message as the sub-protocol wants it: a Buffer goes as it is, the rest is encoded. */
  send(message) {
    const body = Buffer.isBuffer(message) || typeof message === "string" ? message : undefined;
    if (this.packed) this.bytes(frame(BINARY, body ?? pack(message)));
    else this.bytes(frame(TEXT, body ?? JSON.stringify(message)));
  }

  /** What `look` finds, now or after one of the next messages; an error after 15 s. */
  #wait(what, look) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`not on the socket: ${what}; waiting: ${JSON.stringify(this.#heard)}`));
      }, 15_000);
      const waiter = () => {
        const found = look();
        if (!found) return false;
        clearTimeout(late);
        if (found instanceof Error) reject(found);
        else resolve(found);
        return true;
      };
      if (!waiter()) this.#waiting.push(waiter);
    });
  }

  #happened() {
    this.#waiting = this.#waiting.filter((waiter) => !waiter());
  }

  /** The first message that fits, taken out. */
  next(what, fits) {
    return this.#wait(what, () => {
      const at = this.#heard.findIndex(fits);
      if (at >= 0) return this.#heard.splice(at, 1)[0];
      return this.closed && new Error(`${what}: closed with ${JSON.stringify(this.closed)}`);
    });
  }

  push(type) {
    return this.next(type, (message) => message.type === type);
  }

  reply(id) {
    return this.next(`reply ${id}`, (m) => /^(reply|pong)$/.test(m.type) && m.id === id);
  }

  /** Sends a command and gives the `data` of its reply. */
  async ask(type, data = {}) {
    const id = this.#next++;
    this.send({ type, id, data });
    return (await this.reply(id)).data;
  }

  /** What is waiting of a type, taken out. */
  drain(type) {
    const found = this.#heard.filter((message) => message.type === type);
    this.#heard = this.#heard.filter((message) => message.type !== type);
    return found;
  }

  end() {
    return this.#wait("the end", () => this.closed);
  }

  drop() {
    this.#socket.destroy();
  }
}
