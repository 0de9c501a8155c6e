// Chromium with a beeping microphone that nobody has to allow, and no way out of this machine.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      "--allow-loopback-in-peer-connection",
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
    ],
  });
}

/** Runs in the page before its scripts: remembers every peer connection, for the statistics. */
export function rememberPeers() {
  const peers = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      peers.push(this);
    }
  };
  window.audioStats = async () => {
    const sum = { sent: 0, received: 0, energy: 0, peers: 0 };
    for (const peer of peers) {
      if (peer.connectionState === "closed") continue;
      sum.peers += 1;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === "outbound-rtp") sum.sent += report.packetsSent ?? 0;
        if (report.type !== "inbound-rtp") continue;
        sum.received += report.packetsReceived ?? 0;
        sum.energy += report.totalAudioEnergy ?? 0;
      }
    }
    return sum;
  };
}
