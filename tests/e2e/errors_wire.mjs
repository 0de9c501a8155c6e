// Bytes that are no requests: malformed HTTP, halves, noise. Seeded, so that a failure comes again.
import assert from "node:assert/strict";
import net from "node:net";
import { frame, raw } from "./errors_client.mjs";
import { declined, each, seen } from "./errors_table.mjs";
import { sdp } from "./errors_world.mjs";

const host = "Host: localhost\r\n";
const login = `POST /api/login HTTP/1.1\r\n${host}Content-Type: application/json\r\n`;
const ws = `GET /ws?extension=1000 HTTP/1.1\r\n${host}`;
const upgrade = `${ws}Connection: Upgrade\r\nUpgrade: websocket\r\n`;
const malformed = [400, "malformed-message"];
const large = [413, "body-too-large"];

// [name, bytes, status, code]; what follows a malformed request is never read as one.
const requests = [
  ["a word", "GARBAGE\r\n\r\n", ...malformed],
  ["no version", "GET /health\r\n\r\n", ...malformed],
  ["HTTP/2.0", `GET /health HTTP/2.0\r\n${host}\r\n`, ...malformed],
  ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ...malformed],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ...malformed],
  ["no Host", "GET /health HTTP/1.1\r\n\r\n", ...malformed],
  ["two Hosts", `GET /health HTTP/1.1\r\n${host}${host}\r\n`, ...malformed],
  ["no Host at no path", "GET /no/such/path HTTP/1.1\r\n\r\n", ...malformed],
  ["a header without a colon", "GET /health HTTP/1.1\r\nHost x\r\n\r\n", ...malformed],
  ["a NUL in a header", `GET /health HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, ...malformed],
  ["a NUL in the path", `GET /%00 HTTP/1.1\r\n${host}\r\n`, ...malformed],
  ["a bad escape in the path", `GET /%zz HTTP/1.1\r\n${host}\r\n`, ...malformed],
  ["a bad escape in the query", `GET /health?a=%f HTTP/1.1\r\n${host}\r\n`, ...malformed],
  ["a whole address", `GET http://a/health HTTP/1.1\r\n${host}\r\n`, ...malformed],
  ["a star", `OPTIONS * HTTP/1.1\r\n${host}\r\n`, ...malformed],
  ["a tunnel", `CONNECT a:80 HTTP/1.1\r\n${host}\r\n`, ...malformed],
  [
    "an unknown verb",
    `BREW /health HTTP/1.1\r\nConnection: close\r\n${host}\r\n`,
    405,
    "method-not-allowed",
  ],
  ["a length of letters", `${login}Content-Length: abc\r\n\r\n`, ...malformed],
  ["a negative length", `${login}Content-Length: -1\r\n\r\n`, ...malformed],
  ["two lengths", `${login}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, ...malformed],
  [
    "a length and chunks",
    `${login}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    ...malformed,
  ],
  ["a chunk of zz bytes", `${login}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, ...malformed],
  ["a length over 64 KiB", `${login}Content-Length: 65537\r\n\r\n`, ...large],
  ["a length of 2^63", `${login}Content-Length: 9223372036854775808\r\n\r\n`, ...large],
  [
    "one that waits for 100",
    `${login}Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n`,
    ...large,
  ],
  [
    "chunks over 64 KiB",
    `${login}Transfer-Encoding: chunked\r\n\r\n10001\r\n${"x".repeat(65_537)}\r\n`,
    ...large,
  ],
  [
    "chunk extensions over all bounds",
    `${login}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(90_000)}\r\n{\r\n`,
    ...large,
  ],
  [
    "a length over 256 KiB",
    `${login.replace("login", "webrtc/offer")}Content-Length: 262145\r\n\r\n`,
    ...large,
  ],
];

async function everyRequest(w) {
  await each(requests, async (name, text, status, code) => {
    const got = await raw(w.port, Buffer.from(text, "latin1"));
    assert.equal(Number(got.split(" ")[1]), status, `${name}: ${got.slice(0, 200)}`);
    assert.ok(got.includes(`"code":"${code}"`), `${name}: ${got}`);
    seen.add(code);
  });
  for (const [name, text] of [
    ["a header", `GET /health HTTP/1.1\r\n${host}X: ${"a".repeat(16 * 1024)}\r\n\r\n`],
    ["an address", `GET /${"a".repeat(16 * 1024)} HTTP/1.1\r\n${host}\r\n`],
  ]) {
    const got = await raw(w.port, text);
    assert.match(got, /^HTTP\/1\.1 431 /, `${name} over 16 KiB`);
    assert.ok(got.includes('"code":"header-too-large"'), name);
    seen.add("header-too-large");
  }
  const good = `GET /health HTTP/1.1\r\n${host}\r\n`;
  const pipelined = await raw(w.port, `${good}${good}GARBAGE GARBAGE\r\n\r\n${good}`);
  const answers = [...pipelined.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  assert.deepEqual(answers, ["200", "200", "400"], "what came before garbage is answered");
  assert.match(pipelined, /Connection: close/i);
}

async function everyHandshake(w) {
  const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const bearer = `Authorization: Bearer ${w.tokens[1000]}\r\n`;
  const devices = async () => {
    const { extensions } = (await w.ask("GET", "/protected/extensions/status", { as: "admin" }))
      .body;
    return extensions.find((row) => row.extension === "1000").devices;
  };
  const before = await devices();
  await each(
    [
      ["version 12", `Sec-WebSocket-Version: 12\r\n${key}`],
      ["no key", "Sec-WebSocket-Version: 13\r\n"],
      ["no version", key],
    ],
    async (name, more) => {
      const got = await raw(w.port, `${upgrade}${bearer}${more}\r\n`);
      assert.match(got, /^HTTP\/1\.1 400 /, name);
      assert.match(got, /Content-Type: application\/problem\+json/, name);
      assert.ok(got.includes('"code":"malformed-message"'), `${name}: ${got}`);
    },
  );
  assert.deepEqual(await devices(), before, "no device was made for them");
}

/** Numbers from a seed (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let n = Math.imul(state ^ (state >>> 15), 1 | state);
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
    return ((n ^ (n >>> 14)) >>> 0) % below;
  };
}

function noise(random, longest) {
  return Buffer.from(Array.from({ length: 1 + random(longest) }, () => random(256)));
}

/** A text with some characters replaced, taken out or doubled. */
function damaged(random, text) {
  const chars = [...text];
  for (let i = 0; i <= random(4); ++i) {
    const at = random(chars.length);
    const what = random(3);
    if (what === 0) chars[at] = String.fromCharCode(random(128));
    else if (what === 1) chars.splice(at, 1);
    else chars.splice(at, 0, chars[at]);
  }
  return chars.join("");
}

async function halves(w) {
  const open = [];
  const whole = Buffer.from(`${login}Content-Length: 40\r\n\r\n{"username":"1000",`);
  for (let end = 1; end < whole.length; end += 3) {
    const socket = net.connect(w.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(whole.subarray(0, end));
    open.push(socket);
  }
  assert.equal((await w.ask("GET", "/ready")).status, 200, "half requests keep nobody waiting");
  for (const [i, socket] of open.entries()) i % 2 ? socket.destroy() : socket.end();
  const half = await w.line("1004");
  half.bytes(frame(1, JSON.stringify({ type: "ping" })).subarray(0, 7));
  half.drop();
}

async function junk(w) {
  const random = numbers(2026);
  const requestLine = `POST /api/webrtc/offer HTTP/1.1\r\n${host}`;
  const body = JSON.stringify({ session_id: "s", sdp });
  const whole = `${requestLine}Content-Length: ${body.length}\r\n\r\n${body}`;
  for (let batch = 0; batch < 10; ++batch) {
    const bytes = Array.from({ length: 20 }, (_, i) =>
      i % 2 ? noise(random, 2000) : Buffer.from(damaged(random, whole)),
    );
    const got = await Promise.all(bytes.map((each) => raw(w.port, each, { silence: 25 })));
    for (const text of got)
      assert.match(text || "HTTP/1.1 4", /^HTTP\/1\.1 4/, "noise is refused or ignored");
  }
  assert.equal((await w.ask("GET", "/ready")).status, 200);
  const json = await w.line("1004");
  const message = JSON.stringify({ type: "webrtc:offer", id: 5, data: { callId: "c", sdp } });
  const packed = await w.line("1004", { protocol: "strowger.v1.msgpack" });
  for (let i = 0; i < 200; ++i) {
    json.send(damaged(random, message));
    packed.send(noise(random, 200));
    for (const line of [json, packed]) {
      const { data } = await line.next("a reply to noise", ({ type }) => type === "reply");
      assert.equal(data.success, false);
    }
  }
  declined("after noise", await json.ask("call:hold", { callId: "c" }), "call-unknown");
}

export const cases = [
  ["every malformed request is refused, and what follows it is not read", everyRequest],
  ["a handshake that is none is refused before a device is made", everyHandshake],
  ["halves of requests and frames", halves],
  ["noise on every side", junk],
];
