// What the server and `replay` say to a data folder that is damaged, full, or not whole.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { ask, Started } from "./process.mjs";
import { binary, freePort, Server } from "./server.mjs";
import { until } from "./until.mjs";

function run(...args) {
  const env = { ...process.env, SSL_CERT_FILE: "" };
  const done = spawnSync(binary, args, { encoding: "utf8", timeout: 60_000, env });
  return { code: done.status, all: done.stdout + done.stderr };
}

const startOn = (data) => run("serve", "--dev", "--data", data, "--port", "0", "--stun-port", "0");

function newestLog(data) {
  const folder = path.join(data, "log/db");
  const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
  return path.join(folder, files.sort().at(-1));
}

/** Where the log ends in its file: behind it are zeros, unless it was closed. */
function endOfLog(bytes) {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) --end;
  return end;
}

async function withEvents(signal, after_ms = 0) {
  const server = await Server.start();
  for (let number = 1000; number < 1010; ++number) await server.login(String(number));
  await new Promise((next) => setTimeout(next, after_ms));
  if (signal === "SIGKILL") await server.kill9();
  else await server.end(signal);
  return server;
}

test("a byte that flipped in the log is refused by the server and by replay, not forgotten", async () => {
  const server = await withEvents("SIGKILL");
  try {
    const file = newestLog(server.data);
    const bytes = readFileSync(file);
    bytes[endOfLog(bytes) >> 1] ^= 1;
    writeFileSync(file, bytes);
    const replay = run("replay", "--quiet", "--data", server.data);
    assert.equal(replay.code, 74, replay.all);
    const start = startOn(server.data);
    assert.equal(start.code, 74, start.all);
    assert.doesNotMatch(start.all, /is ready/);
  } finally {
    rmSync(server.data, { recursive: true });
  }
});

test("a log without its end is refused after kill -9, even without its mark", async () => {
  const server = await withEvents("SIGKILL", 3_000); // rows are written every second
  try {
    const file = newestLog(server.data);
    truncateSync(file, endOfLog(readFileSync(file)) >> 1);
    assert.match(startOn(server.data).all, /its end is lost/);
    assert.equal(run("replay", "--quiet", "--data", server.data).code, 74);
    unlinkSync(path.join(server.data, "log/DURABLE"));
    const replay = run("replay", "--quiet", "--data", server.data);
    assert.equal(replay.code, 1, replay.all);
    assert.match(replay.all, /which the log does not have/);
    const start = startOn(server.data);
    assert.equal(start.code, 74, start.all);
    assert.match(start.all, /but the stored picture shows \d+: its end is lost/);
  } finally {
    rmSync(server.data, { recursive: true });
  }
});

test("after a stop the log is in tables, and one that is missing is refused", async () => {
  const server = await withEvents("SIGTERM");
  try {
    const folder = path.join(server.data, "log/db");
    const tables = readdirSync(folder).filter((name) => name.endsWith(".sst"));
    assert.notEqual(tables.length, 0);
    for (const name of tables) {
      renameSync(path.join(folder, name), path.join(folder, `${name}.away`));
      for (const ran of [startOn(server.data), run("replay", "--quiet", "--data", server.data)])
        assert.equal(ran.code, 74, ran.all);
      renameSync(path.join(folder, `${name}.away`), path.join(folder, name));
    }
    assert.equal(run("replay", "--quiet", "--data", server.data).code, 0);
  } finally {
    rmSync(server.data, { recursive: true });
  }
});

test("replay compares live views and snapshots also after kill -9, and says which", async () => {
  const server = await Server.start();
  try {
    await server.login("1000");
    await new Promise((next) => setTimeout(next, 3_000)); // rows are written every second
    await server.kill9();
    const killed = run("replay", "--quiet", "--data", server.data);
    assert.equal(killed.code, 0, killed.all);
    assert.match(killed.all, /no difference, live views compared at position \d+, \d+ snapshots/);
  } finally {
    rmSync(server.data, { recursive: true });
  }
});

