// What devices say on /ws and by Socket.IO, as it should be said: the malformed start from here.
// Numbers that nobody has a device for, so that the canaries are left alone.

const callId = "0123456789abcdef0123456789abcdef";
const opus = { mimeType: "audio/opus", clockRate: 48000, channels: 2 };
const fingerprints = [{ algorithm: "sha-256", value: "AB:".repeat(31) + "CD" }];
export const sdp = [
  ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"],
  ...["m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendrecv"],
  ...["a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=setup:actpass"],
  ...[`a=fingerprint:sha-256 ${fingerprints[0].value}`, "a=rtpmap:111 opus/48000/2", "a=rtcp-mux"],
].join("\r\n");
const candidate = "candidate:1 1 UDP 2130706431 127.0.0.1 5000 typ host";
const rtpParameters = {
  codecs: [{ ...opus, payloadType: 111, rtcpFeedback: [{ type: "transport-cc" }] }],
  headerExtensions: [{ uri: "urn:ietf:params:rtp-hdrext:sdes:mid", id: 4 }],
  encodings: [{ ssrc: 1234 }],
  rtcp: { cname: "somebody" },
};

export const commands = [
  ["call:dial", { phoneNumber: "1019", campaignId: "c", leadId: "l", command_id: "k" }],
  ...["answer", "reject", "hangup", "hold", "unhold", "transfer-cancel"].map((name) => [
    `call:${name}`,
    { callId },
  ]),
  ["call:mute", { callId, muted: true }],
  ["call:dtmf", { callId, tone: "5", duration: 100 }],
  ["call:transfer", { callId, target: "1019", transferType: "blind" }],
  ["call:record", { callId, action: "start", consent: true }],
  ["webrtc:offer", { callId, sdp }],
  ["webrtc:answer", { callId, sdp, bridge: 1 }],
  ["webrtc:ice-candidate", { callId, candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0 } }],
  ["webrtc:get-router-capabilities", {}],
  ["webrtc:create-transport", { direction: "send", callId }],
  ["webrtc:connect-transport", { transportId: callId, dtlsParameters: { fingerprints } }],
  ["webrtc:produce", { transportId: callId, kind: "audio", rtpParameters, appData: {} }],
  [
    "webrtc:consume",
    {
      transportId: callId,
      producerId: callId,
      rtpCapabilities: { codecs: [{ ...opus, preferredPayloadType: 100 }] },
    },
  ],
  ...["pause-producer", "resume-producer", "close-producer"].map((name) => [
    `webrtc:${name}`,
    { producerId: callId },
  ]),
  ...["pause-consumer", "resume-consumer", "close-consumer"].map((name) => [
    `webrtc:${name}`,
    { consumerId: callId },
  ]),
  ["webrtc:restart-ice", { transportId: callId }],
  ["webrtc:get-stats", { transportId: callId }],
  ["presence:subscribe", {}],
  ["license:authenticate", {}],
  ["heartbeat", {}],
  ["ping", {}],
  ["no:such", {}],
];

/** [method, path, body] of every address that takes one, and some that take none. */
export const requests = [
  ["POST", "/api/login", { username: 7, password: ["x"] }], // never whole: a password costs 50 ms
  ["POST", "/api/register", { username: 7, email: "a@b.test", extension: "4000", password: 1 }],
  ["POST", "/api/sessions/x/heartbeat", {}],
  ["GET", "/api/sessions/x/receipt"],
  ["POST", "/api/licenses", { key: "SL-x", organization_name: "o", plan: "p", max_users: 5 }],
  ["PUT", "/api/licenses/x", { webrtc_max_users: 5, features: { webrtc_extension: true } }],
  ["POST", "/api/licenses/x/validate", { key: "SL-x" }],
  ["GET", "/api/licenses/current"],
  ["POST", "/api/agents", { username: "u", email: "a@b.test", extension: "4001", password: 1 }],
  ["PUT", "/api/agents/x", { email: "a@b.test" }],
  ["GET", "/api/agents/x/sip-config?format=pjsip"],
  ["GET", "/protected/extensions/status"],
  ["GET", "/protected/call/history?limit=5&cursor=x&state=ended&from=x"],
  ["POST", "/protected/call/initiate?method=webrtc", { target_extension: "1019" }],
  ["GET", "/protected/doctor/call"],
  ["POST", "/api/webrtc/session", { extension: "1019", agent_id: "x" }],
  ["GET", "/api/webrtc/session/x"],
  ["DELETE", "/api/webrtc/session/x"],
  ["GET", "/api/webrtc/session/x/events"],
  ["POST", "/api/webrtc/offer", { session_id: callId, sdp, type: "offer" }],
  ["POST", "/api/webrtc/answer", { session_id: callId, sdp, type: "answer" }],
  ["POST", "/api/webrtc/ice-candidate", { session_id: callId, candidate, sdp_mid: "0" }],
  ["POST", "/api/webrtc/call", { session_id: callId, target_extension: "1019" }],
  ["POST", "/api/webrtc/hangup", { session_id: callId, call_id: callId }],
  ["POST", "/api/webrtc/dtmf", { session_id: callId, digit: "5", duration: 100 }],
  ["GET", "/api/webrtc/ice-servers"],
  ["POST", "/api/calls/x/recording", { action: "start", consent: true }],
  ["GET", "/api/calls/x/recording/y"],
  ["GET", "/health"],
  ["GET", "/assets/x"],
];

/** What a slave tells its master. */
export const slaves = [
  { type: "hello", slave: callId, title: "north" },
  { type: "ask", ask: 7, seats: 3 },
  { type: "alive", sessions: [{ session: "s", at: "2026-01-02T03:04:05.000Z" }] },
  {
    type: "report",
    from: 1,
    upto: 9,
    changes: [
      {
        ...{ version: 2, position: 11, what: "taken", holder: "a", session: "s" },
        ...{ extension: "2001", at: "2026-01-02T03:04:05.000Z", overdrawn: true },
      },
    ],
    mark: "19.1767323046000",
    anew: true,
  },
  { type: "recalled", seats: 1 },
];
