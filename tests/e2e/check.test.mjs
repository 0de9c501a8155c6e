// The page that checks this computer, against a healthy server and against none.
import assert from "node:assert/strict";
import { until } from "./until.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();

async function openCheck(w) {
  const context = await w.browser.newContext();
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(`${w.server.url}/check`);
  return page;
}

async function rows(page) {
  const found = await page.getByTestId("check-row").all();
  const entries = await Promise.all(
    found.map(async (row) => [
      await row.getAttribute("data-step"),
      {
        state: await row.getAttribute("data-state"),
        say: await row.getByTestId("check-sentence").textContent(),
      },
    ]),
  );
  return Object.fromEntries(entries);
}

async function signIn(page) {
  await page.getByTestId("login-username").fill("1000");
  await page.getByTestId("login-password").fill("password");
  await page.getByTestId("login-submit").click();
}

inWorld("every step passes on a healthy machine, the echo call included", async (w) => {
  const page = await openCheck(w);
  await signIn(page);
  const verdict = () => page.getByTestId("check-summary").getAttribute("data-state");
  await until("the check is over", async () => (await verdict()) !== "running", 60_000);
  const seen = await rows(page);
  assert.deepEqual(
    Object.entries(seen).filter(([, row]) => row.state !== "ok"),
    [],
  );
  assert.equal(await verdict(), "ok");
  for (const [step, row] of Object.entries(seen)) {
    assert.match(row.say, /^[A-Z].*\.$/s, `${step} says a sentence`);
  }
  assert.match(seen.echo.say, /came back/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
  await until(
    "the check leaves no device and no call behind",
    async () => {
      const token = await w.server.login("admin");
      const { body } = await w.server.request("GET", "/protected/extensions/connected", { token });
      return body.extensions.length === 0;
    },
    40_000,
  );
});

inWorld("a dead server and a wrong password each get their own sentence", async (w) => {
  const page = await openCheck(w);
  await until("the server step is over", async () => (await rows(page)).server.state === "ok");
  await page.getByTestId("login-username").fill("1000");
  await page.getByTestId("login-password").fill("nonsense");
  await page.getByTestId("login-submit").click();
  assert.match(await page.getByTestId("login-error").textContent(), /wrong/);
  await w.server.kill9();
  await signIn(page);
  await until("the sentence names the server", async () =>
    /cannot be reached/.test(await page.getByTestId("login-error").textContent()),
  );
  await page.context().close();
});
