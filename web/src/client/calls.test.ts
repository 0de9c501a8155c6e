import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CallEvent,
  type CallsState,
  lastEnded,
  liveCalls,
  noCalls,
  reduce,
  sendingBridge,
} from "./calls.ts";
import type { CallSnapshot } from "./wire.ts";

const push = (type: string, data: Record<string, unknown>): CallEvent => ({
  type,
  data: { callId: "c", ...data },
});
const after = (...events: CallEvent[]): CallsState => events.reduce(reduce, noCalls);
const only = (state: CallsState) => {
  assert.equal(Object.keys(state.calls).length, 1);
  return Object.values(state.calls)[0] as NonNullable<ReturnType<typeof lastEnded>>;
};

const incoming = push("call:incoming", { phoneNumber: "1000", callerId: "Ann" });
const dialed: CallEvent = { type: "local:dialed", callId: "c", number: "1001" };
const answeredIn: CallEvent = {
  type: "local:answered",
  callId: "c",
  bridge: 1,
  role: "answer",
  now: 5,
};
const answeredOut = push("call:answered", {
  timestamp: "2026-01-01T00:00:00.000Z",
  bridge: 1,
  role: "offer",
});
const snapshot = (change: Partial<CallSnapshot> = {}): CallEvent => ({
  type: "local:snapshot",
  calls: [
    {
      callId: "c",
      state: "answered",
      direction: "out",
      phoneNumber: "1001",
      isOnHold: false,
      isMuted: false,
      bridge: 3,
      role: "offer",
      answeredAt: "2026-01-01T00:00:00.000Z",
      ...change,
    },
  ],
});

test("an incoming call rings and shows who calls", () => {
  const call = only(after(incoming));
  assert.deepEqual(
    [call.phase, call.direction, call.number, call.name],
    ["ringing", "in", "1000", "Ann"],
  );
});

test("an outgoing call goes from dialing over ringing to answered", () => {
  assert.equal(only(after(dialed)).phase, "dialing");
  assert.equal(only(after(dialed, push("call:ringing", {}))).phase, "ringing");
  const call = only(after(dialed, push("call:ringing", {}), answeredOut));
  assert.equal(call.phase, "answered");
  assert.equal(call.answeredAt, Date.parse("2026-01-01T00:00:00.000Z"));
});

test("a ringing message that overtakes the reply to the dial makes the same call", () => {
  assert.deepEqual(
    after(push("call:ringing", {}), dialed),
    after(dialed, push("call:ringing", {})),
  );
});

test("a call placed elsewhere for this device appears with its number", () => {
  const call = only(after(push("call:ringing", { phoneNumber: "1001" })));
  assert.deepEqual([call.direction, call.phase, call.number], ["out", "ringing", "1001"]);
});

test("a failure that overtakes the reply to the dial is not forgotten by it", () => {
  const state = after(push("call:failed", { error: "busy" }), dialed);
  assert.equal(liveCalls(state).length, 0);
  assert.equal(lastEnded(state)?.reason, "busy");
  assert.equal(lastEnded(state)?.number, "1001");
});

test("a call answered on another device stops with that reason", () => {
  const state = after(incoming, push("call:cancelled", { reason: "answered_elsewhere" }));
  assert.equal(liveCalls(state).length, 0);
  assert.equal(lastEnded(state)?.reason, "answered_elsewhere");
});

test("no late message brings an ended call back", () => {
  const state = after(incoming, push("call:cancelled", { reason: "no_answer" }));
  for (const late of [incoming, push("call:ringing", {}), answeredOut, answeredIn]) {
    assert.deepEqual(reduce(state, late), state);
  }
});

test("hold says who holds and is over for both at once", () => {
  const mine = reduce(
    after(incoming, answeredIn),
    push("call:held", { isOnHold: true, by: "1001" }),
  );
  assert.deepEqual([only(mine).isOnHold, only(mine).heldByMe], [true, true]);
  const theirs = reduce(
    after(incoming, answeredIn),
    push("call:held", { isOnHold: true, by: "1000" }),
  );
  assert.deepEqual([only(theirs).isOnHold, only(theirs).heldByMe], [true, false]);
  const over = only(reduce(mine, push("call:held", { isOnHold: false, by: "1001" })));
  assert.deepEqual([over.isOnHold, over.heldByMe], [false, false]);
});

test("resuming while the other side holds too shows that only they hold", () => {
  const both = [
    { type: "local:held", callId: "c" } as CallEvent,
    push("call:held", { isOnHold: true, by: "1001" }),
    push("call:held", { isOnHold: true, by: "1000" }),
  ];
  const talking = [incoming, answeredIn, ...both];
  assert.deepEqual(
    [only(after(...talking)).isOnHold, only(after(...talking)).heldByMe],
    [true, true],
  );
  const left = only(
    after(
      ...talking,
      { type: "local:unheld", callId: "c" },
      push("call:held", { isOnHold: true, by: "1000" }),
    ),
  );
  assert.deepEqual([left.isOnHold, left.heldByMe, left.releasing], [true, false, false]);
});

