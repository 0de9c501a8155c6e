// Chance that can be repeated: the same seed, surface and number give the same message.

export class Random {
  #a;

  constructor(seed, name, number) {
    this.#a = (seed ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0;
    for (const each of name) this.#a = (Math.imul(this.#a, 31) + each.charCodeAt(0)) >>> 0;
  }

  /** From 0 to 1, without 1. */
  real() {
    this.#a = (this.#a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#a ^ (this.#a >>> 15), this.#a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n) {
    return Math.floor(this.real() * n);
  }
  chance(p) {
    return this.real() < p;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  bytes(n) {
    return Buffer.from(Array.from({ length: n }, () => this.below(256)));
  }

  /** What no field wants. */
  junk() {
    const text = "x".repeat(this.pick([1, 63, 64, 65, 255, 257, 2_049, 9_000]));
    return this.pick([
      ...[null, true, -1, 0, 1, 2 ** 31, 2 ** 53, 1e300, -0.5, "", " ", text, [], {}, [[[]]]],
      ...["\u0000", "\ud800", "é".repeat(130), "../../etc/passwd", "%00", "1 OR 1=1", "\r\nX: y"],
      this.below(1_000_000),
      { a: { b: { c: [] } } },
      Array(100).fill(7),
    ]);
  }

  /** A tree with one or a few things in it changed. */
  bend(tree) {
    const copy = structuredClone(tree);
    const spots = [];
    const walk = (at) => {
      for (const key of Object.keys(at)) {
        spots.push([at, key]);
        if (at[key] && typeof at[key] === "object") walk(at[key]);
      }
    };
    walk(copy);
    for (let n = 1 + this.below(3); n > 0 && spots.length > 0; --n) {
      const [at, key] = this.pick(spots);
      const how = this.below(5);
      if (how === 0 && Array.isArray(at)) at.splice(Number(key), 1);
      else if (how === 0) delete at[key];
      else if (how === 1 && !Array.isArray(at))
        at[`${key}${this.pick(["x", "\u0000", " "])}`] = at[key];
      else if (how === 2 && typeof at[key] === "string") at[key] = this.warp(at[key]).toString();
      else at[key] = this.junk();
    }
    return copy;
  }

  /** Bytes with some of them changed, lost, doubled or new. */
  warp(what) {
    let out = Buffer.from(what);
    for (let n = 1 + this.below(4); n > 0; --n) {
      const at = this.below(out.length + 1);
      const [head, tail] = [out.subarray(0, at), out.subarray(at)];
      const how = this.below(6);
      if (how === 0 && out.length > 0) {
        out = Buffer.from(out);
        out[at % out.length] ^= 1 << this.below(8);
      } else if (how === 1) out = Buffer.concat([head, this.bytes(1 + this.below(8)), tail]);
      else if (how === 2) out = Buffer.concat([head, tail.subarray(1 + this.below(6))]);
      else if (how === 3) out = head;
      else if (how === 4) out = Buffer.concat([head, head.subarray(-20), tail]);
      else out = Buffer.concat([head, Buffer.from(this.pick(signs)), tail]);
    }
    return out;
  }

  /** JSON text that is none, or says what may not be. */
  json(tree) {
    const how = this.below(10);
    if (how < 5) return Buffer.from(JSON.stringify(this.bend(tree)));
    if (how < 8) return this.warp(JSON.stringify(tree));
    const deep = 1 + this.below(2_000);
    if (how === 8)
      return Buffer.from(`${'{"a":'.repeat(deep)}1${"}".repeat(this.below(deep + 1))}`);
    return this.bytes(this.below(300));
  }
}

const signs = [
  ...['"', "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "\0", "\x1e", "-", "/", "e999", "null"],
  ...["\r\n\r\n", "%", "=", "&", ";", "9".repeat(40), "\xff\xfe", "👍"],
];
