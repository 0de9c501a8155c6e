// Makes a Phone from what a real browser has. The only file of the client that reaches for globals.

import { tokenRefused } from "./api.ts";
import type { Outside, SocketLike } from "./connection.ts";
import { randomId } from "./ids.ts";
import { Phone, type PhoneOptions } from "./phone.ts";

export const browserOutside: Outside = {
  socket: (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike,
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer as number),
  random: Math.random,
  newId: randomId,
  tokenRefused,
};

export function socketUrl(page: Location = window.location): string {
  return `${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/ws`;
}

/** Rejects with a DOMException; "InsecureContext" when the page may not have a microphone at all. */
export async function microphone(): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) {
    throw new DOMException("Microphones need HTTPS", "InsecureContext");
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const track = stream.getAudioTracks()[0];
  if (!track) throw new DOMException("No microphone", "NotFoundError");
  return track;
}

type Given = Pick<
  PhoneOptions,
  "extension" | "token" | "iceServers" | "heartbeatMs" | "store" | "playRemote" | "onError"
>;

export function createPhone(given: Given): Phone {
  const phone = new Phone({
    url: socketUrl(),
    outside: browserOutside,
    microphone,
    createPeer: (config) => new RTCPeerConnection(config as RTCConfiguration | undefined),
    ...given,
  });
  window.addEventListener("online", () => phone.hurry());
  return phone;
}
