// Who must be told what of each call: a second reading of docs/api.md ("A call"), made from the log
// alone. What a device was really told is compared with this, message by message.

const index_max = 16; // messages of one event for one device have position * 16 + number

export class Call {
  phase = "ringing";
  legs = new Map(); // number -> {extension, device, phase, rung: Map, holds, bridge}
  bridges = new Map(); // number -> {a, b, offer}
  transfer = undefined;
  answeredAt = undefined;
  end = undefined; // {at, by}: position and principal of the end

  /** The word of /protected/call/history. */
  get state() {
    if (this.phase !== "ended") return this.phase;
    return this.answeredAt ? "completed" : "failed";
  }

  peer(number) {
    const leg = this.legs.get(number);
    const bridge = leg && leg.phase !== "left" && this.bridges.get(leg.bridge);
    if (!bridge) return undefined;
    const other = bridge.a === number ? bridge.b : bridge.a;
    const peer = this.legs.get(other);
    if (!peer) return undefined;
    const here = peer.phase === "ringing" || (this.#alive(peer) && peer.bridge === leg.bridge);
    return here ? other : undefined;
  }

  #alive(leg) {
    return leg.phase === "calling" || leg.phase === "up";
  }

  held(number) {
    const leg = this.legs.get(number);
    if (leg?.phase !== "up") return false;
    const aside = this.transfer?.kind === "warm" && this.transfer.stayed === number;
    return leg.holds || aside || (this.legs.get(this.peer(number))?.holds ?? false);
  }

  holds() {
    return new Map([...this.legs].map(([n, l]) => [n, l.phase === "up" ? this.held(n) : null]));
  }
}

const ring = (extension, devices) => ({
  extension,
  device: "",
  phase: "ringing",
  rung: new Map(devices.map((d) => [d, "ringing"])),
  holds: false,
  bridge: 0,
});

export class Calls {
  all = new Map(); // id -> Call
  told = new Map(); // device -> [{position, type, call}]

  constructor(problems) {
    this.problems = problems;
  }

  take(e) {
    const [, event] = e.event.split(".");
    if (event === "placed") this.all.set(e.stream, new Call());
    const c = this.all.get(e.stream);
    const count = new Map();
    const tell = (device, type) => {
      if (!device) return;
      const number = count.get(device) ?? 0;
      count.set(device, number + 1);
      const position = e.position * index_max + Math.min(number, index_max - 1);
      if (!this.told.has(device)) this.told.set(device, []);
      this.told.get(device).push({ position, type, call: e.stream });
    };
    const before = c.holds();
    if (event === "answered" && c.legs.get(e.data.leg).phase !== "ringing")
      this.problems.push({ check: "doubled", what: `${e.stream} has a second winner` });
    rules[event](c, e.data, tell);
    if (event === "ended") c.end = { at: e.position, by: e.principal };
    let asked;
    if (event === "held" || event === "resumed") asked = e.data.leg;
    const peer = asked && c.peer(asked);
    for (const [number, leg] of c.legs) {
      if (leg.phase !== "up" || (before.get(number) ?? null) === null) continue;
      const changed = before.get(number) !== c.held(number);
      if (changed || number === asked || number === peer) tell(leg.device, "call:held");
    }
  }
}

function cancel(leg, tell, but) {
  for (const [device, phase] of leg.rung)
    if (phase === "ringing" && device !== but) tell(device, "call:cancelled");
}

function renegotiate(c, number, tell) {
  const { a, b } = c.bridges.get(number);
  tell(c.legs.get(a).device, "webrtc:renegotiate");
  tell(c.legs.get(b).device, "webrtc:renegotiate");
}

function relay(c, x, tell, type) {
  const { a, b } = c.bridges.get(x.bridge);
  const other = c.legs.get(a === x.leg ? b : a);
  if (other && (other.phase === "up" || other.phase === "calling")) tell(other.device, type);
}

