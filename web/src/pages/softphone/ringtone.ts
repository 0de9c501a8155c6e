// The ringing of an incoming call and the ring-back tone of an outgoing one, made in the page.

export type Tone = "ring" | "ringback";

const cadence: Record<Tone, { hz: [number, number]; onMs: number; everyMs: number; gain: number }> =
  {
    ring: { hz: [480, 620], onMs: 900, everyMs: 2_500, gain: 0.12 },
    ringback: { hz: [440, 480], onMs: 1_500, everyMs: 4_000, gain: 0.05 },
  };

export class Ringtone {
  private context: AudioContext | undefined;
  private timer: number | undefined;
  private playing: Tone | undefined;

  /** Browsers allow sound only after a gesture; without one this stays silent. */
  set(tone: Tone | undefined): void {
    if (tone === this.playing) return;
    this.playing = tone;
    window.clearInterval(this.timer);
    if (!tone) {
      void this.context?.close();
      this.context = undefined;
      return;
    }
    this.context ??= new AudioContext();
    this.burst(tone);
    this.timer = window.setInterval(() => this.burst(tone), cadence[tone].everyMs);
  }

  private burst(tone: Tone): void {
    const { context } = this;
    if (context?.state !== "running") return;
    const { hz, onMs, gain } = cadence[tone];
    const volume = context.createGain();
    const start = context.currentTime;
    const stop = start + onMs / 1000;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(gain, start + 0.03);
    volume.gain.setValueAtTime(gain, stop - 0.05);
    volume.gain.linearRampToValueAtTime(0, stop);
    volume.connect(context.destination);
    for (const frequency of hz) {
      const oscillator = context.createOscillator();
      oscillator.frequency.value = frequency;
      oscillator.connect(volume);
      oscillator.start(start);
      oscillator.stop(stop);
    }
  }
}
