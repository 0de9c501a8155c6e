// The calls of this device as a pure fold over what the server says and what the user started.
// Nothing here talks to anybody: phone.ts acts, pages draw.

import { type BridgeRole, type CallSnapshot, flag, number, type Push, text } from "./wire.ts";

export type CallPhase = "dialing" | "ringing" | "answered" | "ended";

export interface Transfer {
  target: string;
  kind: "blind" | "warm";
  bridge: number; // of the consultation, once the target of a warm transfer has answered; else 0
}

export interface Call {
  callId: string;
  direction: "in" | "out";
  number: string;
  name: string;
  phase: CallPhase;
  isOnHold: boolean;
  heldByMe: boolean;
  releasing: boolean; // we asked to resume; "on hold" by us then means that only the peer holds
  isMuted: boolean;
  peerMuted: boolean;
  bridge: number;
  role: BridgeRole;
  answeredAt?: number; // ms since the epoch
  digits: string; // DTMF from the other side
  transfer?: Transfer;
  transferError?: string;
  reason?: string; // why it ended
  durationMs?: number;
}

export interface CallsState {
  calls: Readonly<Record<string, Call>>; // live and just ended, by call id, in the order they came
}

/** What the user did, as opposed to what the server pushed. */
export type LocalEvent =
  | { type: "local:snapshot"; calls: CallSnapshot[] }
  | { type: "local:dialed"; callId: string; number: string }
  | { type: "local:answered"; callId: string; bridge: number; role: BridgeRole; now: number }
  | { type: "local:transfer"; callId: string; target: string; kind: "blind" | "warm" }
  | { type: "local:held"; callId: string }
  | { type: "local:unheld"; callId: string }
  | { type: "local:over"; callId: string; reason: string }
  | { type: "local:forget"; callId: string };

export type CallEvent = Push | LocalEvent;

export const noCalls: CallsState = { calls: {} };
const ENDED_KEPT = 20; // so that a late message cannot bring an ended call back

export const liveCalls = (state: CallsState): Call[] =>
  Object.values(state.calls).filter((call) => call.phase !== "ended");
export const lastEnded = (state: CallsState): Call | undefined =>
  Object.values(state.calls)
    .filter((call) => call.phase === "ended")
    .at(-1);

/** The one bridge that this device may send on now; 0: none. During a warm transfer the party that
 *  waits must not overhear the consultation. */
export function sendingBridge(call: Call): number {
  if (call.isOnHold || call.phase === "ended") return 0;
  return call.transfer?.kind === "warm" ? call.transfer.bridge : call.bridge;
}

function blank(callId: string, direction: "in" | "out"): Call {
  return {
    callId,
    direction,
    number: "",
    name: "",
    phase: direction === "in" ? "ringing" : "dialing",
    isOnHold: false,
    heldByMe: false,
    releasing: false,
    isMuted: false,
    peerMuted: false,
    bridge: 1,
    role: direction === "in" ? "answer" : "offer",
    digits: "",
  };
}

function fromSnapshot(snapshot: CallSnapshot): Call {
  const { callId, direction, state, answeredAt } = snapshot;
  return {
    ...blank(callId, direction),
    number: snapshot.phoneNumber,
    name: snapshot.callerId ?? "",
    phase: state,
    isOnHold: snapshot.isOnHold,
    heldByMe: snapshot.isOnHold,
    isMuted: snapshot.isMuted,
    bridge: snapshot.bridge || 1,
    role: snapshot.role,
    ...(answeredAt ? { answeredAt: Date.parse(answeredAt) } : {}),
  };
}

function put(state: CallsState, call: Call): CallsState {
  return { calls: { ...state.calls, [call.callId]: call } };
}

function without(state: CallsState, callId: string): CallsState {
  const { [callId]: _gone, ...rest } = state.calls;
  return { calls: rest };
}

/** Ended calls move to the end of the order, oldest dropped first. */
function end(state: CallsState, call: Call, reason: string, durationMs?: number): CallsState {
  const { transfer: _transfer, ...rest } = call;
  const over: Call = { ...rest, phase: "ended", reason };
  if (durationMs !== undefined) over.durationMs = durationMs;
  const next = put(without(state, call.callId), over);
  const ended = Object.values(next.calls).filter((each) => each.phase === "ended");
  return ended
    .slice(0, Math.max(0, ended.length - ENDED_KEPT))
    .reduce((kept, old) => without(kept, old.callId), next);
}

export function reduce(state: CallsState, event: CallEvent): CallsState {
  if (event.type.startsWith("local:")) return reduceLocal(state, event as LocalEvent);
  return reducePush(state, event as Push);
}

