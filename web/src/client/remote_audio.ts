// Plays the other side's voice: one <audio> element per bridge, inside a container the page gives.

export class RemoteAudio {
  private elements = new Map<string, HTMLAudioElement>();

  /** `onBlocked`: the browser wants a click before it plays sound; then call `unblock` from one. */
  constructor(
    private readonly container: HTMLElement,
    private readonly onBlocked: (blocked: boolean) => void,
  ) {}

  play(id: string, track: MediaStreamTrack | undefined): void {
    const old = this.elements.get(id);
    if (!track) {
      if (old) old.srcObject = null;
      old?.remove();
      this.elements.delete(id);
      return;
    }
    const element = old ?? this.container.appendChild(document.createElement("audio"));
    element.autoplay = true;
    element.dataset.testid = "remote-audio";
    element.srcObject = new MediaStream([track]);
    this.elements.set(id, element);
    element.play().catch((error: DOMException) => {
      if (error.name === "NotAllowedError") this.onBlocked(true);
    });
  }

  unblock(): void {
    for (const element of this.elements.values()) void element.play();
    this.onBlocked(false);
  }
}