const rules = {
  placed(c, x, tell) {
    const out = { ...ring(x.caller.extension, []), device: x.caller_device, phase: "calling" };
    c.legs.set(1, { ...out, bridge: 1 });
    c.legs.set(2, ring(x.callee.extension, x.rung));
    c.bridges.set(1, { a: 1, b: 2 });
    for (const device of x.rung) tell(device, "call:incoming");
    if (x.rung.length > 0) tell(x.caller_device, "call:ringing");
  },
  answered(c, x, tell) {
    const leg = c.legs.get(x.leg);
    cancel(leg, tell, x.device);
    Object.assign(leg, { phase: "up", device: x.device, bridge: x.bridge });
    leg.rung.set(x.device, "won");
    const t = c.transfer;
    if (!t) {
      c.phase = "answered";
      c.answeredAt = x.at;
      c.legs.get(1).phase = "up";
    } else if (x.bridge !== 0) {
      const by = c.legs.get(t.by);
      Object.assign(t, { consulting: true, heldBefore: by.holds });
      Object.assign(by, { holds: false, bridge: x.bridge });
      c.bridges.set(x.bridge, { a: t.by, b: x.leg });
    }
    if (x.bridge === 0) return;
    if (t) return renegotiate(c, x.bridge, tell);
    const bridge = c.bridges.get(x.bridge);
    tell(c.legs.get(bridge.a).device, "call:answered");
    if (bridge.offer) tell(x.device, "webrtc:offer");
  },
  device_stopped(c, x, tell) {
    c.legs.get(x.leg).rung.set(x.device, x.why);
    tell(x.device, "call:cancelled");
  },
  held(c, x) {
    c.legs.get(x.leg).holds = true;
  },
  resumed(c, x) {
    c.legs.get(x.leg).holds = false;
  },
  muted(c, x, tell) {
    tell(c.legs.get(x.leg).device, "call:muted");
    tell(c.legs.get(c.peer(x.leg))?.device, "call:peer-muted");
  },
  dtmf_sent(c, x, tell) {
    tell(c.legs.get(c.peer(x.leg))?.device, "call:dtmf");
  },
  offer_sent(c, x, tell) {
    c.bridges.get(x.bridge).offer = true;
    relay(c, x, tell, "webrtc:offer");
  },
  answer_sent: (c, x, tell) => relay(c, x, tell, "webrtc:answer"),
  candidate_sent: (c, x, tell) => relay(c, x, tell, "webrtc:ice-candidate"),
  transfer_started(c, x, tell) {
    const by = c.legs.get(x.by);
    const bridge = c.bridges.get(by.bridge);
    const stayed = bridge.a === x.by ? bridge.b : bridge.a;
    const before = { heldBefore: by.holds, bridgeBefore: by.bridge };
    c.transfer = { by: x.by, stayed, to: x.to, kind: x.kind, ...before };
    c.legs.set(x.to, ring(x.target.extension, x.rung));
    for (const device of x.rung) tell(device, "call:incoming");
  },
  transferred(c, x, tell) {
    const leaving = c.legs.get(x.by);
    if (leaving.phase !== "left") {
      tell(leaving.device, "call:transferred");
      tell(leaving.device, "call:ended");
    }
    leaving.phase = "left";
    c.legs.get(x.stayed).bridge = x.bridge;
    c.legs.get(x.to).bridge = x.bridge;
    c.bridges.set(x.bridge, { a: x.stayed, b: x.to });
    c.transfer = undefined;
    renegotiate(c, x.bridge, tell);
  },
  transferor_released(c, x, tell) {
    const leg = c.legs.get(x.by);
    tell(leg.device, "call:ended");
    leg.phase = "left";
  },
  transfer_failed(c, x, tell) {
    const to = c.legs.get(x.to);
    cancel(to, tell);
    if (to.phase === "up") tell(to.device, "call:ended");
    const by = c.legs.get(x.by);
    if (by.phase !== "left") tell(by.device, "call:transfer-failed");
    to.phase = "left";
    if (c.transfer?.consulting)
      Object.assign(by, { bridge: c.transfer.bridgeBefore, holds: c.transfer.heldBefore });
    c.transfer = undefined;
  },
  ended(c, _, tell) {
    for (const leg of c.legs.values()) {
      if (leg.phase === "ringing") cancel(leg, tell);
      if (leg.phase === "calling") tell(leg.device, "call:failed");
      if (leg.phase === "up") tell(leg.device, "call:ended");
    }
    c.phase = "ended";
    for (const leg of c.legs.values()) leg.phase = "left";
    c.transfer = undefined;
  },
};
