// The far end of the echo call: a device of extension *43 that lives in this page, answers calls of
// this page's own extension and sends back what it hears. It stays here until the server has a
// media relay that can echo by itself.

import { Bridge } from "../../client/bridge.ts";
import { browserOutside, socketUrl } from "../../client/browser.ts";
import { Connection } from "../../client/connection.ts";
import { MemoryResumeStore } from "../../client/resume_store.ts";
import { type IceConfig, type Push, text } from "../../client/wire.ts";

export const ECHO_EXTENSION = "*43";

export class EchoEnd {
  private bridges = new Map<string, Bridge>();
  private listening = document.createElement("audio");
  private ready: (() => void) | undefined;
  private readonly connection: Connection;

  constructor(
    private readonly caller: string,
    token: string,
    private readonly ice: IceConfig | undefined,
  ) {
    this.listening.muted = true; // Chromium decodes a remote track only while something plays it
    this.connection = new Connection({
      url: socketUrl(),
      extension: ECHO_EXTENSION,
      token,
      store: new MemoryResumeStore(),
      outside: browserOutside,
      onState: (state) => state === "online" && this.ready?.(),
      onConnected: () => {},
      onPush: (push) => this.pushed(push),
    });
  }

  /** Resolves when the echo end can be called. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.ready = resolve;
      this.connection.connect();
    });
  }

  close(): void {
    for (const bridge of this.bridges.values()) bridge.close();
    this.connection.request("logout", {}, { onlyOnline: true }).catch(() => {});
    this.connection.close();
    this.listening.srcObject = null;
  }

  private pushed(push: Push): void {
    const callId = text(push.data, "callId");
    const bridge = this.bridges.get(callId);
    switch (push.type) {
      case "call:incoming":
        // Other people's check pages ring here too: theirs is to answer those.
        if (text(push.data, "phoneNumber") === this.caller) this.answer(callId);
        break;
      case "webrtc:offer":
        bridge?.receivedOffer(text(push.data, "sdp"));
        for (const candidate of (push.data.candidates as RTCIceCandidateInit[] | undefined) ?? []) {
          bridge?.receivedCandidate(candidate);
        }
        break;
      case "webrtc:ice-candidate":
        bridge?.receivedCandidate((push.data.candidate as RTCIceCandidateInit | null) ?? null);
        break;
      case "call:ended":
      case "call:cancelled":
        bridge?.close();
        this.bridges.delete(callId);
        break;
    }
  }

  private answer(callId: string): void {
    const bridge: Bridge = new Bridge(callId, 1, "answer", null, {
      createPeer: () => new RTCPeerConnection(this.ice as RTCConfiguration | undefined),
      send: (type, data) => this.connection.request(type, data),
      onTrack: (track) => {
        this.listening.srcObject = new MediaStream([track]);
        void this.listening.play().catch(() => {});
        bridge.setTrack(track);
      },
      onState: () => {},
      onError: () => {}, // shows as "no audio came back"
    });
    this.bridges.set(callId, bridge);
    this.connection.request("call:answer", { callId }).catch(() => bridge.close());
  }
}
