// Bad messages and bad frames on /ws, more of everything than is allowed, and coming back wrongly.
import assert from "node:assert/strict";
import { frame, Line } from "./errors_client.mjs";
import * as is from "./errors_faults.mjs";
import { pack } from "./errors_msgpack.mjs";
import { declined, each, refused } from "./errors_table.mjs";
import { candidate, sdp } from "./errors_world.mjs";

const callId = is.text(256);
const bridge = is.integer(0, 1_000_000);
const inCall = [{ callId }, { callId: "c" }];
const described = [
  { callId, bridge, sdp: is.sdp },
  { callId: "c", sdp },
];

const onProducer = [{ producerId: is.text(128) }, { producerId: "p" }];
const onConsumer = [{ consumerId: is.text(128) }, { consumerId: "c" }];

// Every message of docs/asyncapi.yaml: its fields, and values that get past the reader.
export const messages = {
  ping: [{}, {}],
  heartbeat: [{}, {}],
  "license:authenticate": [{}, {}],
  logout: [{}, {}],
  "presence:subscribe": [{}, {}],
  "call:dial": [
    {
      phoneNumber: is.target,
      campaignId: is.optional(256),
      leadId: is.optional(256),
      video: is.flag,
    },
    { phoneNumber: "4711" },
  ],
  "call:answer": inCall,
  "call:reject": inCall,
  "call:hangup": inCall,
  "call:hold": inCall,
  "call:unhold": inCall,
  "call:mute": [
    { callId, muted: is.neededFlag },
    { callId: "c", muted: true },
  ],
  "call:dtmf": [
    { callId, tone: is.tone, duration: is.integer(40, 6000) },
    { callId: "c", tone: "1" },
  ],
  "call:transfer": [
    { callId, target: is.target, transferType: is.oneOf("", "cold", "BLIND") },
    { callId: "c", target: "1002" },
  ],
  "call:transfer-cancel": inCall,
  "call:record": [
    {
      callId,
      action: is.neededOneOf("rewind", "START"),
      consent: is.oneOf("missing", "yes", "GIVEN"),
    },
    { callId: "c", action: "start" },
  ],
  "webrtc:offer": described,
  "webrtc:answer": described,
  "webrtc:ice-candidate": [
    { callId, bridge, candidate: is.candidate },
    { callId: "c", candidate: candidate() },
  ],
  "webrtc:get-router-capabilities": [{}, {}],
  "webrtc:create-transport": [
    { direction: is.oneOf("up", "SEND"), callId: is.optional(128) },
    { direction: "send" },
  ],
  "webrtc:connect-transport": [{ transportId: is.text(128) }, { transportId: "t" }],
  "webrtc:produce": [
    { transportId: is.text(128), kind: is.oneOf("text", "AUDIO") },
    { transportId: "t", kind: "audio" },
  ],
  "webrtc:consume": [
    { transportId: is.text(128), producerId: is.text(128) },
    { transportId: "t", producerId: "p" },
  ],
  "webrtc:pause-producer": onProducer,
  "webrtc:resume-producer": onProducer,
  "webrtc:close-producer": onProducer,
  "webrtc:pause-consumer": onConsumer,
  "webrtc:resume-consumer": onConsumer,
  "webrtc:close-consumer": onConsumer,
  "webrtc:restart-ice": [{ transportId: is.text(128) }, { transportId: "t" }],
  "webrtc:get-stats": [{}, { transportId: "t" }],
};

async function everyField(w) {
  for (const protocol of ["strowger.v1.json", "strowger.v1.msgpack"]) {
    const line = await w.line("1000", { protocol });
    const rows = Object.entries(messages).flatMap(([type, [fields, good]]) =>
      is
        .bodies({ ...fields, command_id: is.optional(128) }, good)
        .map(([what, data, code, about]) => [`${type}: ${what}`, type, data, code, about]),
    );
    await each(rows, async (name, type, data, code, about) => {
      declined(`${protocol} ${name}`, await line.ask(type, data), code, about);
    });
    assert.equal(line.closed, undefined, "a refusal keeps the connection");
  }
}

const without = (id) => ({ type: "ping", data: {}, id });
const envelopes = [
  ["no type", { data: {} }, "missing-field", "type"],
  ["null as type", { type: null }, "missing-field", "type"],
  ["an empty type", { type: "" }, "missing-field", "type"],
  ["a number as type", { type: 5 }, "wrong-type", "type"],
  ["a long type", { type: "x".repeat(65) }, "value-out-of-range", "type"],
  ["an unknown type", { type: "call:conjure" }, "unknown-message", "call:conjure"],
  ["a type in capitals", { type: "PING" }, "unknown-message", "PING"],
  ["a push as message", { type: "call:incoming", data: {} }, "unknown-message", "call:incoming"],
  ["a text as id", without("1"), "wrong-type", "id"],
  ["a negative id", without(-1), "value-out-of-range", "id"],
  ["an id of 2^53", without(2 ** 53), "value-out-of-range", "id"],
  ["a list as data", { type: "ping", data: [] }, "wrong-type", "data"],
  ["a text as data", { type: "ping", data: "x" }, "wrong-type", "data"],
  ["a number as data", { type: "ping", data: 5 }, "wrong-type", "data"],
];

