// Bad input to a real server: each row gets its documented error, nothing is lost, nothing dies.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cases as calls } from "./errors_calls.mjs";
import { cases as repeats } from "./errors_repeats.mjs";
import { cases as rest, routes } from "./errors_rest.mjs";
import { documented, elsewhere, refused, seen } from "./errors_table.mjs";
import { cases as tenants } from "./errors_tenants.mjs";
import { cases as who } from "./errors_who.mjs";
import { cases as wire } from "./errors_wire.mjs";
import { World } from "./errors_world.mjs";
import { messages, cases as ws } from "./errors_ws.mjs";
import { binary } from "./server.mjs";

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const read = (name) => readFileSync(path.join(repo, name), "utf8");

let world;
before(async () => {
  world = await World.start();
  await Promise.all(["admin", "1000", "1001"].map((name) => world.signIn(name)));
});
after(() => world?.end());

for (const [name, run] of [...rest, ...who, ...tenants, ...ws, ...calls, ...repeats, ...wire])
  test(name, { timeout: 60_000 }, async () => {
    try {
      await explained(() => run(world));
    } finally {
      await world.leave();
    }
  });

/** Runs it; when it fails, the end of the server's log is printed. */
async function explained(run) {
  try {
    await run();
  } catch (error) {
    console.error(`server log:\n${world.server.log.slice(-6_000)}`);
    throw error;
  }
}

test("with WebRTC off and tokens needed every route says which of the two it is", async () => {
  const off = await World.start({
    env: { COMPAT_TOKENLESS: "false" },
    config: "features:\n  webrtc:\n    enabled: false\n",
  });
  try {
    for (const { method, at } of routes.filter((route) => route.rule === "compat")) {
      refused(`${method} ${at} as nobody`, await off.ask(method, at), "token-missing");
      if (!at.startsWith("/api/webrtc/")) continue;
      refused(
        `${method} ${at}`,
        await off.ask(method, at, { token: off.token() }),
        "feature-disabled",
      );
    }
  } finally {
    await off.end();
  }
});

test("every message and every error of the documents was there", () => {
  const names = [...read("docs/asyncapi.yaml").matchAll(/ {4}do\w+:\n {6}name: "([^"]+)"/g)];
  assert.deepEqual(Object.keys(messages).sort(), names.map(([, name]) => name).sort());
  const rows = [
    ...read("protocol/errors.cpp").matchAll(
      /\{errc::(\w+), "([^"]+)", (\d+), "[^"]+",\s+"([^"]+)"\}/g,
    ),
  ];
  const code = Object.fromEntries(rows.map(([, errc, kebab]) => [errc, kebab]));
  const table = Object.fromEntries(
    rows.map(([, , kebab, status, text]) => [kebab, [Number(status), text]]),
  );
  assert.equal(delete table.ok, true);
  assert.deepEqual(table, documented);
  for (const [kebab, [errc, file]] of Object.entries(elsewhere)) {
    assert.equal(code[errc], kebab);
    assert.match(file, /\.test\.cpp$/, `${kebab} is tested by a test`);
    assert.match(read(file), new RegExp(`errc::${errc}\\b`), `${file} has ${errc}`);
    assert.ok(!seen.has(kebab), `${kebab} was seen here: it needs no other test`);
  }
  const missing = Object.keys(documented).filter((kebab) => !seen.has(kebab) && !elsewhere[kebab]);
  assert.deepEqual(missing, [], "neither seen here nor tested elsewhere");
});

test("every status that a route answered with stands in docs/openapi.yaml", () => {
  const written = statuses(read("docs/openapi.yaml"));
  const fits = ({ method, pattern }, [verb, at]) =>
    verb === method && new RegExp(`^${pattern.replace(/{\w+}/, "[^/]+")}$`).test(at);
  let known = 0;
  for (const answer of world.answered) {
    const [verb, at, status] = answer.split(" ");
    const route = routes.find((one) => fits(one, [verb, at]));
    if (!route) continue;
    ++known;
    const of = written.get(`${route.method} ${route.pattern}`);
    assert.ok(of?.has(status), `${route.method} ${route.pattern} answered ${status}`);
  }
  assert.ok(known > 150, `${known} answers`);
});

/** "GET /path" -> the statuses that an OpenAPI document of ours has for it. */
function statuses(text) {
  const found = new Map();
  let [path, verb] = ["", ""];
  for (const line of text.slice(0, text.indexOf("\ncomponents:")).split("\n")) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path;
    verb = /^ {4}(get|post|put|delete):$/.exec(line)?.[1] ?? verb;
    const status = /^ {8}"(\d+)":/.exec(line)?.[1];
    const key = `${verb.toUpperCase()} ${path}`;
    if (status) found.set(key, (found.get(key) ?? new Set()).add(status));
  }
  return found;
}

test("after all of it calls go on, nothing was lost and nothing was made up", () =>
  explained(() => aftermath(world)));

async function aftermath(w) {
  assert.equal((await w.ask("GET", "/ready")).status, 200);
  const before = await normalCall(w);
  const held = await history(w);
  assert.deepEqual(held, [...w.promised].sort(), "the calls that were promised, and no other");
  const log = w.server.log.replace(/token of admin: \S+/, ""); // of --dev, on purpose
  assert.doesNotMatch(
    log,
    /Connection handler failed|stream cannot be read/,
    "no fault was caught",
  );
  assert.doesNotMatch(log, /eyJ|candidate:|m=audio/, "no token and no description in the log");
  await w.server.kill9();
  await w.server.up();
  assert.deepEqual(await history(w), held, "also after kill -9");
  const record = (await w.ask("GET", "/protected/call/history?extension=1006", { as: "admin" }))
    .body.calls;
  assert.deepEqual([record[0].call_id, record[0].cause], [before, "hangup"]);
  await normalCall(w);
  const line = await w.line("1006");
  const data = await w.stop();
  await line.end();
  assert.deepEqual(line.closed, { code: 1001, reason: "hub-not-available" });
  const replay = spawnSync(binary, ["replay", "--data", data], { encoding: "utf8" });
  assert.equal(replay.status, 0, replay.stdout + replay.stderr);
  assert.match(replay.stdout, /no difference/);
}

async function normalCall(w) {
  const [a, b] = [await w.line("1006"), await w.line("1007")];
  const callId = await w.dial(a, "1007");
  assert.equal((await b.push("call:incoming")).data.callId, callId);
  assert.equal((await b.ask("call:answer", { callId })).success, true);
  assert.equal((await a.push("call:answered")).data.callId, callId);
  assert.equal((await b.ask("call:hangup", { callId })).success, true);
  assert.equal((await a.push("call:ended")).data.reason, "hangup");
  a.drop();
  b.drop();
  return callId;
}

/** The ids of all calls of both tenants. */
async function history(w) {
  const ids = [];
  for (const as of ["admin", "other/admin"]) {
    for (let cursor = ""; cursor !== null; ) {
      const { body } = await w.ask("GET", `/protected/call/history?limit=20&cursor=${cursor}`, {
        as,
      });
      ids.push(...body.calls.map((row) => row.call_id));
      cursor = body.next_cursor;
    }
  }
  return ids.sort();
}
