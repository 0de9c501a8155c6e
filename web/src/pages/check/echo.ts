// The WebSocket step and the echo call: a phone of this page calls *43 with a tone instead of the
// microphone, so that a quiet room passes too, and listens for it to come back.

import type { Login } from "../../client/api.ts";
import { browserOutside, socketUrl } from "../../client/browser.ts";
import { liveCalls } from "../../client/calls.ts";
import { Phone } from "../../client/phone.ts";
import { MemoryResumeStore } from "../../client/resume_store.ts";
import { errorSentence } from "../shared/sentences.ts";
import { EchoEnd } from "./echo_end.ts";
import type { Outcome } from "./steps.ts";

const ONLINE_MS = 10_000;
const ECHO_MS = 20_000;
const ENOUGH_ENERGY = 1e-4; // a tone of 0.2 gives 0.02 per second
const TONE_HZ = 523;

export class EchoCheck {
  private readonly peers: RTCPeerConnection[] = [];
  private readonly listening = document.createElement("audio");
  private readonly tone = new AudioContext();
  private readonly phone: Phone;

  constructor(private readonly login: Login) {
    this.listening.muted = true; // nobody wants to hear the tone; it is decoded all the same
    this.phone = new Phone({
      url: socketUrl(),
      extension: login.user.extension,
      token: login.token,
      ...(login.ice_servers ? { iceServers: login.ice_servers } : {}),
      store: new MemoryResumeStore(),
      outside: browserOutside,
      microphone: async () => this.toneTrack(),
      createPeer: (config) => {
        const peer = new RTCPeerConnection(config as RTCConfiguration | undefined);
        this.peers.push(peer);
        return peer;
      },
      playRemote: (_id, track) => {
        this.listening.srcObject = track ? new MediaStream([track]) : null;
        if (track) void this.listening.play().catch(() => {});
      },
      onError: () => {}, // shows as "no audio came back"
    });
  }

  async checkSocket(): Promise<Outcome> {
    this.phone.connect();
    const online = await until(() => this.phone.state.connection === "online", ONLINE_MS);
    if (online) return { ok: true, say: "The WebSocket is open." };
    return {
      ok: false,
      say: "The WebSocket did not open. A proxy in between must let WebSocket upgrades of /ws pass.",
    };
  }

  async checkEcho(): Promise<Outcome> {
    const echo = new EchoEnd(this.login.user.extension, this.login.token, this.login.ice_servers);
    try {
      if (!(await withTimeout(echo.open(), ONLINE_MS))) {
        return { ok: false, say: "The echo end could not connect. Check again in a moment." };
      }
      const callId = await this.phone.dial("*43");
      const heard = await until(async () => (await this.energy()) > ENOUGH_ENERGY, ECHO_MS);
      const answered = this.phone.state.calls.calls[callId]?.answeredAt !== undefined;
      await this.phone.hangup(callId).catch(() => {});
      if (heard) return { ok: true, say: "The echo call works: the tone came back." };
      return {
        ok: false,
        say: answered
          ? "The call was set up, but no sound came back. Let UDP pass, or configure a TURN server."
          : "The echo call was not answered. Check again; if it stays so, look at the server's log.",
      };
    } catch (error) {
      return { ok: false, say: errorSentence(error) };
    } finally {
      echo.close();
    }
  }

  async close(): Promise<void> {
    for (const call of liveCalls(this.phone.state.calls)) this.phone.forget(call.callId);
    await this.phone.signOut();
    await this.tone.close();
  }

  private toneTrack(): MediaStreamTrack {
    void this.tone.resume();
    const volume = this.tone.createGain();
    volume.gain.value = 0.2;
    const oscillator = this.tone.createOscillator();
    oscillator.frequency.value = TONE_HZ;
    const out = this.tone.createMediaStreamDestination();
    oscillator.connect(volume).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0] as MediaStreamTrack;
  }

  private async energy(): Promise<number> {
    let sum = 0;
    for (const peer of this.peers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type === "inbound-rtp") sum += report.totalAudioEnergy ?? 0;
      }
    }
    return sum;
  }
}

async function until(holds: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return true;
}

async function withTimeout(work: Promise<void>, ms: number): Promise<boolean> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  return until(() => done, ms);
}
