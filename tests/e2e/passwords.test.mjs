// The sample password of --dev ends where the network begins.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { ask, Started } from "./process.mjs";
import { freePort } from "./server.mjs";

const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function place() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "strowger-e2e-"));
  folders.push(folder);
  const port = await freePort();
  const common = ["--data", path.join(folder, "data"), "--port", String(port), "--stun-port", "0"];
  const start = (args, env) => new Started(["serve", ...args, ...common], env);
  const login = async (username, password, tls = false) =>
    (await ask(port, "POST", "/api/login", { body: { username, password }, tls })).status;
  return { start, login };
}

const secret = { JWT_SECRET: "Zr8_kQ2vXw7LmT4pYb9HnC6dJs3FgA1eUo5Ri0-" };
const chosen = "chosen-by-hand-77";

test("--lan on a folder of --dev prints the password that works, and the sample one does not", async () => {
  const { start, login } = await place();
  const dev = await start(["--dev"]).ready();
  assert.match(dev.out, /admin \/ password /);
  assert.equal(await login("1000", "password"), 200);
  await dev.stop();

  const lan = await start(["--dev", "--lan"]).ready();
  const [, printed] = lan.out.match(/admin \/ (\S+)/);
  assert.notEqual(printed, "password");
  for (const name of ["admin", "1000", "1020"]) {
    assert.equal(await login(name, "password", true), 401, name);
    assert.equal(await login(name, printed, true), 200, name);
  }
  await lan.stop();

  const again = await start(["--dev", "--lan"]).ready();
  assert.doesNotMatch(again.out, /(admin|1020) \/ /, "what was set earlier is not printed");
  assert.match(again.out, /earlier start set \(ADMIN_PASSWORD=/);
  assert.equal(await login("admin", printed, true), 200);
  await again.stop();

  const anew = await start(["--dev", "--lan"], { ADMIN_PASSWORD: chosen }).ready();
  assert.match(anew.out, new RegExp(`1000 to 1020 / ${chosen}`));
  assert.equal(await login("1000", chosen, true), 200);
  assert.equal(await login("admin", printed, true), 401);
  await anew.stop();
});

test("a server without --dev refuses a folder with sample passwords, or locks the samples", async () => {
  const { start, login } = await place();
  await (await start(["--dev"]).ready()).stop();

  const refused = start([], secret);
  assert.equal(await refused.ended, 78, refused.out);
  assert.match(refused.out, /password of admin, 1000 to 1020/);
  assert.doesNotMatch(refused.out, /is ready/);

  const server = start([], { ...secret, ADMIN_PASSWORD: chosen });
  for (let tries = 0; !server.out.includes("is ready") && tries < 300; ++tries)
    await new Promise((next) => setTimeout(next, 50));
  assert.equal(await login("admin", chosen), 200, server.out);
  assert.equal(await login("admin", "password"), 401);
  assert.equal(await login("1000", "password"), 401);
  assert.equal(await server.stop(), 0);
  assert.doesNotMatch(server.out, new RegExp(chosen));
});

test("--dev alone cannot listen on the network, and --lan takes no weak password", async () => {
  const { start } = await place();
  assert.equal(await start(["--dev", "--listen", "0.0.0.0"]).ended, 78);
  const weak = start(["--dev", "--lan"], { ADMIN_PASSWORD: "password" });
  assert.equal(await weak.ended, 78, weak.out);
});
