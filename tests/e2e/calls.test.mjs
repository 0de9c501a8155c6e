// Two real browsers call each other: ringing, answering, hold, mute, keypad, hang-up, the record.
import assert from "node:assert/strict";
import { silent, talking } from "./phone_page.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();

inWorld(
  "two devices ring, one answers, sound flows both ways, hold stops it, one record",
  async (w) => {
    const a = await w.phone("1000", "A");
    const b1 = await w.phone("1001", "B first device");
    const b2 = await w.phone("1001", "B second device");
    assert.notEqual(await b1.device(), await b2.device());

    await a.dial("1001");
    await Promise.all([b1.rings("1000"), b2.rings("1000"), a.phase("ringing")]);
    const callId = await a.callId();
    assert.equal(await b1.callId(), callId);
    await b1.answer();
    await Promise.all([a.phase("answered"), b1.phase("answered"), b2.over("answered_elsewhere")]);
    const answeredAt = Date.now();
    await talking(a, b1);

    await a.get("hold").click();
    await Promise.all([a.held(true), b1.held(true)]);
    await silent(a, b1);
    await a.get("unhold").click();
    await Promise.all([a.held(false), b1.held(false)]);
    await talking(a, b1);

    const spoken = Date.now() - answeredAt;
    await b1.hangup();
    await Promise.all([a.over("hangup"), b1.over("hangup")]);
    const record = await w.server.onlyRecord("1000");
    assert.equal(record.call_id, callId);
    assert.deepEqual([record.caller, record.callee], ["1000", "1001"]);
    assert.equal(record.answered_by, await b1.device());
    assertDuration(record, spoken);

    await a.get("history-refresh").click();
    const row = a.get("history-row");
    await a.until("the record is on the page", async () => (await row.count()) === 1);
    assert.equal(Number(await row.getAttribute("data-duration-ms")), record.duration_ms);
  },
);

inWorld("mute silences one side only, and digits reach the other side", async (w) => {
  const a = await w.phone("1000", "A");
  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  await b.answer();
  await talking(a, b);

  await a.get("mute").click();
  await a.until(
    "shows muted",
    async () => (await a.attribute("call-card", "data-muted")) === "true",
  );
  await b.until("energy stands still", async () => {
    const before = await b.audio();
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than the beep's period
    return (await b.audio()).energy - before.energy < 1e-6;
  });
  await a.hears();
  await a.get("mute").click();
  await b.hears();

  await a.get("keys").click();
  for (const key of ["4", "2", "hash"]) await a.get(`dtmf-${key}`).click();
  await b.until("shows the digits", async () => {
    const shown = b.get("received-digits");
    return (await shown.count()) === 1 && (await shown.textContent()) === "42#";
  });
  await a.hangup();
  await Promise.all([a.over("hangup"), b.over("hangup")]);
});

inWorld("a call can be rejected, cancelled, and refused with a clear sentence", async (w) => {
  const a = await w.phone("1000", "A");
  await a.dial("1001");
  await a.until("says that nobody is there", async () =>
    /nobody is signed in|no connected device/i.test(await a.get("error-message").textContent()),
  );
  await a.dial("4711");
  await a.until("says that there is no such extension", async () =>
    /no such extension/i.test(await a.get("error-message").textContent()),
  );

  const b = await w.phone("1001", "B");
  await a.dial("1001");
  await b.rings();
  await b.get("reject").click();
  await a.over("rejected");

  await a.dial("1001");
  await b.rings();
  await a.hangup();
  await Promise.all([a.over("cancelled"), b.over("caller_cancelled")]);

  const causes = (await w.server.history("1000")).map((row) => row.cause);
  assert.deepEqual(causes.slice(0, 2), ["cancelled", "rejected"]);
});

inWorld("presence follows the devices", async (w) => {
  const a = await w.phone("1000", "A");
  const status = (extension) =>
    a.page
      .locator(`[data-testid=presence-row][data-extension="${extension}"]`)
      .getAttribute("data-status");
  assert.equal(await status("1001"), "offline");
  const b = await w.phone("1001", "B");
  await a.until("B is online", async () => (await status("1001")) === "online");
  await b.get("logout").click();
  await a.until("B is offline", async () => (await status("1001")) === "offline");
  assert.equal(await b.get("login-form").count(), 1);
});

inWorld("labels and the keyboard are enough to make and take a call", async (w) => {
  const b = await w.phone("1001", "B");
  const page = await w.browser.newPage();
  await page.goto(w.server.url);
  await page.getByLabel("User name").fill("1000");
  await page.getByLabel("Password").fill("password");
  await page.keyboard.press("Enter");
  const number = page.getByLabel("Number");
  await number.waitFor();
  await page.locator('[data-testid="banner"][data-state="online"]').waitFor({ state: "attached" });
  await number.fill("1001");
  await page.keyboard.press("Enter");
  await b.rings("1000");
  assert.equal(await b.page.title(), "1000 calls - Strowger");
  await b.page.getByRole("button", { name: "Answer" }).press("Enter");
  await page.getByRole("button", { name: "Hang up" }).press("Enter");
  await b.over("hangup");
  await page.close();
});

inWorld("a wrong password is refused with a sentence", async (w) => {
  const page = await w.browser.newPage();
  await page.goto(w.server.url);
  await page.getByTestId("login-username").fill("1000");
  await page.getByTestId("login-password").fill("wrong");
  await page.getByTestId("login-submit").click();
  assert.match(await page.getByTestId("login-error").textContent(), /wrong/);
  await page.close();
});

function assertDuration(record, spokenMs) {
  const exact = Date.parse(record.ended_at) - Date.parse(record.answered_at);
  assert.equal(record.duration_ms, exact);
  assert.ok(
    Math.abs(record.duration_ms - spokenMs) < 3_000,
    `recorded ${record.duration_ms} ms, spoken about ${spokenMs} ms`,
  );
}