test("the other side resuming leaves our own hold as it was", () => {
  const both = [
    push("call:held", { isOnHold: true, by: "1000" }),
    { type: "local:held", callId: "c" } as CallEvent,
    push("call:held", { isOnHold: true, by: "1001" }),
  ];
  const left = only(
    after(incoming, answeredIn, ...both, push("call:held", { isOnHold: true, by: "1001" })),
  );
  assert.deepEqual([left.isOnHold, left.heldByMe], [true, true]);
});

test("a hold that was released at once is not taken for one that lasts", () => {
  const left = only(
    after(
      incoming,
      answeredIn,
      { type: "local:held", callId: "c" },
      { type: "local:unheld", callId: "c" },
      push("call:held", { isOnHold: true, by: "1001" }),
      push("call:held", { isOnHold: false, by: "1001" }),
    ),
  );
  assert.deepEqual([left.isOnHold, left.heldByMe], [false, false]);
});

test("this device sends on one bridge at most, and never what the waiting party could overhear", () => {
  const consult = push("webrtc:renegotiate", { bridge: 2, role: "offer", phoneNumber: "1002" });
  const talking = [dialed, answeredOut];
  assert.equal(sendingBridge(only(after(...talking))), 1);
  assert.equal(sendingBridge(only(after(...talking, warm))), 0);
  assert.equal(sendingBridge(only(after(...talking, warm, consult))), 2);
  const failed = push("call:transfer-failed", { reason: "hangup" });
  assert.equal(sendingBridge(only(after(...talking, warm, consult, failed))), 1);
  assert.equal(sendingBridge(only(after(...talking, { type: "local:held", callId: "c" }))), 0);
});

test("digits of the other side are collected", () => {
  const state = after(
    incoming,
    answeredIn,
    push("call:dtmf", { tone: "4", duration: 160 }),
    push("call:dtmf", { tone: "#", duration: 160 }),
  );
  assert.equal(only(state).digits, "4#");
});

test("the end keeps reason and duration", () => {
  const call = only(
    after(incoming, answeredIn, push("call:ended", { duration: 4200, reason: "hangup" })),
  );
  assert.deepEqual([call.phase, call.reason, call.durationMs], ["ended", "hangup", 4200]);
});

test("the party that stays is moved to the new bridge and the new number", () => {
  const call = only(
    after(
      incoming,
      answeredIn,
      push("call:held", { isOnHold: true, by: "1000" }),
      push("webrtc:renegotiate", { bridge: 3, role: "offer", phoneNumber: "1002" }),
    ),
  );
  assert.deepEqual(
    [call.bridge, call.role, call.number, call.isOnHold],
    [3, "offer", "1002", false],
  );
});

const warm: CallEvent = { type: "local:transfer", callId: "c", target: "1002", kind: "warm" };

test("a consultation does not replace the call it is about", () => {
  const call = only(
    after(
      dialed,
      answeredOut,
      warm,
      push("webrtc:renegotiate", { bridge: 2, role: "offer", phoneNumber: "1002" }),
    ),
  );
  assert.deepEqual([call.bridge, call.number, call.transfer?.bridge], [1, "1001", 2]);
});

test("a failed transfer leaves the call as it was, with the reason", () => {
  const call = only(
    after(dialed, answeredOut, warm, push("call:transfer-failed", { reason: "no_answer" })),
  );
  assert.deepEqual(
    [call.phase, call.transfer, call.transferError],
    ["answered", undefined, "no_answer"],
  );
});

test("the target of a blind transfer gets its bridge from the renegotiation, whichever comes first", () => {
  const renegotiate = push("webrtc:renegotiate", { bridge: 2, role: "offer", phoneNumber: "1000" });
  const reply: CallEvent = { ...answeredIn, bridge: 0 } as CallEvent;
  for (const state of [after(incoming, reply, renegotiate), after(incoming, renegotiate, reply)]) {
    assert.deepEqual([only(state).bridge, only(state).role], [2, "offer"]);
  }
});

test("a snapshot brings calls back and ends those it does not name", () => {
  const other: CallEvent = { type: "call:incoming", data: { callId: "d", phoneNumber: "1005" } };
  const state = after(other, snapshot());
  assert.deepEqual(
    liveCalls(state).map((call) => [call.callId, call.bridge, call.phase]),
    [["c", 3, "answered"]],
  );
  assert.equal(lastEnded(state)?.callId, "d");
  assert.equal(lastEnded(state)?.reason, "lost");
});

test("messages that a snapshot already contains change nothing essential", () => {
  const state = after(snapshot(), answeredOut);
  assert.equal(only(state).phase, "answered");
});

test("ended calls are kept for late messages, but not for ever", () => {
  let state = noCalls;
  for (let n = 0; n < 50; n++) {
    const callId = `c${n}`;
    state = reduce(state, { type: "call:incoming", data: { callId, phoneNumber: "1" } });
    state = reduce(state, { type: "call:cancelled", data: { callId, reason: "no_answer" } });
  }
  assert.equal(Object.keys(state.calls).length, 20);
  assert.equal(lastEnded(state)?.callId, "c49");
});
