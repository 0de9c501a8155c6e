// What can be wrong with a field of each kind: [what, value, code, detail]. `undefined` leaves it
// out. The reader is the same for REST and /ws (protocol/reader.cpp), and so is this table.
const long = (bytes) => "9".repeat(bytes);

const notText = (name) => [
  ["is a number", 5, "wrong-type", name],
  ["is a list", [], "wrong-type", name],
  ["is a map", {}, "wrong-type", name],
  ["is true", true, "wrong-type", name],
];
const missing = (name) => [
  ["is missing", undefined, "missing-field", name],
  ["is null", null, "missing-field", name],
];

export const optional = (bytes) => (name) => [
  ...notText(name),
  ["is too long", long(bytes + 1), "value-out-of-range", name],
  ["holds a NUL", "a\0b", "value-out-of-range", name],
];
export const text = (bytes) => (name) => [
  ...missing(name),
  ["is empty", "", "missing-field", name],
  ...optional(bytes)(name),
];
export const target = (name) => [
  ...text(256)(name),
  ["has 33 digits", long(33), "value-out-of-range", name],
  ["is not to be dialled", "10 00/;x", "value-out-of-range", name],
  ["is not ASCII", "１０００", "value-out-of-range", name],
];
export const flag = (name) => [
  ["is a text", "true", "wrong-type", name],
  ["is a number", 1, "wrong-type", name],
  ["is a map", {}, "wrong-type", name],
];
export const neededFlag = (name) => [...missing(name), ...flag(name)];
export const integer = (min, max) => (name) => [
  ["is a text", String(min), "wrong-type", name],
  ["is a fraction", min + 0.5, "wrong-type", name],
  ["is a list", [min], "wrong-type", name],
  ["is too small", min - 1, "value-out-of-range", name],
  ["is too large", max + 1, "value-out-of-range", name],
  ["is huge", 1e300, "wrong-type", name],
];
export const neededInteger = (min, max) => (name) => [...missing(name), ...integer(min, max)(name)];
export const moment = (name) => [
  ["is true", true, "wrong-type", name],
  ["is a map", {}, "wrong-type", name],
  ["is a fraction", 1.5, "wrong-type", name],
  ["is empty", "", "value-out-of-range", name],
  ["is tomorrow", "tomorrow", "value-out-of-range", name],
  ["has month 13", "2030-13-01T00:00:00Z", "value-out-of-range", name],
  ["is before 1970", -1, "value-out-of-range", name],
  ["is in the year 10000", 253_402_300_800_000, "value-out-of-range", name],
];
export const flags = (name) => [
  ["is a list", [], "wrong-type", name],
  ["is a text", "webrtc_extension", "wrong-type", name],
  ["holds a number", { webrtc_extension: 1 }, "wrong-type", `${name}.webrtc_extension`],
  ["has an odd name", { "Web RTC": true }, "value-out-of-range", name],
  ["has no name", { "": true }, "value-out-of-range", name],
];
export const oneOf =
  (...wrong) =>
  (name) => [
    ...optional(256)(name),
    ...wrong.map((value) => [`is ${value}`, value, "value-out-of-range", name]),
  ];
export const neededOneOf =
  (...wrong) =>
  (name) => [...text(256)(name), ...oneOf(...wrong)(name)];
export const tone = (name) => [
  ...text(1)(name),
  ["is no tone", "x", "value-out-of-range", name],
  ["is two tones", "12", "value-out-of-range", name],
];

const lines = (...all) => all.map((line) => `${line}\r\n`).join("");
const origin = "o=- 1 2 IN IP4 127.0.0.1";
export const sdp = (name) => [
  ...missing(name),
  ...notText(name),
  ["holds a NUL", "v=0\0", "value-out-of-range", name],
  ["is empty", "", "malformed-sdp", "the description is empty"],
  ["is no SDP", "hello", "malformed-sdp", "the first line is not v=0"],
  ["has one line", "v=0\r\n", "malformed-sdp", "there is only one line"],
  ["has no o=", lines("v=0", "s=-"), "malformed-sdp", "the second line is not o="],
  ["has a bare line", lines("v=0", origin, "x"), "malformed-sdp", "a line is not <type>=<value>"],
  ["has an empty line", lines("v=0", origin, ""), "malformed-sdp", "a line is not <type>=<value>"],
  [
    "has a bare CR",
    lines("v=0", origin, "s=a\rb"),
    "malformed-sdp",
    "a line holds a control character",
  ],
  [
    "has a bad port",
    lines("v=0", origin, "m=audio 70000 RTP/AVP 0"),
    "malformed-sdp",
    "an m= line is malformed",
  ],
  [
    "has no format",
    lines("v=0", origin, "m=audio 9 RTP/AVP"),
    "malformed-sdp",
    "an m= line is malformed",
  ],
];

