// A call is handed over, at once or after asking.
import assert from "node:assert/strict";
import { silent, talking } from "./phone_page.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();

async function threePhonesTwoTalking(w) {
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  const c = await w.phone("1002", "C");
  await a.dial("1001");
  await b.rings();
  await b.answer();
  await talking(a, b);
  return [a, b, c];
}

async function endsWithOneRecord(w, a, c) {
  await a.hangup();
  await Promise.all([a.over("hangup"), c.over("hangup")]);
  const record = await w.server.onlyRecord("1000");
  assert.deepEqual([record.caller, record.callee, record.transferred_to], ["1000", "1001", "1002"]);
}

inWorld("a blind transfer joins the other two, and the transferor is out", async (w) => {
  const [a, b, c] = await threePhonesTwoTalking(w);
  await b.transfer("1002", "blind");
  await c.rings();
  await c.answer();
  await b.over("transferred");
  await talking(a, c);
  await a.until("shows the new number", async () => (await a.number()) === "1002");
  assert.equal(await c.number(), "1000");
  await a.get("hold").click();
  await Promise.all([a.held(true), c.held(true)]);
  await silent(a, c);
  await a.get("unhold").click();
  await talking(a, c);
  await endsWithOneRecord(w, a, c);
});

inWorld("a blind transfer to somebody who rejects leaves the call as it was", async (w) => {
  const [a, b, c] = await threePhonesTwoTalking(w);
  await b.transfer("1002", "blind");
  await c.rings();
  await c.get("reject").click();
  await b.until("shows why", async () => (await b.get("transfer-error").count()) === 1);
  await talking(a, b);
  await b.hangup();
  await a.over("hangup");
});

inWorld(
  "a warm transfer: the other side waits, the two talk, then the hang-up joins",
  async (w) => {
    const [a, b, c] = await threePhonesTwoTalking(w);
    await b.transfer("1002", "warm");
    await c.rings();
    await a.held(true);
    await c.answer();
    await talking(b, c);
    await silent(a);
    await b.get("transfer-complete").click();
    await b.over("transferred");
    await talking(a, c);
    await a.held(false);
    await endsWithOneRecord(w, a, c);
  },
);

inWorld("a warm transfer that is cancelled gives the first call back", async (w) => {
  const [a, b, c] = await threePhonesTwoTalking(w);
  await b.transfer("1002", "warm");
  await c.rings();
  await c.answer();
  await talking(b, c);
  await b.get("transfer-cancel").click();
  await c.until("is free again", async () => (await c.get("call-card").count()) === 0);
  await b.until("is back in the call", async () => (await b.get("transfer-cancel").count()) === 0);
  await a.held(false);
  await talking(a, b);
  await a.hangup();
  await b.over("hangup");
});
