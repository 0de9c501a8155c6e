// The gateway guide's client (seed 003), its functions unchanged, with the stock clients of
// Socket.IO and mediasoup, in Chromium: everything that a call can do, over every transport.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayPage, guide } from "./gateway_page.mjs";
import { noSeeds } from "./seed_text.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();
const options = { args: ["--media-port", "0"] };

function gatewayTest(name, body) {
  if (!guide) return test(name, { skip: noSeeds }, () => {});
  return inWorld(
    name,
    async (w) => {
      const pages = [];
      w.agent = async (username, transports) => {
        const page = await GatewayPage.open(w.browser, w.server, username, transports);
        pages.push(page);
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
    options,
  );
}

async function talk(a, b, number) {
  const id = await a.do("makeCall", number);
  assert.equal((await b.rings()).callId, id);
  await b.do("answerCall", id);
  await a.told("call:answered", (each) => each.callId === id && each.producerId);
  await Promise.all([a.hears(), b.hears()]);
  return id;
}

async function figures(w) {
  const text = await (
    await fetch(`http://127.0.0.1:${w.server.port}/metrics`, {
      headers: { Authorization: `Bearer ${await w.server.login("admin")}` },
    })
  ).text();
  return Number(/^strowger_media_transports(?:{[^}]*})? (\d+)/m.exec(text)?.[1] ?? -1);
}

for (const [name, transports, ends] of [
  ["WebSocket", ["websocket"], "websocket"],
  ["polling with upgrade", ["polling", "websocket"], "websocket"],
  ["polling only", ["polling"], "polling"],
]) {
  gatewayTest(
    `two agents talk, hold, mute, send digits, hang up and call again: ${name}`,
    async (w) => {
      const a = await w.agent("1001", transports);
      const b = await w.agent("1002", transports);
      const id = await talk(a, b, "1002");
      await a.until(`uses ${ends}`, async () => (await a.transport()) === ends);

      await a.do("holdCall", id);
      await b.told("call:held", (each) => each.isOnHold);
      await Promise.all([a.hearsNothing(), b.hears("the music")]); // and no more: sound.test.mjs
      await a.do("unholdCall", id);
      await b.told("call:held", (each) => !each.isOnHold);
      await Promise.all([a.hears("after the hold"), b.hears("after the hold")]);

      await a.do("muteCall", id, true);
      await b.told("call:peer-muted", (each) => each.isMuted);
      await b.hearsNothing();
      await a.hears("while muted itself");
      await a.do("muteCall", id, false);
      await b.hears("after the mute");
      assert.deepEqual((await a.seen()).muted, [true, false]);

      await a.do("sendDTMF", id, "5");
      const digit = await b.told("call:dtmf");
      assert.equal(digit.tone, "5");

      await a.do("hangupCall", id);
      const ended = await b.told("call:ended", (each) => each.callId === id);
      assert.equal(ended.reason, "hangup");
      const again = await talk(b, a, "1001");
      assert.notEqual(again, id);
      await b.do("hangupCall", again);
      await a.told("call:ended", (each) => each.callId === again);
      await a.until("all transports are closed", async () => (await figures(w)) === 0);
    },
  );
}

gatewayTest("a blind transfer: who stays hears the new party on the same consumer", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const c = await w.agent("1003");
  const id = await talk(a, b, "1002");
  await b.do("transferCall", id, "1003", "blind");
  await c.rings();
  await c.do("answerCall", id);
  await b.told("call:transferred", (each) => each.target === "1003");
  await Promise.all([a.hears("the target"), c.hears("the one who stayed")]);
  assert.ok(!(await a.seen()).told.some((each) => each.name === "webrtc:new-producer"));
  await a.do("hangupCall", id);
  await c.told("call:ended");
  await a.until("all transports are closed", async () => (await figures(w)) === 0);
});

gatewayTest("a warm transfer: consulting first, then the other two talk", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const c = await w.agent("1003");
  const id = await talk(a, b, "1002");
  await b.do("transferCall", id, "1003", "warm");
  await c.rings();
  await c.do("answerCall", id);
  await Promise.all([b.hears("the target"), c.hears("the transferor")]);
  await a.hears("the music");
  await b.do("hangupCall", id);
  await Promise.all([a.hears("the target"), c.hears("the one who stayed")]);
  await c.do("hangupCall", id);
  await a.told("call:ended");
});

gatewayTest("a failed dial leaks no transport", async (w) => {
  const a = await w.agent("1001");
  await assert.rejects(a.do("makeCall", "4711"), /Target extension not found/);
  await assert.rejects(a.do("makeCall", "1002"), /Target user is not online/);
  await a.until("all transports are closed", async () => (await figures(w)) === 0);
  const b = await w.agent("1002");
  await a.do("hangupCall", await talk(a, b, "1002"));
});

gatewayTest("a page that goes away without a word ends its call within ten seconds", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const id = await talk(a, b, "1002");
  const from = Date.now();
  await b.page.close();
  const ended = await a.told("call:ended", (each) => each.callId === id);
  assert.equal(ended.reason, "device_lost");
  assert.ok(Date.now() - from < 14_000, `after ${Date.now() - from} ms`);
});

gatewayTest("video and a shared screen appear on the other page", async (w) => {
  const a = await w.agent("1001");
  const b = await w.agent("1002");
  const id = await talk(a, b, "1002");
  const pixels = async (page) => {
    await page.until("sees frames", () =>
      page.page.evaluate(() =>
        [...document.querySelectorAll("video")].some(
          (each) => each.videoWidth > 0 && each.getVideoPlaybackQuality().totalVideoFrames > 10,
        ),
      ),
    );
  };
  await a.page.evaluate(async () => {
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    await window.phone.send(camera.getVideoTracks()[0]);
  });
  await b.told("webrtc:new-producer", (each) => each.kind === "video");
  await pixels(b);
  await b.page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    setInterval(() => pen.fillRect(Math.random() * 300, Math.random() * 150, 9, 9), 50);
    await window.phone.send(canvas.captureStream(15).getVideoTracks()[0]);
  });
  await a.told("webrtc:new-producer", (each) => each.kind === "video");
  await pixels(a);
  await Promise.all([a.hears("beside the video"), b.hears("beside the video")]);
  await a.do("hangupCall", id);
});
