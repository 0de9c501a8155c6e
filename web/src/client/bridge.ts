// One RTCPeerConnection: the media between this device and the other end of one bridge of a call.
// Descriptions and candidates are worked off one after the other; candidates that come before the
// remote description wait for it, and ours are not sent before our description.

import { answersOffer, onOffer, sessionId, tagAnswer, untagAnswer } from "./sdp.ts";
import type { BridgeRole } from "./wire.ts";

export interface BridgeOutside {
  createPeer(): RTCPeerConnection;
  send(type: string, data: Record<string, unknown>): Promise<unknown>;
  onTrack(track: MediaStreamTrack): void;
  onState(state: RTCPeerConnectionState): void;
  onError(error: unknown): void;
}

export class Bridge {
  private pc: RTCPeerConnection;
  private sender: RTCRtpSender | undefined;
  private work: Promise<void> = Promise.resolve();
  private remoteCandidates: (RTCIceCandidateInit | null)[] = [];
  private localCandidates: (RTCIceCandidateInit | null)[] = [];
  private described = false; // our description has been sent, candidates may follow
  private remoteId = "";
  private lastOffer = "";
  private closed = false;

  constructor(
    readonly callId: string,
    readonly bridge: number,
    readonly role: BridgeRole,
    private track: MediaStreamTrack | null, // null: on hold
    private readonly outside: BridgeOutside,
  ) {
    this.pc = this.createPeer();
  }

  /** Still as it was made: nothing offered, nothing received. */
  get untouched(): boolean {
    return this.remoteId === "" && this.pc.signalingState === "stable" && !this.described;
  }

  offer(): void {
    this.queue(() => this.makeOffer());
  }

  /** What this bridge sends; null stops the RTP without renegotiation. */
  setTrack(track: MediaStreamTrack | null): void {
    this.track = track;
    this.queue(async () => {
      await this.sender?.replaceTrack(track);
    });
  }

  receivedOffer(sdp: string): void {
    this.queue(() => this.takeOffer(sdp));
  }

  receivedAnswer(sdp: string): void {
    this.queue(() => this.takeAnswer(sdp));
  }

  receivedCandidate(candidate: RTCIceCandidateInit | null): void {
    this.queue(async () => {
      if (this.pc.remoteDescription) await this.addCandidate(candidate);
      else this.remoteCandidates.push(candidate);
    });
  }

  close(): void {
    this.closed = true;
    this.pc.close();
  }

  private queue(step: () => Promise<void>): void {
    this.work = this.work.then(async () => {
      if (this.closed) return;
      try {
        await step();
      } catch (error) {
        if (!this.closed) this.outside.onError(error);
      }
    });
  }

  private createPeer(): RTCPeerConnection {
    const pc = this.outside.createPeer();
    pc.onicecandidate = ({ candidate }) => {
      if (pc !== this.pc) return;
      this.localCandidates.push(candidate?.candidate ? candidate.toJSON() : null);
      this.flushLocal();
    };
    pc.ontrack = ({ track }) => pc === this.pc && this.outside.onTrack(track);
    pc.onconnectionstatechange = () => {
      if (pc !== this.pc) return;
      this.outside.onState(pc.connectionState);
      if (pc.connectionState === "failed" && this.role === "offer") this.restartIce();
    };
    return pc;
  }

  private restartIce(): void {
    this.pc.restartIce();
    this.offer();
  }

  /** The other end is a new page, or our offer lost against theirs: start over. */
  private replacePeer(): void {
    const old = this.pc;
    this.described = false;
    this.localCandidates = [];
    this.remoteId = "";
    this.sender = undefined;
    this.pc = this.createPeer();
    old.close();
  }

  private async makeOffer(): Promise<void> {
    if (!this.sender) {
      this.sender = this.pc.addTransceiver("audio", { direction: "sendrecv" }).sender;
      await this.sender.replaceTrack(this.track);
    }
    this.described = false;
    await this.pc.setLocalDescription(await this.pc.createOffer());
    this.sendDescription("webrtc:offer", this.pc.localDescription?.sdp ?? "");
  }

  private async takeOffer(sdp: string): Promise<void> {
    const offering = this.pc.signalingState === "have-local-offer";
    const { remoteId, lastOffer } = this;
    const polite = this.role === "answer";
    const action = onOffer({ polite, offering, remoteId, lastOffer, offer: sdp });
    if (action === "ignore") return;
    if (action === "insist") {
      this.sendDescription("webrtc:offer", this.pc.localDescription?.sdp ?? "");
      return;
    }
    if (action === "replace") this.replacePeer();
    this.lastOffer = sdp;
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    this.remoteId = sessionId(sdp);
    await this.attachSender();
    await this.flushRemote();
    this.described = false;
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    this.sendDescription("webrtc:answer", tagAnswer(this.pc.localDescription?.sdp ?? "", sdp));
  }

  private async takeAnswer(sdp: string): Promise<void> {
    if (this.pc.signalingState !== "have-local-offer") return;
    const meant = answersOffer(sdp);
    if (meant && meant !== sessionId(this.pc.localDescription?.sdp ?? "")) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp: untagAnswer(sdp) });
    this.remoteId = sessionId(sdp);
    await this.flushRemote();
  }

  /** The answering side sends on the transceiver that the offer made. */
  private async attachSender(): Promise<void> {
    const audio = this.pc.getTransceivers().find((each) => each.receiver.track.kind === "audio");
    if (!audio) return;
    audio.direction = "sendrecv";
    this.sender = audio.sender;
    await audio.sender.replaceTrack(this.track);
  }

  // Not awaited: an answer to a command can take as long as a server restart, and a candidate must
  // not wait for it. The connection keeps the order.
  private sendDescription(type: string, sdp: string): void {
    this.send(type, { sdp });
    this.described = true;
    this.flushLocal();
  }

  private send(type: string, data: Record<string, unknown>): void {
    const { callId, bridge } = this;
    this.outside.send(type, { callId, bridge, ...data }).catch((error: unknown) => {
      if (!this.closed) this.outside.onError(error);
    });
  }

  private flushLocal(): void {
    if (!this.described) return;
    for (const candidate of this.localCandidates.splice(0)) {
      this.send("webrtc:ice-candidate", { candidate });
    }
  }

  private async flushRemote(): Promise<void> {
    for (const candidate of this.remoteCandidates.splice(0)) await this.addCandidate(candidate);
  }

  private async addCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    try {
      await this.pc.addIceCandidate(candidate?.candidate ? candidate : undefined);
    } catch {
      // Of an earlier peer connection of the other end (it was reloaded), or of a kind this browser
      // does not know. One candidate less is not an error anyone can act on.
    }
  }
}
