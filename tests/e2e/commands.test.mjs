// The commands beside `serve`, against a real server and its real data folder.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { Server, binary } from "./server.mjs";

function run(...args) {
  const done = spawnSync(binary, args, {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, SSL_CERT_FILE: "" },
  });
  return { code: done.status, out: done.stdout, all: done.stdout + done.stderr };
}

test("doctor finds nothing wrong with a fresh server, and says why a call would fail", async () => {
  const server = await Server.start();
  try {
    const at = ["--url", `http://127.0.0.1:${server.port}`];
    const who = ["--username", "admin", "--password", "password"];
    const whole = run("doctor", ...at, ...who);
    assert.equal(whole.code, 0, whole.all);
    assert.doesNotMatch(whole.out, /^failed/m);
    const call = run("doctor", ...at, ...who, "call", "1000", "1001");
    assert.equal(call.code, 1, call.all);
    assert.match(call.out, /no live device to call from/);
    const unknown = run("doctor", ...at, ...who, "call", "1000", "4711");
    assert.match(unknown.out, /Extension 4711 does not exist/);
  } finally {
    await server.stop();
  }
});

test("the log reads as JSON lines and folds to what the server held, also after kill -9", async () => {
  const server = await Server.start();
  try {
    await server.kill9();
    const first = run("replay", "--quiet", "--data", server.data);
    assert.equal(first.code, 0, first.all);
    await server.up();
    for (const wrong of [
      ["--kind", "nonsense"],
      ["--tag", "nonsense.v1"],
      ["--tenant", "A/B"],
      ["--since", "yesterday"],
    ])
      assert.equal(run("events", "--data", server.data, ...wrong).code, 64, wrong.join(" "));
    const log = run("events", "--data", server.data, "--kind", "agent");
    assert.equal(log.code, 0, log.all);
    const lines = log.out.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 22, "the admin and 21 sample agents");
    assert.ok(lines.every((line) => line.event === "agent.registered.v1"));
    assert.doesNotMatch(log.out, /admin@localhost|argon2id/, "personal fields stay sealed");
  } finally {
    await server.stop();
  }
});

test("config: the example is good, an unknown key is refused with its line", () => {
  assert.equal(run("config", "default").code, 0);
  assert.equal(run("serve", "--config", "/nowhere/config.yml").code, 78);
  const folder = run("serve", "--dev", "--config", tmpdir());
  assert.equal(folder.code, 78, "a folder is no file of settings");
  assert.match(folder.all, /is a folder, not a file/);
  const weak = run("serve");
  assert.equal(weak.code, 78, "no secrets outside --dev");
  assert.match(weak.all, /jwt_secret/);
});
