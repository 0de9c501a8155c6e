// The eight cases of REST signalling: sessions, descriptions, candidates, servers, calls, disabled.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Server } from "./server.mjs";
import { until } from "./until.mjs";

const sdp = [
  "v=0",
  "o=- 123456789 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "c=IN IP4 0.0.0.0",
  "a=rtpmap:111 opus/48000/2",
  "a=mid:0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
  "a=setup:actpass",
  "a=sendrecv",
  "",
].join("\r\n");
const candidate = {
  candidate: "candidate:1 1 UDP 2130706431 192.168.1.1 54321 typ host",
  sdpMid: "audio",
  sdpMLineIndex: 0,
};

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const post = (at, body) => server.request("POST", `/api/webrtc/${at}`, { body });
async function opened(extension) {
  const { status, body } = await post("session", { extension });
  assert.equal(status, 200, JSON.stringify(body));
  return body.session.session_id;
}

/** An open event channel; events arrive in `events`. */
function listen(id) {
  const events = [];
  let text = "";
  const at = `http://127.0.0.1:${server.port}/api/webrtc/session/${id}/events`;
  const asking = http.get(at, (response) => {
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const of = (name) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        if (of("event")) events.push({ name: of("event"), data: JSON.parse(of("data")) });
      }
    });
    response.on("error", () => {}); // closed below
  });
  asking.on("error", () => {});
  const heard = (name) =>
    until(`${name} on the event channel`, () => events.find((event) => event.name === name));
  return { heard, close: () => asking.destroy() };
}

test("session creation: an unguessable id, ICE servers, 404 for an unknown extension", async () => {
  const { body } = await post("session", { extension: "1001" });
  assert.equal(body.success, true);
  assert.match(body.session.session_id, /^\S{26,}$/);
  assert.equal(body.session.extension, "1001");
  assert.equal(body.session.state, "new");
  assert.ok(body.ice_servers.iceServers.length > 0);
  assert.equal((await post("session", { extension: "4711" })).status, 404);
});

test("signalling server initialization: it is ready and tells its configuration", async () => {
  assert.equal((await server.request("GET", "/ready")).status, 200);
  assert.equal((await server.request("GET", "/health")).body.status, "ok");
});

test("session management: several per extension, listed for their owner, closed for good", async () => {
  const first = await opened("1003");
  const second = await opened("1003");
  assert.notEqual(first, second);
  const token = await server.login("1003");
  const rows = (await server.request("GET", "/api/webrtc/sessions", { token })).body;
  const ids = rows.map((row) => row.session_id);
  assert.ok(ids.includes(first) && ids.includes(second));
  assert.equal((await server.request("DELETE", `/api/webrtc/session/${first}`)).status, 200);
  assert.equal((await post("offer", { session_id: first, sdp })).status, 410);
  assert.equal((await post("offer", { session_id: "nobody-knows-this", sdp })).status, 404);
});

test("SDP offer and answer handling: taken when well-formed, 422 when not", async () => {
  const id = await opened("1001");
  const offer = await post("offer", { session_id: id, sdp });
  assert.deepEqual([offer.status, offer.body.message], [200, "Offer received"]);
  const answer = await post("answer", { session_id: id, sdp });
  assert.deepEqual([answer.status, answer.body.message], [200, "Answer received"]);
  assert.equal((await post("offer", { session_id: id, sdp: "hello" })).status, 422);
});

test("ICE candidate handling: kept before the offer, an empty one ends them, 422 for nonsense", async () => {
  const id = await opened("1001");
  const early = await post("ice-candidate", { session_id: id, candidate });
  assert.deepEqual([early.status, early.body.message], [200, "ICE candidate added"]);
  const end = { ...candidate, candidate: "" };
  assert.equal((await post("ice-candidate", { session_id: id, candidate: end })).status, 200);
  const wrong = { ...candidate, candidate: "candidate:what" };
  assert.equal((await post("ice-candidate", { session_id: id, candidate: wrong })).status, 422);
});

test("ICE servers configuration: the own responder by default", async () => {
  const token = await server.login("1001");
  const { body } = await server.request("GET", "/api/webrtc/ice-servers", { token });
  assert.equal(body.iceTransportPolicy, "all");
  assert.match(body.iceServers[0].urls, /^stun:127\.0\.0\.1:\d+$/);
});

test("WebRTC gateway: one session calls another, descriptions and candidates cross, one record", async () => {
  const caller = await opened("1004");
  const callee = await opened("1005");
  const [a, b] = [listen(caller), listen(callee)];
  try {
    await b.heard("connected");
    await a.heard("connected");
    await post("ice-candidate", { session_id: caller, candidate }); // before the offer
    await post("offer", { session_id: caller, sdp });
    const call = await post("call", { session_id: caller, target_extension: "1005" });
    assert.equal(call.status, 200, JSON.stringify(call.body));
    assert.equal(call.body.message, "Call initiated to 1005");
    assert.equal((await b.heard("call:incoming")).data.phoneNumber, "1004");
    await post("ice-candidate", { session_id: callee, candidate });
    assert.equal((await post("answer", { session_id: callee, sdp })).status, 200);
    const offer = await b.heard("webrtc:offer");
    assert.equal(offer.data.sdp, sdp);
    assert.equal(offer.data.candidates.length, 1);
    assert.equal((await a.heard("call:answered")).data.callId, call.body.call_id);
    assert.equal((await a.heard("webrtc:answer")).data.sdp, sdp);
    await a.heard("webrtc:ice-candidate");
    const row = () => server.request("GET", `/api/webrtc/session/${caller}`);
    await until("the session shows the answer", async () => {
      const { body } = await row();
      return (body.session ?? body).answer === sdp;
    });
    assert.equal((await post("hangup", { session_id: caller })).status, 200);
    assert.equal((await b.heard("call:ended")).data.reason, "hangup");
    const record = await server.onlyRecord("1004");
    assert.deepEqual([record.callee, record.state, record.cause], ["1005", "completed", "hangup"]);
    assert.equal((await post("hangup", { session_id: caller })).status, 200, "again: nothing");
  } finally {
    a.close();
    b.close();
  }
});

test("disabled state: everything under /api/webrtc is 403", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "strowger-e2e-config-"));
  const file = path.join(folder, "config.yml");
  writeFileSync(file, "features:\n  webrtc:\n    enabled: false\n");
  const off = await Server.start({ args: ["--config", file] });
  try {
    const { status } = await off.request("POST", "/api/webrtc/session", {
      body: { extension: "1001" },
    });
    assert.equal(status, 403);
  } finally {
    await off.stop();
  }
});
