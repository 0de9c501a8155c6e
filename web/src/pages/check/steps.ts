// The steps of the check page up to the echo call. Each returns one plain sentence; a failed one
// says what to do.

import { ApiError, call, type Login } from "../../client/api.ts";
import { microphone } from "../../client/browser.ts";
import type { IceConfig } from "../../client/wire.ts";
import { errorSentence } from "../shared/sentences.ts";

export interface Outcome {
  ok: boolean;
  say: string;
}

const good = (say: string): Outcome => ({ ok: true, say });
const bad = (say: string): Outcome => ({ ok: false, say });

export async function checkServer(): Promise<Outcome> {
  try {
    const health = await call<{ version?: string }>("/health");
    await call("/ready");
    return good(`The server answers and is ready (version ${health.version ?? "unknown"}).`);
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    return status === 503
      ? bad("The server is starting or stopping. Wait a few seconds, then check again.")
      : bad("The server does not answer. Check that it runs and that no firewall is in between.");
  }
}

export async function checkSecure(): Promise<Outcome> {
  if (window.isSecureContext && navigator.mediaDevices) {
    return good(
      window.location.protocol === "https:"
        ? "The page came over TLS."
        : "The page came from this machine itself, which browsers trust without TLS.",
    );
  }
  return bad(
    "Browsers refuse the microphone on plain HTTP. Open this page with https://, " +
      "or start the server with a certificate.",
  );
}

const SEATED = new Set(["chrome_softphone", "webrtc_appbar"]); // typologies that take a seat

export async function checkSeat({ license, user }: Login): Promise<Outcome> {
  if (license) {
    const { seats_used: used, webrtc_max_users: seats } = license;
    const count = used !== undefined && seats !== undefined ? `: ${used} of ${seats} in use` : "";
    return good(`This sign-in holds a seat of the license${count}.`);
  }
  if (!SEATED.has(user.typology ?? "")) return good("This account needs no license seat.");
  return bad("The sign-in came without a license seat. Ask your administrator for one.");
}

const GATHER_MS = 8_000;

/** Chromium tells of no server-reflexive candidate when it equals the host's own address (no NAT in
 *  between), so a gathering that ends in time and without an error is an answer too. */
export async function checkIce(config: IceConfig | undefined): Promise<Outcome> {
  const urls = (config?.iceServers ?? []).flatMap((server) => server.urls);
  if (urls.length === 0) {
    return good("No STUN or TURN server is configured: calls work inside one network.");
  }
  const found = await gather(config as RTCConfiguration);
  const wantsRelay = urls.some((url) => url.startsWith("turn"));
  const named = urls.join(", ");
  if (wantsRelay && !found.types.has("relay")) {
    return bad(`The TURN server gave no relay address (${named}). Check its address and secret.`);
  }
  if (found.types.has("srflx")) return good(`STUN answers (${named}).`);
  if (found.types.has("relay")) return good(`TURN answers (${named}).`);
  if (found.complete && found.errors === 0) {
    return good(`STUN answers, and no address translation is in between (${named}).`);
  }
  return bad(`No answer from ${named}. Let UDP to that address through the firewall.`);
}

interface Gathered {
  types: Set<string>;
  errors: number;
  complete: boolean;
}

async function gather(config: RTCConfiguration): Promise<Gathered> {
  const pc = new RTCPeerConnection(config);
  const found: Gathered = { types: new Set(), errors: 0, complete: false };
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, GATHER_MS);
      pc.onicecandidate = ({ candidate }) => {
        if (candidate?.type) found.types.add(candidate.type);
        if (candidate) return;
        found.complete = true;
        clearTimeout(timer);
        resolve();
      };
      pc.onicecandidateerror = () => {
        found.errors += 1;
      };
      pc.addTransceiver("audio");
      pc.createOffer()
        .then((offer) => pc.setLocalDescription(offer))
        .catch(reject);
    });
  } finally {
    pc.close();
  }
  return found;
}

export async function checkMicrophone(): Promise<Outcome> {
  try {
    const track = await microphone();
    const { label, muted } = track;
    track.stop();
    if (muted) {
      return bad(`The microphone "${label}" is switched off in the system. Switch it on.`);
    }
    return good(`The microphone works${label ? ` (${label})` : ""}.`);
  } catch (error) {
    return bad(errorSentence(error));
  }
}
