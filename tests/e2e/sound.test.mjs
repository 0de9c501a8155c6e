// Sound that is no caller's: the music on hold, and recordings, with the guide's own client (seed
// 003) in Chromium. Each agent speaks one steady tone, so that a spectrum says who is heard.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { GatewayPage, guide } from "./gateway_page.mjs";
import { noSeeds } from "./seed_text.mjs";
import { until } from "./until.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();
const tones = { 1001: 1000, 1002: 1300, 1003: 1700 };
const music = [440, 550, 660, 880];

function soundTest(name, body) {
  if (!guide) return test(name, { skip: noSeeds }, () => {});
  return inWorld(
    name,
    async (w) => {
      const pages = [];
      w.agent = async (username) => {
        const page = await GatewayPage.open(w.browser, w.server, username);
        pages.push(page);
        await page.page.evaluate(speaking, tones[username]);
        return page;
      };
      try {
        await body(w);
        for (const page of pages) page.assertNoErrors();
      } catch (error) {
        for (const page of pages) console.error(`${page.name}: ${await page.shown()}`);
        throw error;
      } finally {
        await Promise.allSettled(pages.map((page) => page.close()));
      }
    },
    { args: ["--media-port", "0"] },
  );
}

// In the page: its microphone is a tone.
function speaking(hz) {
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency: hz });
    const out = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(out);
    tone.start();
    return out.stream;
  };
}

// In the page: the loudest that each of these frequencies was, in decibels.
async function listening(wanted) {
  const context = new AudioContext({ sampleRate: 48000 });
  const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
  const stream = document.getElementById("remote-audio").srcObject;
  context.createMediaStreamSource(stream).connect(analyser);
  const now = new Float32Array(analyser.frequencyBinCount);
  const most = wanted.map(() => -200);
  await new Promise((resolve) => setTimeout(resolve, 600)); // a window that holds nothing older
  for (let i = 0; i < 25; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    analyser.getFloatFrequencyData(now);
    wanted.forEach((hz, k) => {
      const bin = Math.round((hz * 16384) / 48000);
      for (let b = bin - 3; b <= bin + 3; ++b) most[k] = Math.max(most[k], now[b]);
    });
  }
  await context.close();
  return most;
}

const heard = (page, wanted) => page.page.evaluate(listening, wanted);

// In the page: a file's length in seconds, and how much of it is each of these frequencies (0..1).
async function decoding([bytes, wanted]) {
  const context = new OfflineAudioContext(1, 48000, 48000);
  const sound = await context.decodeAudioData(new Uint8Array(bytes).buffer);
  const samples = sound.getChannelData(0);
  const total = samples.reduce((sum, x) => sum + x * x, 0) || 1e-12;
  const share = wanted.map((hz) => {
    // Goertzel, by parts of 0.1 s: a tone that is interrupted stays one.
    let power = 0;
    const step = 4800;
    for (let at = 0; at + step <= samples.length; at += step) {
      const k = 2 * Math.cos((2 * Math.PI * hz) / sound.sampleRate);
      let a = 0;
      let b = 0;
      for (let i = at; i < at + step; ++i) [a, b] = [samples[i] + k * a - b, a];
      power += ((a * a + b * b - k * a * b) * 2) / step;
    }
    return power / total;
  });
  return { seconds: sound.duration, share };
}

async function talk(a, b, number) {
  const id = await a.do("makeCall", number);
  await b.rings();
  await b.do("answerCall", id);
  await a.told("call:answered", (each) => each.callId === id && each.producerId);
  await Promise.all([a.hears(), b.hears()]);
  return id;
}

async function download(server, token, call, file) {
  const at = `http://127.0.0.1:${server.port}/api/calls/${call}/recording/${file.file}`;
  const answer = await fetch(at, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(bytes.length, file.bytes);
  assert.equal(createHash("sha256").update(bytes).digest("hex"), file.sha256);
  assert.equal(answer.headers.get("etag"), `"${file.sha256}"`);
  return [...bytes];
}

async function filed(server, token, call, count) {
  let list;
  await until(`${count} files are in the log`, async () => {
    list = await server.request("GET", `/api/calls/${call}/recording`, { token });
    return list.body.files?.length >= count;
  });
  assert.equal(list.body.files.length, count);
  return list.body;
}

soundTest("who is held hears the music and nobody hears anything else", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const id = await talk(a, b, "1002");
  assert.ok((await heard(b, [tones[1001]]))[0] > -50, "b hears a's tone");

  await a.do("holdCall", id);
  await b.told("call:held", (each) => each.isOnHold);
  await b.hears("the music");
  const [voice, ...notes] = await heard(b, [tones[1001], ...music]);
  assert.ok(Math.max(...notes) > -55, `the music is there: ${notes}`);
  assert.ok(voice < Math.max(...notes) - 25, `and a is not: ${voice}, ${notes}`);
  await a.hearsNothing();

  await a.do("unholdCall", id);
  await b.told("call:held", (each) => !each.isOnHold);
  await Promise.all([a.hears("b again"), b.hears("a again")]);
  const [after, ...gone] = await heard(b, [tones[1001], ...music]);
  assert.ok(after > -50 && Math.max(...gone) < after - 25, `a and no music: ${after}, ${gone}`);
  await a.do("hangupCall", id);
});

