// A page is reloaded: it comes back as the same device, with new media for its calls.
import assert from "node:assert/strict";
import { silent, talking } from "./phone_page.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();

async function reload(phone) {
  const device = await phone.device();
  await phone.page.reload();
  await phone.online();
  assert.equal(await phone.device(), device, "the same device as before");
}

inWorld("either page is reloaded in a call, then both at once: the sound comes back", async (w) => {
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  await b.answer();
  await talking(a, b);
  for (const phones of [[a], [b], [a, b]]) {
    await Promise.all(phones.map(reload));
    await Promise.all([a.phase("answered"), b.phase("answered")]);
    await talking(a, b);
  }
  await b.get("hold").click();
  await Promise.all([a.held(true), b.held(true)]);
  await silent(a, b);
  await reload(a);
  await a.held(true);
  await b.get("unhold").click();
  await talking(a, b);
  await a.hangup();
  await Promise.all([a.over("hangup"), b.over("hangup")]);
  assert.equal((await w.server.history("1000")).length, 1);
});

inWorld(
  "both pages are reloaded while it rings: it still rings, and the answer brings sound",
  async (w) => {
    const a = await w.phone("1000", "A");
    const b = await w.phone("1001", "B");
    await a.dial("1001");
    await b.rings();
    await reload(a);
    await a.phase("ringing");
    await reload(b);
    await b.rings("1000");
    await b.answer();
    await talking(a, b);
    await b.hangup();
    await a.over("hangup");
  },
);

inWorld("a copied tab is a device of its own", async (w) => {
  const a = await w.phone("1000", "A");
  const saved = await a.page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.doesNotMatch(saved, /resume/);
});

async function closedPage(w) {
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  await b.answer();
  await talking(a, b);
  await b.close();
  await a.over("device_lost", 40_000);
  assert.equal((await w.server.onlyRecord("1000")).cause, "device_lost");
}

const graceOf5s = { env: { DEVICE_GRACE_MS: "5000" } };
inWorld("a page that is closed in a call ends it after the grace time", closedPage, graceOf5s);