async function everyEnvelope(w) {
  const packed = [
    ["nothing", []],
    ["a reserved tag", [0xc1]],
    ["half a map", [0xdf, 0, 0, 0, 2, 0xa1, 0x61]],
    ["a map of four billion", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["a text of four billion", [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ["a list of four billion", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["two messages", [...pack(without(1)), ...pack(without(2))]],
    ["binary bytes", [0x81, 0xa1, 0x61, 0xc4, 1, 0]],
    ["an extension type", [0x81, 0xa1, 0x61, 0xd4, 1, 0]],
    ["a number as key", [0x81, 5, 5]],
    ["the same key twice", [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2]],
    ["beyond 63 bits", [0x81, 0xa1, 0x61, 0xcf, 0xff, 0, 0, 0, 0, 0, 0, 0]],
    ["a thousand lists deep", Array(1000).fill(0x91)],
    ["a list", [0x90]],
    ["a number", [5]],
    ["JSON", [...Buffer.from('{"type":"ping"}')]],
  ].map(([name, bytes]) => [name, Buffer.from(bytes), "malformed-message"]);
  for (const [protocol, documents] of [
    ["strowger.v1.json", is.documents.filter(([, text]) => !notUtf8(text))],
    ["strowger.v1.msgpack", packed],
  ]) {
    const line = await w.line("1000", { protocol });
    await each([...documents, ...envelopes], async (name, message, code, about) => {
      line.send(message);
      const { data } = await line.next(`the reply to ${name}`, (m) => m.type === "reply");
      declined(`${protocol}: ${name}`, data, code, about);
    });
    assert.ok((await line.ask("ping")).time, "the line lives");
    line.send({ type: "ping", id: 77, data: null, tomorrow: [{}] });
    assert.ok((await line.reply(77)).data.time, "unknown fields do not disturb");
  }
}

function notUtf8(text) {
  return Buffer.isBuffer(text) && Buffer.from(text.toString()).compare(text) !== 0;
}

const ping = JSON.stringify({ type: "ping" });
const frames = [
  ["a binary frame in JSON", frame(2, ping), 1003, "unsupported-media-type"],
  [
    "a text frame in msgpack",
    frame(1, ping),
    1003,
    "unsupported-media-type",
    "strowger.v1.msgpack",
  ],
  ["a frame over 256 KiB", frame(1, "x".repeat(256 * 1024 + 1)), 1009],
  ["a length of 2^62", Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), 1009],
  [
    "fragments over 256 KiB",
    Buffer.concat([
      frame(1, "x".repeat(200_000), { fin: false }),
      frame(0, "x".repeat(100_000), { fin: true }),
    ]),
    1009,
  ],
  ["a frame without a mask", frame(1, ping, { mask: false }), 1002],
  ["a reserved bit", frame(1, ping, { reserved: 4 }), 1002],
  ["a reserved opcode", frame(3, ping), 1002],
  ["a reserved control opcode", frame(11, ""), 1002],
  ["a long ping", frame(9, "x".repeat(126)), 1002],
  ["a fragmented ping", frame(9, "x", { fin: false }), 1002],
  ["a continuation of nothing", frame(0, ping), 1002],
  [
    "a message inside a message",
    Buffer.concat([frame(1, "{", { fin: false }), frame(1, ping)]),
    1002,
  ],
  ["a close frame of one byte", frame(8, "x"), 1002],
  ["a close frame with a forbidden code", frame(8, [0x03, 0xed]), 1002],
  ["text that is not UTF-8", frame(1, [0x22, 0xff, 0x22]), 1007],
];

async function everyFrame(w) {
  await each(frames, async (name, bytes, code, reason, protocol = "strowger.v1.json") => {
    const line = await w.line("1004", { protocol });
    line.bytes(bytes);
    await line.end();
    assert.equal(line.closed.code, code, `${name}: ${JSON.stringify(line.closed)}`);
    if (reason) assert.equal(line.closed.reason, reason);
  });
  const line = await w.line("1004");
  const text = JSON.stringify({ type: "ping", id: 5 });
  for (const [i, char] of [...text].entries())
    line.bytes(frame(i === 0 ? 1 : 0, char, { fin: i === text.length - 1 }));
  assert.ok((await line.reply(5)).data.time, "a message in fragments is a message");
}

const upgrades = [
  ["an unknown extension", "?extension=4711", "extension-unknown", "4711"],
  ["a long extension", `?extension=${"9".repeat(33)}`, "value-out-of-range", "extension"],
  ["a position that is no number", "?position=x", "value-out-of-range", "position"],
  ["a negative position", "?position=-1", "value-out-of-range", "position"],
  ["a position of 2^53", "?position=9007199254740992", "value-out-of-range", "position"],
  ["a resume token of 8193 bytes", `?resume=${"r".repeat(8193)}`, "value-out-of-range", "resume"],
];

async function everyUpgrade(w) {
  const headers = { Authorization: `Bearer ${w.tokens.admin}` };
  await each(upgrades, async (name, query, code, about) => {
    refused(name, (await Line.open(w.port, `/ws${query}`, { headers })).refused, code, about);
  });
  const protocol = await Line.open(w.port, "/ws", { headers, protocol: "chat" });
  refused(
    "an unknown sub-protocol",
    protocol.refused,
    "value-out-of-range",
    "Sec-WebSocket-Protocol",
  );
  refused(
    "nobody and no extension",
    (await Line.open(w.port, "/ws")).refused,
    "missing-field",
    "extension",
  );
  refused(
    "no upgrade",
    await w.ask("GET", "/ws", { as: "1000" }),
    "malformed-message",
    "this address speaks WebSocket only",
  );
  const token = w.token({ ext: undefined });
  const nowhere = await Line.open(w.port, "/ws", { headers: { Authorization: `Bearer ${token}` } });
  refused("a token of no extension", nowhere.refused, "missing-field", "extension");
}

export const cases = [
  ["every field of every message, wrong in every way, is named", everyField],
  ["what is no message is refused in JSON and msgpack, and the line lives", everyEnvelope],
  ["every malformed frame closes with its code", everyFrame],
  ["every bad upgrade is refused before it", everyUpgrade],
];
