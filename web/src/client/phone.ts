// One softphone: a connection, the calls it knows and their media, tied together. A page makes one
// per signed-in user, listens to `subscribe`, and calls the verbs. Every verb that fails rejects
// with a CommandError (the server refused) or a DOMException (the microphone did).

import {
  type CallEvent,
  type CallsState,
  liveCalls,
  noCalls,
  reduce,
  sendingBridge,
} from "./calls.ts";
import { Connection, type ConnectionState, type Outside } from "./connection.ts";
import { Media } from "./media.ts";
import { presenceAfter } from "./presence.ts";
import type { ResumeStore } from "./resume_store.ts";
import {
  type BridgeRole,
  CommandError,
  type Connected,
  flag,
  type IceConfig,
  number,
  type PresenceRow,
  type Push,
  text,
} from "./wire.ts";

export interface PhoneState {
  connection: ConnectionState;
  deviceId: string;
  calls: CallsState;
  presence: readonly PresenceRow[];
  media: Readonly<Record<string, RTCPeerConnectionState>>; // by call id
}

export interface PhoneOptions {
  url: string;
  extension: string;
  token: string;
  iceServers?: IceConfig;
  heartbeatMs?: number;
  store: ResumeStore;
  outside: Outside;
  microphone(): Promise<MediaStreamTrack>;
  createPeer(config: IceConfig | undefined): RTCPeerConnection;
  playRemote(id: string, track: MediaStreamTrack | undefined): void;
  onError(error: unknown): void; // of what happens by itself, not of a verb
}

const HEARTBEAT_MS = 30_000;
const OVER_CODES = new Set(["call-over", "call-unknown", "not-in-call"]);

export class Phone {
  state: PhoneState = {
    connection: "closed",
    deviceId: "",
    calls: noCalls,
    presence: [],
    media: {},
  };
  private listeners = new Set<() => void>();
  private ice: IceConfig | undefined;
  private watching = false;
  private dialing = 0; // dials without a reply: their calls are not news
  private heartbeat: unknown;
  private readonly connection: Connection;
  private readonly media: Media;

