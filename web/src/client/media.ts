// The media of all calls: one Bridge per (call, bridge), one outgoing track per call. Nothing here
// ends because the connection to the server was lost; only the end of a call or a transfer does.

import { Bridge } from "./bridge.ts";
import { type BridgeRole, number, type Push, text } from "./wire.ts";

export interface MediaOutside {
  createPeer(): RTCPeerConnection;
  send(type: string, data: Record<string, unknown>): Promise<unknown>;
  /** The other side's voice, to be played; undefined when that bridge is gone. */
  onRemoteTrack(callId: string, bridge: number, track: MediaStreamTrack | undefined): void;
  onState(callId: string, bridge: number, state: RTCPeerConnectionState): void;
  onError(callId: string, error: unknown): void;
}

interface CallMedia {
  track: MediaStreamTrack;
  sendsOn: number; // the bridge that carries the track; 0: none, the call is on hold
}

const EARLY_MAX = 256; // messages for a bridge that is not open yet, over all calls

export class Media {
  private calls = new Map<string, CallMedia>();
  private bridges = new Map<string, Bridge>();
  private early: Push[] = [];

  constructor(private readonly outside: MediaOutside) {}

  has(callId: string): boolean {
    return this.calls.has(callId);
  }

  /** `track` is this call's own (a clone): muting one call must not mute another. */
  addCall(callId: string, track: MediaStreamTrack, sendsOn: number): void {
    this.calls.set(callId, { track, sendsOn });
  }

  /** Makes the peer connection of a bridge, unless it is there already in the same role.
   *  `initiate`: offer even in the role "answer", because the other end does not know this page. */
  open(callId: string, bridge: number, role: BridgeRole, initiate = role === "offer"): void {
    const call = this.calls.get(callId);
    if (!call) return;
    const old = this.bridges.get(key(callId, bridge));
    if (old && (old.role === role || !old.untouched)) return;
    old?.close();
    const track = bridge === call.sendsOn ? call.track : null;
    const made = new Bridge(callId, bridge, role, track, {
      createPeer: () => this.outside.createPeer(),
      send: (type, data) => this.outside.send(type, data),
      onTrack: (remote) => this.outside.onRemoteTrack(callId, bridge, remote),
      onState: (state) => this.outside.onState(callId, bridge, state),
      onError: (error) => this.outside.onError(callId, error),
    });
    this.bridges.set(key(callId, bridge), made);
    if (initiate) made.offer();
    const early = this.early;
    this.early = [];
    for (const push of early) this.handle(push);
  }

  /** webrtc:offer, webrtc:answer, webrtc:ice-candidate. */
  handle(push: Push): void {
    const callId = text(push.data, "callId");
    const bridge = this.bridges.get(key(callId, number(push.data, "bridge") || 1));
    if (!bridge) {
      this.early.push(push);
      if (this.early.length > EARLY_MAX) this.early.shift();
      return;
    }
    if (push.type === "webrtc:offer") {
      bridge.receivedOffer(text(push.data, "sdp"));
      // Those that came before there was anybody to take them.
      const kept = (push.data.candidates as RTCIceCandidateInit[] | undefined) ?? [];
      for (const candidate of kept) bridge.receivedCandidate(candidate);
    } else if (push.type === "webrtc:answer") bridge.receivedAnswer(text(push.data, "sdp"));
    else bridge.receivedCandidate((push.data.candidate as RTCIceCandidateInit | null) ?? null);
  }

  setSending(callId: string, bridge: number): void {
    const call = this.calls.get(callId);
    if (!call || call.sendsOn === bridge) return;
    call.sendsOn = bridge;
    for (const each of this.ofCall(callId)) {
      each.setTrack(each.bridge === bridge ? call.track : null);
    }
  }

  setMuted(callId: string, muted: boolean): void {
    const call = this.calls.get(callId);
    if (call) call.track.enabled = !muted;
  }

  /** After a transfer: the call goes on over one bridge only. */
  closeOthers(callId: string, keep: number): void {
    for (const each of this.ofCall(callId)) if (each.bridge !== keep) this.closeBridge(each);
  }

  closeCall(callId: string): void {
    for (const each of this.ofCall(callId)) this.closeBridge(each);
    this.calls.get(callId)?.track.stop();
    this.calls.delete(callId);
    this.early = this.early.filter((push) => text(push.data, "callId") !== callId);
  }

  closeAll(): void {
    for (const callId of [...this.calls.keys()]) this.closeCall(callId);
  }

  private ofCall(callId: string): Bridge[] {
    return [...this.bridges.values()].filter((each) => each.callId === callId);
  }

  private closeBridge(bridge: Bridge): void {
    bridge.close();
    this.bridges.delete(key(bridge.callId, bridge.bridge));
    this.outside.onRemoteTrack(bridge.callId, bridge.bridge, undefined);
  }
}

const key = (callId: string, bridge: number): string => `${callId}/${bridge}`;