soundTest("a warm transfer: who waits hears the music, then the target", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const c = await w.agent("1003");
  const id = await talk(a, b, "1002");
  await b.do("transferCall", id, "1003", "warm");
  await c.rings();
  await c.do("answerCall", id);
  await Promise.all([b.hears("the target"), c.hears("the transferor")]);
  const [theirs, target, ...notes] = await heard(a, [tones[1002], tones[1003], ...music]);
  assert.ok(Math.max(theirs, target) < Math.max(...notes) - 25, `${theirs}, ${target}, ${notes}`);
  await b.do("hangupCall", id);
  await Promise.all([a.hears("the target"), c.hears("the one who stayed")]);
  const [there, ...gone] = await heard(a, [tones[1003], ...music]);
  assert.ok(there > -50 && Math.max(...gone) < there - 25, `${there}, ${gone}`);
  await c.do("hangupCall", id);
});

soundTest("a recording has a file per leg, without what was paused or held", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const id = await talk(a, b, "1002");
  const record = (page, data) => page.do("ask", "call:record", { callId: id, ...data });
  await assert.rejects(record(b, { action: "start" }), /consent-missing/);
  await record(b, { action: "start", consent: "given" });
  for (const page of [a, b]) {
    const told = await page.told("call:recording", (each) => each.state === "started");
    assert.deepEqual([told.by, told.consent, told.recordingId], ["1002", "given", 1]);
  }
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(3_000);
  await record(a, { action: "pause" });
  await pause(2_000);
  await record(a, { action: "resume" });
  await pause(1_000);
  const token = await w.server.login("1001");
  const stop = await w.server.request("POST", `/api/calls/${id}/recording`, {
    token,
    body: { action: "stop" },
  });
  assert.equal(stop.status, 200, JSON.stringify(stop.body));
  const stopped = await b.told("call:recording", (each) => each.state === "stopped");
  assert.equal(stopped.reason, "asked");

  const list = await filed(w.server, token, id, 2);
  assert.equal(list.state, "stopped");
  for (const file of list.files) {
    const bytes = await download(w.server, token, id, file);
    const mine = file.leg === 1 ? 1001 : 1002;
    const other = file.leg === 1 ? 1002 : 1001;
    const found = await a.page.evaluate(decoding, [bytes, [tones[mine], tones[other]]]);
    assert.ok(found.seconds > 3.2 && found.seconds < 5, `${found.seconds} s`);
    assert.ok(Math.abs(found.seconds * 1000 - file.duration_ms) < 120, `${file.duration_ms} ms`);
    assert.ok(found.share[0] > 0.5 && found.share[1] < 0.05, `${found.share}`);
  }
  const stranger = await w.server.login("1003");
  for (const at of ["", `/${list.files[0].file}`]) {
    const refused = await w.server.request("GET", `/api/calls/${id}/recording${at}`, {
      token: stranger,
    });
    assert.equal(refused.body.code, "call-unknown");
  }
  const admin = await w.server.login("admin");
  await download(w.server, admin, id, list.files[0]);
  const none = await w.server.request("GET", `/api/calls/${id}/recording/none.opus`, { token });
  assert.equal(none.body.code, "recording-unknown");

  await record(a, { action: "start", consent: "not_required" });
  await pause(500);
  await a.do("hangupCall", id);
  const ended = await b.told("call:recording", (each) => each.reason === "call_ended");
  assert.equal(ended.recordingId, 2);
  await filed(w.server, token, id, 4);
});

soundTest("after kill -9 the recording is there, readable and proved", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const id = await talk(a, b, "1002");
  await a.do("ask", "call:record", { callId: id, action: "start", consent: "given" });
  await new Promise((resolve) => setTimeout(resolve, 4_500));
  await w.server.kill9();
  await w.server.up();
  const token = await w.server.login("1001");
  const list = await filed(w.server, token, id, 2);
  assert.equal(list.state, "stopped");
  for (const file of list.files) {
    const bytes = await download(w.server, token, id, file);
    const mine = file.leg === 1 ? 1001 : 1002;
    const found = await a.page.evaluate(decoding, [bytes, [tones[mine]]]);
    assert.ok(found.seconds > 2.5 && found.share[0] > 0.5, JSON.stringify(found));
  }
  const folder = path.join(w.server.data, "recordings", "default", id);
  await until("no file is open", () => {
    assert.ok(existsSync(folder));
    return readdirSync(folder).every((name) => !name.endsWith(".open"));
  });
  const told = await b.told("call:recording", (each) => each.state === "stopped");
  assert.equal(told.reason, "server_restarted");
  // The guide's client loads its device anew with every connection, and is told that it has one.
  for (const page of [a, b]) page.errors = page.errors.filter((each) => !/already loaded/.test(each));
});
