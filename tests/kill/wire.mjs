// One WebSocket of the dialect strowger.v1.json over a plain socket: as little work per message as
// possible, because hundreds of them share one core with the server they load.
import net from "node:net";

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A masked frame. The mask is zero: what is masked with it is itself (RFC 6455, 5.3). */
function frame(opcode, text) {
  const size = Buffer.byteLength(text);
  const head = size < 126 ? 6 : 8;
  const bytes = Buffer.alloc(head + size);
  bytes[0] = 0x80 | opcode;
  if (size < 126) bytes[1] = 0x80 | size;
  else {
    bytes[1] = 0xfe;
    bytes.writeUInt16BE(size, 2);
  }
  bytes.write(text, head);
  return bytes;
}

export class Wire {
  #socket;
  #bytes = Buffer.alloc(0);
  #open = false;
  #over = false;
  #queue = [];
  #on;

  /** `on` has message(object), refused(status, body), closed(code or undefined): one of the last
   *  two is called exactly once. */
  constructor({ port, path, token, from }, on) {
    this.#on = on;
    const socket = net.connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
    this.#socket = socket;
    socket.on("connect", () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
          "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      ),
    );
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {});
    socket.on("close", () => this.#end(undefined));
  }

  send(message) {
    if (this.#over) return;
    if (this.#queue.push(frame(TEXT, JSON.stringify(message))) === 1)
      queueMicrotask(() => {
        const all = this.#queue;
        this.#queue = [];
        if (!this.#over) this.#socket.write(all.length === 1 ? all[0] : Buffer.concat(all));
      });
  }

  /** Gone at once, as when the network is: no close frame. */
  drop() {
    this.#socket.destroy();
    this.#end(undefined);
  }

  #end(code) {
    if (this.#over) return;
    this.#over = true;
    this.#on.closed(code);
  }

  #refused(text) {
    if (this.#over) return;
    this.#over = true;
    const [head, body] = text.split("\r\n\r\n");
    let told;
    try {
      told = JSON.parse(body);
    } catch {
      told = {};
    }
    this.#on.refused(Number(head.slice(9, 12)), told);
    this.#socket.destroy();
  }

  #take(chunk) {
    let bytes = this.#bytes.length ? Buffer.concat([this.#bytes, chunk]) : chunk;
    if (!this.#open) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) {
        this.#bytes = bytes;
        return;
      }
      if (bytes.toString("latin1", 9, 12) !== "101") return this.#refused(bytes.toString());
      this.#open = true;
      bytes = bytes.subarray(end + 4);
    }
    let at = 0;
    while (!this.#over && bytes.length - at >= 2) {
      let size = bytes[at + 1] & 127;
      let head = 2;
      if (size === 126) {
        if (bytes.length - at < 4) break;
        size = bytes.readUInt16BE(at + 2);
        head = 4;
      } else if (size === 127) {
        if (bytes.length - at < 10) break;
        size = Number(bytes.readBigUInt64BE(at + 2));
        head = 10;
      }
      if (bytes.length - at < head + size) break;
      this.#frame(bytes[at] & 15, bytes, at + head, size);
      at += head + size;
    }
    this.#bytes = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  }

  #frame(opcode, bytes, from, size) {
    if (opcode === TEXT) this.#on.message(JSON.parse(bytes.toString("utf8", from, from + size)));
    else if (opcode === PING)
      this.#socket.write(frame(PONG, bytes.toString("latin1", from, from + size)));
    else if (opcode === CLOSE) {
      const code = size >= 2 ? bytes.readUInt16BE(from) : 1005;
      this.#socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, code >> 8, code & 255]));
      this.#end(code);
    }
  }
}
