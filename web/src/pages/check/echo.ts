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
const TONE_HZ = 523;
const HEARD_DB = -60; // the tone arrives at about -20, silence is below -100
const NEAR_HZ = 40;

export class EchoCheck {
  private readonly listening = document.createElement("audio");
  private readonly sound = new AudioContext();
  private readonly ear = new AnalyserNode(this.sound, { fftSize: 4096 });
  private readonly phone: Phone;

  constructor(private readonly login: Login) {
    this.listening.muted = true; // nobody wants to hear the tone; the analyser gets it all the same
    this.phone = new Phone({
      url: socketUrl(),
      extension: login.user.extension,
      token: login.token,
      ...(login.ice_servers ? { iceServers: login.ice_servers } : {}),
      store: new MemoryResumeStore(),
      outside: browserOutside,
      microphone: async () => this.toneTrack(),
      createPeer: (config) => new RTCPeerConnection(config as RTCConfiguration | undefined),
      playRemote: (_id, track) => this.listen(track),
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
      const heard = await until(() => this.hearsTone(), ECHO_MS);
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
    await this.sound.close();
  }

  private toneTrack(): MediaStreamTrack {
    void this.sound.resume();
    const volume = this.sound.createGain();
    volume.gain.value = 0.2;
    const oscillator = this.sound.createOscillator();
    oscillator.frequency.value = TONE_HZ;
    const out = this.sound.createMediaStreamDestination();
    oscillator.connect(volume).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0] as MediaStreamTrack;
  }

  // Chromium feeds an analyser from a remote track only while an element plays the track too.
  private listen(track: MediaStreamTrack | undefined): void {
    const stream = track ? new MediaStream([track]) : null;
    this.listening.srcObject = stream;
    if (!stream) return;
    void this.listening.play().catch(() => {});
    this.sound.createMediaStreamSource(stream).connect(this.ear);
  }

  private hearsTone(): boolean {
    const bins = new Float32Array(this.ear.frequencyBinCount);
    this.ear.getFloatFrequencyData(bins);
    const loudest = bins.reduce((best, db, at) => (db > (bins[best] ?? db) ? at : best), 0);
    const hz = (loudest * this.sound.sampleRate) / this.ear.fftSize;
    return (bins[loudest] ?? HEARD_DB) > HEARD_DB && Math.abs(hz - TONE_HZ) < NEAR_HZ;
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
