// The relay as a client of /ws meets it, without a browser: what commands answer, who may consume
// what, and what a restart of the server means for calls that it carried.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Line } from "./errors_client.mjs";
import { Server } from "./server.mjs";
import { until } from "./until.mjs";

let server;
before(async () => {
  server = await Server.start({ args: ["--media-port", "0"] });
});
after(() => server?.stop());

const opus = { mimeType: "audio/opus", clockRate: 48000, channels: 2 };
const rtpCapabilities = { codecs: [{ ...opus, preferredPayloadType: 100 }] };
const rtpParameters = (ssrc) => ({
  codecs: [{ ...opus, payloadType: 111 }],
  encodings: [{ ssrc }],
  rtcp: { cname: "test" },
});
let ssrc = 1000;

async function line(extension, resume = "") {
  const token = await server.login(extension);
  const headers = { Authorization: `Bearer ${token}` };
  const open = await Line.open(server.port, `/ws?extension=${extension}${resume}`, { headers });
  assert.ok(!open.refused, JSON.stringify(open.refused));
  open.hello = (await open.push("connected")).data;
  return open;
}

async function good(from, type, data) {
  const answer = await from.ask(type, data);
  assert.equal(answer.success, true, `${type}: ${JSON.stringify(answer)}`);
  return answer;
}

async function equipped(from) {
  const { capabilities } = await good(from, "webrtc:get-router-capabilities");
  assert.ok(capabilities.codecs.every((each) => Number.isInteger(each.preferredPayloadType)));
  const send = await good(from, "webrtc:create-transport", { direction: "send" });
  const receive = await good(from, "webrtc:create-transport", { direction: "receive" });
  assert.equal(send.id, send.transportId);
  assert.equal(send.iceParameters.iceLite, true);
  assert.equal(send.iceCandidates[0].ip, send.iceCandidates[0].address);
  assert.equal(send.dtlsParameters.role, "auto");
  ssrc += 1;
  const { producerId } = await good(from, "webrtc:produce", {
    transportId: send.id,
    kind: "audio",
    rtpParameters: rtpParameters(ssrc),
  });
  return { send: send.id, receive: receive.id, producerId };
}

const consume = (from, transportId, producerId) =>
  from.ask("webrtc:consume", { transportId, producerId, rtpCapabilities });

async function talking() {
  const a = await line("1001");
  const b = await line("1002");
  a.has = await equipped(a);
  const { callId } = await good(a, "call:dial", { phoneNumber: "1002" });
  await b.push("call:incoming");
  b.has = await equipped(b);
  assert.equal((await consume(b, b.has.receive, a.has.producerId)).code, "producer-unknown");
  const answer = await good(b, "call:answer", { callId });
  assert.deepEqual([answer.producerId, answer.kind], [a.has.producerId, "audio"]);
  assert.equal((await a.push("call:answered")).data.producerId, b.has.producerId);
  return { a, b, callId };
}

test("what each side consumes is named by its answer, and nobody else may have it", async () => {
  const { a, b, callId } = await talking();
  const got = await consume(b, b.has.receive, a.has.producerId);
  assert.equal(got.success, true, JSON.stringify(got));
  assert.equal(got.id, got.consumerId);
  assert.equal(got.rtpParameters.codecs[0].payloadType, 100);
  assert.equal(got.rtpParameters.rtcp.cname, "test");
  assert.ok(got.rtpParameters.encodings[0].ssrc > 0);
  const thief = await line("1003");
  const own = await equipped(thief);
  assert.equal((await consume(thief, own.receive, a.has.producerId)).code, "producer-unknown");
  assert.equal((await consume(thief, b.has.receive, a.has.producerId)).code, "transport-unknown");
  const { stats } = await good(a, "webrtc:get-stats", { transportId: a.has.send });
  assert.equal(stats.dtlsState, "new");
  const { iceParameters } = await good(a, "webrtc:restart-ice", { transportId: a.has.send });
  assert.equal(iceParameters.iceLite, true);
  await good(a, "call:hangup", { callId });
  await b.push("call:ended");
  await until("the transports are closed", async () => {
    const answer = await a.ask("webrtc:get-stats", { transportId: a.has.send });
    return answer.code === "transport-unknown";
  });
});

test("what comes later is announced", async () => {
  const { a, b, callId } = await talking();
  await good(a, "webrtc:produce", {
    transportId: a.has.send,
    kind: "video",
    rtpParameters: {
      codecs: [{ mimeType: "video/VP8", payloadType: 96, clockRate: 90000 }],
      encodings: [{ ssrc: 77 }],
    },
  });
  const { data } = await b.push("webrtc:new-producer");
  assert.deepEqual([data.callId, data.kind], [callId, "video"]);
  await good(a, "call:hangup", { callId });
});

test("after kill -9 both are told that their transports are gone, and have 30 s", async () => {
  const { a, b, callId } = await talking();
  await server.kill9();
  await server.up();
  const back = (was) => `&resume=${was.hello.resume_token}&position=${was.hello.position}`;
  const again = await Promise.all([line("1001", back(a)), line("1002", back(b))]);
  const from = Date.now();
  for (const each of again) {
    assert.equal(each.hello.resumed, true);
    const { data } = await each.push("webrtc:transport-lost");
    assert.deepEqual(data, { callId, reason: "restarted" });
    await equipped(each); // joins the call by itself, but never finishes DTLS
  }
  const ended = await until(
    "the call ends",
    () => again[0].drain("call:ended").at(0) ?? again[1].drain("call:ended").at(0),
    50_000,
  );
  assert.equal(ended.data.reason, "device_lost");
  assert.ok(Date.now() - from > 25_000, `after ${Date.now() - from} ms`);
});