function reduceLocal(state: CallsState, event: LocalEvent): CallsState {
  if (event.type === "local:snapshot") {
    const named = new Set(event.calls.map((call) => call.callId));
    const gone = liveCalls(state).filter((call) => !named.has(call.callId));
    const kept = gone.reduce((left, call) => end(left, call, "lost"), state);
    return event.calls.map(fromSnapshot).reduce((all, call) => {
      const known = all.calls[call.callId];
      return put(all, known ? { ...known, ...call } : call);
    }, kept);
  }
  const call = state.calls[event.callId];
  switch (event.type) {
    case "local:dialed":
      return put(state, { ...(call ?? blank(event.callId, "out")), number: event.number });
    case "local:answered":
      if (!call || call.phase === "ended") return state;
      return put(state, {
        ...call,
        phase: "answered",
        // Bridge 0: a blind transfer follows, its webrtc:renegotiate brings (or brought) the bridge.
        ...(event.bridge > 0 ? { bridge: event.bridge, role: event.role } : {}),
        answeredAt: call.answeredAt ?? event.now,
      });
    case "local:transfer": {
      if (!call || call.phase === "ended") return state;
      const { transferError: _old, ...rest } = call;
      const { target, kind } = event;
      return put(state, { ...rest, transfer: { target, kind, bridge: 0 } });
    }
    case "local:held":
      if (!call || call.phase === "ended") return state;
      return put(state, { ...call, isOnHold: true, heldByMe: true, releasing: false });
    case "local:unheld":
      if (!call || call.phase === "ended") return state;
      return put(state, { ...call, heldByMe: false, releasing: true });
    case "local:over":
      return call && call.phase !== "ended" ? end(state, call, event.reason) : state;
    case "local:forget":
      return without(state, event.callId);
  }
}

function reducePush(state: CallsState, push: Push): CallsState {
  const data = push.data;
  const callId = text(data, "callId");
  if (callId === "") return state;
  const known = state.calls[callId];
  if (known?.phase === "ended") return state;
  switch (push.type) {
    case "call:incoming":
      return put(state, {
        ...(known ?? blank(callId, "in")),
        number: text(data, "phoneNumber"),
        name: text(data, "callerId"),
      });
    case "call:ringing":
      // May overtake the reply to a retried call:dial; news when the call was placed by REST.
      return put(state, ringing(known ?? blank(callId, "out"), text(data, "phoneNumber")));
    case "call:failed": // may overtake it too
      return reduceKnown(state, push, known ?? blank(callId, "out"));
  }
  return known ? reduceKnown(state, push, known) : state;
}

const ringing = (call: Call, to: string): Call =>
  call.phase === "answered" ? call : { ...call, phase: "ringing", number: call.number || to };

function reduceKnown(state: CallsState, push: Push, call: Call): CallsState {
  const data = push.data;
  switch (push.type) {
    case "call:answered":
      return put(state, {
        ...call,
        phase: "answered",
        bridge: number(data, "bridge") || call.bridge,
        role: "offer",
        answeredAt: Date.parse(text(data, "timestamp")) || Date.now(),
      });
    case "call:held":
      return put(state, { ...call, ...heldAfter(call, flag(data, "isOnHold"), data) });
    case "call:muted":
      return put(state, { ...call, isMuted: flag(data, "isMuted") });
    case "call:peer-muted":
      return put(state, { ...call, peerMuted: flag(data, "isMuted") });
    case "call:dtmf":
      return put(state, { ...call, digits: (call.digits + text(data, "tone")).slice(-64) });
    case "webrtc:renegotiate":
      return put(state, renegotiated(call, data));
    case "call:transfer-failed": {
      const { transfer: _failed, ...rest } = call;
      return put(state, { ...rest, transferError: text(data, "reason") || "failed" });
    }
    case "call:ended":
      return end(state, call, text(data, "reason"), number(data, "duration"));
    case "call:cancelled":
      return end(state, call, text(data, "reason"));
    case "call:failed":
      return end(state, call, text(data, "error"));
    default:
      return state;
  }
}

function renegotiated(call: Call, data: Push["data"]): Call {
  const role: BridgeRole = text(data, "role") === "answer" ? "answer" : "offer";
  if (call.transfer) {
    // Our own warm transfer: this bridge is the consultation, the first one waits on hold.
    return { ...call, transfer: { ...call.transfer, bridge: number(data, "bridge") } };
  }
  const bridge = number(data, "bridge") || call.bridge;
  const number_ = text(data, "phoneNumber") || call.number;
  // Whoever held before is gone; our own hold goes on.
  return { ...call, phase: "answered", bridge, role, number: number_, isOnHold: call.heldByMe };
}

// `isOnHold` is about the whole call (media stops when either side holds); `by` is who holds it, or
// who ended the last hold.
function heldAfter(call: Call, isOnHold: boolean, data: Push["data"]): Partial<Call> {
  if (!isOnHold) return { isOnHold, heldByMe: false, releasing: false };
  if (text(data, "by") === call.number) return { isOnHold, releasing: false };
  return { isOnHold, heldByMe: !call.releasing, releasing: false };
}