test("keys that are missing beside a log are not made anew", async () => {
  const server = await withEvents("SIGTERM");
  try {
    const keys = path.join(server.data, "keys.json");
    renameSync(keys, `${keys}.away`);
    const start = startOn(server.data);
    assert.equal(start.code, 74, start.all);
    assert.match(start.all, /keys\.json is missing/);
    assert.ok(!readdirSync(server.data).includes("keys.json"));
    renameSync(`${keys}.away`, keys);
    await server.up();
    await server.login("1000");
  } finally {
    await server.stop();
  }
});

test("a disk that runs full ends the server with a sentence, and nothing acknowledged is lost", (t) =>
  onSmallDisk(t, fillWhileItRuns));
test("a stop on a full disk is a stop", (t) => onSmallDisk(t, stopWhenItIsFull));

async function onSmallDisk(t, work) {
  const disk = mkdtempSync(path.join(os.tmpdir(), "strowger-e2e-full-"));
  const mounted =
    process.getuid() === 0 &&
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=60m", "none", disk]).status === 0;
  if (!mounted) {
    rmSync(disk, { recursive: true });
    return t.skip("a small disk is a mount, and this user may not mount");
  }
  try {
    await work(disk);
  } finally {
    spawnSync("umount", ["--lazy", disk]); // also when something went wrong and still runs
    rmSync(disk, { recursive: true });
  }
}

// Tables for a quick start find no room: the log has everything, and the next start reads it.
async function stopWhenItIsFull(disk) {
  const data = path.join(disk, "data");
  const port = await freePort();
  const serve = ["serve", "--dev", "--data", data, "--port", String(port), "--stun-port", "0"];
  const server = await new Started(serve).ready();
  await ask(port, "POST", "/api/login", { body: { username: "1000", password: "password" } });
  await new Promise((next) => setTimeout(next, 3_000)); // rows are written every second
  fill(path.join(disk, "everything-else"));
  assert.equal(await server.stop(), 0, server.out);
  assert.match(server.out, /the next start will take longer/);

  rmSync(path.join(disk, "everything-else"));
  assert.equal(run("replay", "--quiet", "--data", data).code, 0);
  const again = await new Started(serve).ready();
  assert.equal(await again.stop(), 0);
}

async function fillWhileItRuns(disk) {
  const data = path.join(disk, "data");
  const port = await freePort();
  const ports = ["--port", String(port), "--stun-port", "0"];
  const server = await new Started(["serve", "--dev", "--data", data, ...ports]).ready();
  const login = await ask(port, "POST", "/api/login", {
    body: { username: "1000", password: "password" },
  });
  fill(path.join(disk, "everything-else"));
  const { token } = login.body;
  const opened = [];
  // The log has room behind its end, and the extension has room for so many devices.
  await until("the disk is full", async () => {
    for (let i = 0; i < 40 && server.code === undefined; ++i) {
      const body = { extension: "1000" };
      const answer = await ask(port, "POST", "/api/webrtc/session", { body, token });
      if (answer?.status !== 200) continue;
      const { session_id } = answer.body.session;
      opened.push(session_id);
      await ask(port, "DELETE", `/api/webrtc/session/${session_id}`, { token });
    }
    return server.code !== undefined;
  });
  assert.equal(server.code, 74, server.out);
  assert.match(server.out, /the log cannot be written/);
  const full = startOn(data);
  assert.equal(full.code, 74, full.all);
  assert.match(full.all, /is full/);

  rmSync(path.join(disk, "everything-else"));
  const replay = run("replay", "--quiet", "--data", data);
  assert.equal(replay.code, 0, replay.all);
  const log = run("events", "--data", data, "--tag", "session.opened.v1").all.trim().split("\n");
  const kept = log.map((line) => JSON.parse(line).stream);
  for (const id of opened) assert.ok(kept.includes(id), "what was acknowledged is there");
  const again = await new Started(["serve", "--dev", "--data", data, ...ports]).ready();
  assert.equal(await again.stop(), 0);
}

function fill(file) {
  const out = openSync(file, "w");
  for (const size of [65_536, 1_024, 1]) {
    try {
      for (;;) writeSync(out, Buffer.alloc(size, 1));
    } catch (error) {
      assert.equal(error.code, "ENOSPC");
    }
  }
  closeSync(out);
}
