// The server is killed with SIGKILL and started again on the same data folder.
import assert from "node:assert/strict";
import { silent, talking } from "./phone_page.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();
const everywhere = (phones, what) => Promise.all(phones.map(what));

inWorld(
  "killed in mid-call: the sound goes on, devices resume, hold and hang-up work",
  async (w) => {
    const a = await w.phone("1000", "A");
    const b = await w.phone("1001", "B");
    const devices = await everywhere([a, b], (phone) => phone.device());
    await a.dial("1001");
    await b.rings();
    await b.answer();
    await a.phase("answered");
    const answeredAt = Date.now();
    await talking(a, b);

    await w.server.kill9();
    await everywhere([a, b], (phone) => phone.banner("reconnecting"));
    await talking(a, b);
    await everywhere([a, b], (phone) => phone.phase("answered"));

    await w.server.up();
    await everywhere([a, b], (phone) => phone.online());
    assert.deepEqual(await everywhere([a, b], (phone) => phone.device()), devices);
    await talking(a, b);

    await b.get("hold").click();
    await everywhere([a, b], (phone) => phone.held(true));
    await silent(a, b);
    await b.get("unhold").click();
    await everywhere([a, b], (phone) => phone.held(false));
    await talking(a, b);

    const spoken = Date.now() - answeredAt;
    await a.hangup();
    await Promise.all([a.over("hangup"), b.over("hangup")]);
    const record = await w.server.onlyRecord("1000");
    assert.deepEqual([record.caller, record.callee], ["1000", "1001"]);
    assert.equal(record.duration_ms, Date.parse(record.ended_at) - Date.parse(record.answered_at));
    assert.ok(Math.abs(record.duration_ms - spoken) < 3_000, `${record.duration_ms} ~ ${spoken}`);
  },
);

inWorld("a hang-up pressed while the server is dead takes effect when it is back", async (w) => {
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  await b.answer();
  await talking(a, b);
  await w.server.kill9();
  await everywhere([a, b], (phone) => phone.banner("reconnecting"));
  await a.hangup();
  await w.server.up();
  await Promise.all([a.over("hangup", 40_000), b.over("hangup", 40_000)]);
  assert.equal((await w.server.onlyRecord("1001")).cause, "hangup");
});

inWorld("killed while ringing: the call still rings and can be answered", async (w) => {
  const a = await w.phone("1000", "A");
  const b1 = await w.phone("1001", "B first device");
  const b2 = await w.phone("1001", "B second device");
  await a.dial("1001");
  await everywhere([b1, b2], (phone) => phone.rings("1000"));
  const callId = await a.callId();
  await w.server.kill9();
  await everywhere([a, b1, b2], (phone) => phone.banner("reconnecting"));
  await w.server.up();
  await everywhere([a, b1, b2], (phone) => phone.online());
  await everywhere([b1, b2], (phone) => phone.rings("1000"));
  await b2.answer();
  await Promise.all([a.phase("answered"), b1.over("answered_elsewhere")]);
  assert.equal(await b2.callId(), callId);
  await talking(a, b2);
  await a.hangup();
  await b2.over("hangup");
  assert.equal((await w.server.onlyRecord("1000")).call_id, callId);
});

async function ringsForWhatWasLeft(w) {
  const token = await w.server.login("1000");
  const config = await w.server.request("GET", "/api/webrtc/phone-config", { token });
  const ringMs = config.body?.ring_timeout_ms ?? 30_000;
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  const rangAt = Date.now();
  await w.server.kill9();
  await everywhere([a, b], (phone) => phone.banner("reconnecting"));
  await w.server.up();
  await everywhere([a, b], (phone) => phone.online());
  await b.rings();
  await Promise.all([a.over("no_answer", ringMs + 10_000), b.over("no_answer", ringMs + 10_000)]);
  const rang = Date.now() - rangAt;
  assert.ok(rang > ringMs - 3_000 && rang < ringMs + 5_000, `rang ${rang} ms of ${ringMs} ms`);
  const record = await w.server.onlyRecord("1000");
  assert.deepEqual(
    [record.cause, record.answered_at ?? null, record.duration_ms],
    ["no_answer", null, 0],
  );
}

const short = { env: { RING_TIMEOUT_MS: "15000" } };
inWorld("killed while ringing: the ring time goes on with what was left", ringsForWhatWasLeft, short);
