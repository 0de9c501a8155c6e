// Lines to the server over plain sockets, which say what no library would. Each waits for an answer
// no longer than it must: much of what is sent has none.
import net from "node:net";

/** Many addresses of this machine, so that what is counted by address counts for each alone. */
export const address = (n) => `127.0.${2 + ((n >> 8) & 63)}.${1 + (n & 127)}`;

export class Raw {
  static opened = 0;
  input = Buffer.alloc(0);
  over = false;
  #wake;

  constructor(port) {
    const localAddress = address(++Raw.opened);
    this.socket = net.connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    this.socket.on("data", (chunk) => {
      this.input = this.input.length ? Buffer.concat([this.input, chunk]) : chunk;
      this.#wake?.();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.over = true;
      this.#wake?.();
    });
  }

  write(bytes) {
    if (!this.over) this.socket.write(bytes);
  }

  /** What `look` finds in what has come; undefined at the end, or after so many ms. */
  async until(look, ms) {
    const late = Date.now() + ms;
    for (;;) {
      const found = look(this.input);
      if (found !== undefined) return found;
      const left = late - Date.now();
      if (this.over || left <= 0) return undefined;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  take(count) {
    const out = this.input.subarray(0, count);
    this.input = this.input.subarray(count);
    return out;
  }

  drop() {
    this.socket.resetAndDestroy();
  }
}

function response(input) {
  const end = input.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = input.toString("latin1", 0, end);
  const size = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  if (input.length < end + 4 + size) return undefined;
  const body = input.toString("utf8", end + 4, end + 4 + size);
  const closes = /\r\nconnection: close/i.test(head);
  return { status: Number(head.slice(9, 12)), size: end + 4 + size, body, closes };
}

/** HTTP, one request at a time; a line that was left in doubt is replaced. */
export class Http {
  #port;
  #line;

  constructor(port) {
    this.#port = port;
  }

  /** {status, body}; status 0: none came in `ms`, or the server closed. */
  async ask(bytes, ms) {
    if (!this.#line || this.#line.over) this.#line = new Raw(this.#port);
    const line = this.#line;
    line.write(bytes);
    const found = await line.until(response, ms);
    const closed = line.over;
    if (found) line.take(found.size);
    if (!found || found.closes || line.input.length > 0) this.drop();
    return { ...(found ?? { status: 0, body: "" }), closed };
  }

  drop() {
    this.#line?.drop();
    this.#line = undefined;
  }
}

export function head(method, path, fields = {}, body = undefined) {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  for (const [name, text] of Object.entries(fields)) lines.push(`${name}: ${text}`);
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** A frame of a client, masked with zeros. */
export function frame(opcode, payload, first = 0x80) {
  const body = Buffer.from(payload);
  const size = body.length;
  const extra = Buffer.alloc(size < 126 ? 0 : size < 65_536 ? 2 : 8);
  if (size >= 65_536) extra.writeBigUInt64BE(BigInt(size));
  else if (size >= 126) extra.writeUInt16BE(size);
  const short = size < 126 ? size : size < 65_536 ? 126 : 127;
  return Buffer.concat([Buffer.from([first | opcode, 0x80 | short]), extra, Buffer.alloc(4), body]);
}

/** The first whole frame of a server: {opcode, payload, size}. */
export function frameIn(input) {
  if (input.length < 2) return undefined;
  let size = input[1] & 127;
  let at = 2;
  if (size === 126) {
    if (input.length < 4) return undefined;
    size = input.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (input.length < 10) return undefined;
    size = Number(input.readBigUInt64BE(2));
    at = 10;
  }
  if (input.length < at + size) return undefined;
  return { opcode: input[0] & 15, payload: input.subarray(at, at + size), size: at + size };
}

/** A WebSocket past its upgrade, or undefined where it was refused. */
export async function upgraded(port, path, fields = {}) {
  const line = new Raw(port);
  const upgrade = {
    ...{ Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
    ...{ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...fields },
  };
  line.write(head("GET", path, upgrade));
  const end = await line.until((input) => {
    const at = input.indexOf("\r\n\r\n");
    return at < 0 ? undefined : at + 4;
  }, 10_000);
  if (end === undefined) return undefined;
  const status = line.take(end).toString("latin1", 9, 12);
  if (status === "101") return line;
  line.drop();
  return undefined;
}

/** Frames of the server until one fits; pings are answered. False: it has closed, or says nothing. */
export async function waitFrame(line, fits, ms) {
  for (;;) {
    const one = await line.until(frameIn, ms);
    if (!one) return false;
    line.take(one.size);
    if (one.opcode === 8) {
      line.closing = true;
      line.write(frame(8, one.payload.subarray(0, 2)));
      return false;
    }
    if (one.opcode === 9) line.write(frame(10, one.payload));
    else if (fits(one)) return one;
  }
}