const attribute = (text, fault) => [
  `is ${text}`,
  { candidate: text },
  "malformed-candidate",
  fault,
];
export const candidate = (name) => [
  ["is missing", undefined, "missing-field", name],
  ["is a number", 5, "wrong-type", name],
  ["is a text", "candidate:1", "wrong-type", name],
  ["is a list", [], "wrong-type", name],
  ["holds a number", { candidate: 5 }, "wrong-type", `${name}.candidate`],
  ["is too long", { candidate: long(2049) }, "value-out-of-range", `${name}.candidate`],
  ["has a numeric sdpMid", { candidate: "", sdpMid: 0 }, "wrong-type", `${name}.sdpMid`],
  ["has a long sdpMid", { sdpMid: long(257) }, "value-out-of-range", `${name}.sdpMid`],
  ["has a text as line", { sdpMLineIndex: "0" }, "wrong-type", `${name}.sdpMLineIndex`],
  ["has line -1", { sdpMLineIndex: -1 }, "value-out-of-range", `${name}.sdpMLineIndex`],
  ["has line 65536", { sdpMLineIndex: 65_536 }, "value-out-of-range", `${name}.sdpMLineIndex`],
  attribute("hello", "it does not start with candidate:"),
  attribute("candidate:", "the foundation is malformed"),
  attribute("candidate:1 x UDP 1 192.0.2.1 9 typ host", "the component is malformed"),
  attribute("candidate:1 1 U@P 1 192.0.2.1 9 typ host", "the transport is malformed"),
  attribute("candidate:1 1 UDP -1 192.0.2.1 9 typ host", "the priority is malformed"),
  attribute("candidate:1 1 UDP 1 192;0 9 typ host", "the address is malformed"),
  attribute("candidate:1 1 UDP 1 192.0.2.1 70000 typ host", "the port is malformed"),
  attribute("candidate:1 1 UDP 1 192.0.2.1 9 type host", "typ is missing"),
  attribute(
    "candidate:1 1 UDP 1 192.0.2.1 9 typ host raddr",
    "an extension attribute is malformed",
  ),
  attribute("candidate:1 1 UDP 1 192.0.2.1 9 typ srflx raddr a;b rport 1", "raddr is malformed"),
  attribute(
    "candidate:1 1 UDP 1 192.0.2.1 9 typ srflx raddr 0.0.0.0 rport x",
    "rport is malformed",
  ),
];

/** Every fault of every field: [name of the row, the body, code, detail]. */
export function bodies(fields, good) {
  return Object.entries(fields).flatMap(([name, kind]) =>
    kind(name).map(([what, value, code, about]) => [
      `${name} ${what}`,
      { ...good, [name]: value },
      code,
      about,
    ]),
  );
}

/** What is no JSON document at all, for any body or text frame. */
export const documents = [
  ["nothing but a brace", "{", "malformed-json"],
  ["two documents", "{}{}", "malformed-json"],
  ["a comma too many", '{"a":1,}', "malformed-json"],
  ["a comment", "{/**/}", "malformed-json"],
  ["single quotes", "{'a':1}", "malformed-json"],
  ["the same name twice", '{"a":1,"a":2}', "malformed-json"],
  ["NaN", '{"a":NaN}', "malformed-json"],
  ["a byte order mark", "\ufeff{}", "malformed-json"],
  [
    "invalid UTF-8",
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    "malformed-json",
  ],
  ["an overlong UTF-8 slash", Buffer.from('{"\xc0\xaf":1}', "latin1"), "malformed-json"],
  ["a bare NUL", "{\0}", "malformed-json"],
  ["a control character in a text", '{"a":"\u0001"}', "malformed-json"],
  ["half a surrogate pair", '{"a":"\\ud800"}', "malformed-json"],
  ["33 lists deep", "[".repeat(33) + "]".repeat(33), "malformed-json"],
  ["a thousand lists deep", "[".repeat(1000), "malformed-json"],
  ["a list", "[]", "malformed-message"],
  ["a text", '"x"', "malformed-message"],
  ["a number", "5", "malformed-message"],
  ["null", "null", "malformed-message"],
  ["true", "true", "malformed-message"],
];
