// As much msgpack as the messages of /ws use: maps, arrays, texts, numbers, booleans, null.

export function pack(what) {
  if (what === null || what === undefined) return Buffer.from([0xc0]);
  if (typeof what === "boolean") return Buffer.from([what ? 0xc3 : 0xc2]);
  if (typeof what === "number") {
    const whole = Number.isSafeInteger(what);
    const out = Buffer.alloc(9, whole ? 0xd3 : 0xcb);
    if (whole) out.writeBigInt64BE(BigInt(what), 1);
    else out.writeDoubleBE(what, 1);
    return out;
  }
  if (typeof what === "string") {
    const text = Buffer.from(what);
    return Buffer.concat([head(0xdb, text.length), text]);
  }
  if (Array.isArray(what)) return Buffer.concat([head(0xdd, what.length), ...what.map(pack)]);
  const members = Object.entries(what).filter(([, value]) => value !== undefined);
  return Buffer.concat([head(0xdf, members.length), ...members.flat().map(pack)]);
}

function head(tag, size) {
  const out = Buffer.alloc(5, tag);
  out.writeUInt32BE(size, 1);
  return out;
}

export function unpack(bytes) {
  let at = 0;
  const number = (size, read) => {
    at += size;
    return Number(bytes[read](at - size));
  };
  const text = (size) => {
    at += size;
    return bytes.toString("utf8", at - size, at);
  };
  const list = (size) => Array.from({ length: size }, () => value());
  const map = (size) => Object.fromEntries(Array.from({ length: size }, () => [value(), value()]));
  const byte = () => number(1, "readUInt8");
  const short = () => number(2, "readUInt16BE");
  const long = () => number(4, "readUInt32BE");
  const readers = new Map([
    [0xc0, () => null],
    [0xc2, () => false],
    [0xc3, () => true],
    [0xcc, byte],
    [0xcd, short],
    [0xce, long],
    [0xcf, () => number(8, "readBigUInt64BE")],
    [0xd0, () => number(1, "readInt8")],
    [0xd1, () => number(2, "readInt16BE")],
    [0xd2, () => number(4, "readInt32BE")],
    [0xd3, () => number(8, "readBigInt64BE")],
    [0xd9, () => text(byte())],
    [0xda, () => text(short())],
    [0xdb, () => text(long())],
    [0xdc, () => list(short())],
    [0xdd, () => list(long())],
    [0xde, () => map(short())],
    [0xdf, () => map(long())],
  ]);
  function value() {
    const tag = bytes[at++];
    if (tag < 0x80) return tag;
    if (tag < 0x90) return map(tag & 15);
    if (tag < 0xa0) return list(tag & 15);
    if (tag < 0xc0) return text(tag & 31);
    if (tag >= 0xe0) return tag - 256;
    const read = readers.get(tag);
    if (!read) throw new Error(`msgpack tag ${tag.toString(16)}`);
    return read();
  }
  return value();
}