  constructor(private readonly options: PhoneOptions) {
    this.ice = options.iceServers;
    this.connection = new Connection({
      url: options.url,
      extension: options.extension,
      token: options.token,
      store: options.store,
      outside: options.outside,
      onState: (connection) => this.update({ connection }),
      onConnected: (connected, fresh) => this.connected(connected, fresh),
      onPush: (push) => this.pushed(push),
    });
    this.media = new Media({
      createPeer: () => options.createPeer(this.ice),
      send: (type, data) => this.connection.request(type, data),
      onRemoteTrack: (callId, bridge, track) => options.playRemote(`${callId}/${bridge}`, track),
      onState: (callId, _bridge, media) =>
        this.update({ media: { ...this.state.media, [callId]: media } }),
      onError: (callId, error) => this.mediaFailed(callId, error),
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  connect(): void {
    this.connection.connect();
    const beat = () => {
      this.connection.request("heartbeat", {}, { onlyOnline: true }).catch(() => {});
      this.heartbeat = this.options.outside.setTimeout(beat, this.heartbeatMs);
    };
    this.heartbeat = this.options.outside.setTimeout(beat, this.heartbeatMs);
  }

  hurry(): void {
    this.connection.hurry();
  }

  renewToken(token: string): void {
    this.connection.renewToken(token);
  }

  /** Hangs up everything, gives the seat back and forgets the device. */
  async signOut(): Promise<void> {
    const deadlineMs = 3_000;
    const goodbyes = liveCalls(this.state.calls).map((call) =>
      this.connection.request("call:hangup", { callId: call.callId }, { deadlineMs }),
    );
    await Promise.allSettled(goodbyes);
    await this.connection
      .request("logout", {}, { onlyOnline: true, deadlineMs })
      .catch(() => undefined);
    this.options.outside.clearTimeout(this.heartbeat);
    this.media.closeAll();
    this.connection.close();
  }

  async watchPresence(): Promise<void> {
    this.watching = true;
    const reply = await this.connection.request("presence:subscribe", {}, { onlyOnline: true });
    this.update({ presence: (reply.extensions as PresenceRow[] | undefined) ?? [] });
  }

  async dial(phoneNumber: string): Promise<string> {
    const track = await this.options.microphone();
    this.dialing += 1;
    try {
      await this.holdOthers("");
      const reply = await this.connection.request(
        "call:dial",
        { phoneNumber },
        { onlyOnline: true },
      );
      const callId = text(reply, "callId");
      this.dispatch({ type: "local:dialed", callId, number: phoneNumber });
      const call = this.state.calls.calls[callId];
      if (!call || call.phase === "ended") track.stop();
      else this.startMedia(callId, track, call.bridge, "offer", true);
      return callId;
    } catch (error) {
      track.stop();
      throw error;
    } finally {
      this.dialing -= 1;
    }
  }

  async answer(callId: string): Promise<void> {
    const track = await this.options.microphone();
    this.media.addCall(callId, track, 0); // before the reply: the offer may overtake it
    try {
      await this.holdOthers(callId);
      const reply = await this.connection.request("call:answer", { callId });
      const bridge = number(reply, "bridge");
      const role: BridgeRole = text(reply, "role") === "offer" ? "offer" : "answer";
      this.dispatch({ type: "local:answered", callId, bridge, role, now: Date.now() });
      if (bridge > 0) this.media.open(callId, bridge, role);
    } catch (error) {
      this.media.closeCall(callId);
      throw error;
    }
  }

  reject(callId: string): Promise<void> {
    return this.finish("call:reject", callId, "rejected");
  }

  /** Also cancels while ringing, and completes a warm transfer. The sound stops at once. */
  hangup(callId: string): Promise<void> {
    this.media.closeCall(callId);
    return this.finish("call:hangup", callId, "hangup");
  }

  // What keeps the user from being heard takes effect at once, server or not; the opposite waits.
  async hold(callId: string): Promise<void> {
    const before = this.state.calls.calls[callId]?.isOnHold ?? false;
    this.dispatch({ type: "local:held", callId });
    await this.connection.request("call:hold", { callId }).catch((error) => {
      this.dispatch({ type: "call:held", data: { callId, isOnHold: before } });
      throw error;
    });
  }

  async unhold(callId: string): Promise<void> {
    this.dispatch({ type: "local:unheld", callId });
    await this.connection.request("call:unhold", { callId }).catch((error) => {
      this.dispatch({ type: "local:held", callId });
      throw error;
    });
  }

  async mute(callId: string, muted: boolean): Promise<void> {
    const set = (isMuted: boolean) =>
      this.pushed({ type: "call:muted", data: { callId, isMuted } });
    set(muted);
    await this.connection.request("call:mute", { callId, muted }).catch((error) => {
      set(!muted);
      throw error;
    });
  }

  async dtmf(callId: string, tone: string): Promise<void> {
    await this.connection.request("call:dtmf", { callId, tone, duration: 160 });
  }

  async transfer(callId: string, target: string, kind: "blind" | "warm"): Promise<void> {
    this.dispatch({ type: "local:transfer", callId, target, kind });
    const data = { callId, target, transferType: kind };
    await this.connection.request("call:transfer", data).catch((error: CommandError) => {
      this.dispatch({ type: "call:transfer-failed", data: { callId, reason: error.code } });
      throw error;
    });
    // The other side waits because of the transfer now; our own hold would silence the consultation.
    if (kind === "warm" && this.state.calls.calls[callId]?.heldByMe) await this.unhold(callId);
  }

  async cancelTransfer(callId: string): Promise<void> {
    await this.connection.request("call:transfer-cancel", { callId });
  }

  forget(callId: string): void {
    this.dispatch({ type: "local:forget", callId });
  }

  private async finish(type: string, callId: string, reason: string): Promise<void> {
    try {
      await this.connection.request(type, { callId });
    } catch (error) {
      if (!(error instanceof CommandError) || !OVER_CODES.has(error.code)) throw error;
      this.dispatch({ type: "local:over", callId, reason }); // it was over already: fine
    }
  }

  private async holdOthers(callId: string): Promise<void> {
    const others = liveCalls(this.state.calls).filter(
      (call) => call.callId !== callId && call.phase === "answered" && !call.isOnHold,
    );
    await Promise.all(others.map((call) => this.hold(call.callId)));
  }

  private startMedia(
    callId: string,
    track: MediaStreamTrack,
    bridge: number,
    role: BridgeRole,
    initiate: boolean,
  ): void {
    const call = this.state.calls.calls[callId];
    this.media.addCall(callId, track, call ? sendingBridge(call) : bridge);
    this.media.setMuted(callId, call?.isMuted ?? false);
    this.media.open(callId, bridge, role, initiate);
  }

  private connected(connected: Connected, fresh: boolean): void {
    if (connected.ice_servers) this.ice = connected.ice_servers;
    this.update({ deviceId: connected.device_id });
    if (fresh) {
      const before = liveCalls(this.state.calls);
      this.dispatch({ type: "local:snapshot", calls: connected.calls ?? [] });
      for (const call of before) {
        if (this.state.calls.calls[call.callId]?.phase === "ended") {
          this.media.closeCall(call.callId);
        }
      }
      for (const call of liveCalls(this.state.calls)) void this.restore(call.callId);
    }
    if (this.watching) this.watchPresence().catch(() => {}); // the next connection asks again
  }

  /** A call that this page has no media for, because it was reloaded or because somebody else placed
   *  the call: make media and offer it. */
  private async restore(callId: string): Promise<void> {
    const mine = () => {
      const call = this.state.calls.calls[callId];
      if (!call || this.media.has(callId) || call.phase === "ended") return undefined;
      return call.phase === "answered" || call.direction === "out" ? call : undefined;
    };
    if (!mine()) return;
    try {
      const track = await this.options.microphone();
      const call = mine(); // it may have changed while the browser asked for the microphone
      if (call) this.startMedia(callId, track, call.bridge, call.role, true);
      else track.stop();
    } catch (error) {
      this.options.onError(error);
    }
  }

  private pushed(push: Push): void {
    if (push.type === "presence") {
      this.update({ presence: presenceAfter(this.state.presence, push.data) });
      return;
    }
    this.dispatch(push);
    const callId = text(push.data, "callId");
    const call = this.state.calls.calls[callId];
    switch (push.type) {
      case "webrtc:offer":
      case "webrtc:answer":
      case "webrtc:ice-candidate":
        this.media.handle(push);
        break;
      case "call:ringing":
        if (this.dialing === 0) void this.restore(callId); // placed by REST for this device
        break;
      case "call:answered":
        if (call) this.media.open(callId, call.bridge, "offer");
        break;
      case "webrtc:renegotiate":
        this.renegotiate(push);
        break;
      case "call:muted":
        this.media.setMuted(callId, flag(push.data, "isMuted"));
        break;
      case "call:transfer-failed":
        if (call) this.media.closeOthers(callId, call.bridge);
        break;
      case "call:ended":
      case "call:failed":
      case "call:cancelled":
        this.media.closeCall(callId);
        break;
    }
  }

  private renegotiate(push: Push): void {
    const callId = text(push.data, "callId");
    const call = this.state.calls.calls[callId];
    if (!call || call.phase === "ended") return;
    const bridge = number(push.data, "bridge");
    const role: BridgeRole = text(push.data, "role") === "answer" ? "answer" : "offer";
    this.media.open(callId, bridge, role);
    if (!call.transfer) this.media.closeOthers(callId, bridge);
  }

  private mediaFailed(callId: string, error: unknown): void {
    // A description for a bridge that a transfer has replaced, or a call that has ended.
    if (error instanceof CommandError) {
      if (OVER_CODES.has(error.code) || error.code === "stale-bridge") return;
    }
    if (this.state.calls.calls[callId]?.phase !== "ended") this.options.onError(error);
  }

  private dispatch(event: CallEvent): void {
    const calls = reduce(this.state.calls, event);
    if (calls === this.state.calls) return;
    this.update({ calls });
    for (const call of liveCalls(calls)) this.media.setSending(call.callId, sendingBridge(call));
  }

  private update(change: Partial<PhoneState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  private get heartbeatMs(): number {
    return this.options.heartbeatMs ?? HEARTBEAT_MS;
  }
}
