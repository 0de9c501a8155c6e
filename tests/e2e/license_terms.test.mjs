// Terms that several change, lists that are long, and seats that idle slaves hold.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { Person, Site } from "./links_world.mjs";
import { until } from "./until.mjs";

let w;
let at;
before(async () => {
  w = await World.start();
  await w.signIn("admin");
  const { body } = await w.ask("GET", "/api/licenses/current", { as: "admin" });
  at = `/api/licenses/${body.license.id}`;
});
after(() => w?.end());

const put = (body, headers = {}) => w.ask("PUT", at, { as: "admin", body, headers });

test("two changes at once that name different things both hold", async () => {
  for (let round = 1; round <= 20; ++round) {
    const all = [{ plan: `plan ${round}` }, { max_users: 50 + round }, { overdraft: round }];
    for (const { status } of await Promise.all(all.map((body) => put(body))))
      assert.equal(status, 200);
    const { body } = await w.ask("GET", at, { as: "admin" });
    assert.deepEqual(
      [body.plan, body.max_users, body.overdraft],
      [`plan ${round}`, 50 + round, round],
    );
  }
});

test("a change may be conditional on what was seen", async () => {
  const { headers } = await w.ask("GET", at, { as: "admin" });
  assert.match(headers.etag, /^"[0-9a-f]{16}"$/);
  const seen = { "If-Match": headers.etag };
  const changed = await put({ plan: "mine" }, seen);
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.etag, headers.etag);
  refused("what was seen is gone", await put({ plan: "other" }, seen), "license-changed");
  const gone = await w.ask("DELETE", at, { as: "admin", headers: seen });
  refused("nor is it revoked", gone, "license-changed");
  const now = await w.ask("GET", at, { as: "admin" });
  assert.deepEqual([now.body.plan, now.body.status], ["mine", "active"]);
  assert.equal(now.headers.etag, changed.headers.etag);
  assert.equal((await put({ plan: "any" }, { "If-Match": "*" })).status, 200);
  refused("weak", await put({}, { "If-Match": 'W/"x"' }), "value-out-of-range", "If-Match");
});

test("agents come in pages, each of them once", async () => {
  const names = [...Array(12).keys()].map((i) => `page-${String(i).padStart(2, "0")}`);
  for (const [i, username] of names.entries()) {
    const body = { username, password: "password", email: "p@x.org", extension: `41${10 + i}` };
    assert.equal((await w.ask("POST", "/api/agents", { as: "admin", body })).status, 201);
  }
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const { status, body } = await w.ask("GET", `/api/agents?limit=5&cursor=${cursor}`, {
      as: "admin",
    });
    assert.equal(status, 200);
    assert.ok(body.agents.length <= 5);
    seen.push(...body.agents.map((row) => row.username));
    cursor = body.next_cursor;
  }
  assert.deepEqual([...seen].sort(), seen);
  assert.equal(new Set(seen).size, seen.length);
  for (const name of names) assert.ok(seen.includes(name));
  const whole = await w.ask("GET", "/api/agents", { as: "admin" });
  assert.deepEqual(
    whole.body.agents.map((row) => row.username),
    seen,
  );
  assert.equal(whole.body.next_cursor, null);
  const nobody = await w.ask("GET", "/api/agents?cursor=nobody", { as: "admin" });
  refused("a cursor of nobody", nobody, "value-out-of-range", "cursor");
});

test("fewer seats are waited for where slaves hold them idle, and refused where they are used", async () => {
  const site = await Site.start({ seats: 4, slaves: 2, lease: 20 });
  try {
    const [north, south] = site.slaves;
    await site.agents(north, ["one", "three"], 2001);
    await site.agents(south, ["two"], 3001);
    const [one, two] = [new Person(north, "one"), new Person(south, "two")];
    for (const person of [one, two]) assert.equal((await person.signIn()).status, 200);
    await until("the seats are leased", async () => {
      const { slaves } = await site.sessions();
      return slaves.reduce((sum, row) => sum + row.seats, 0) === 4;
    });
    assert.equal((await site.change({ webrtc_max_users: 2 })).webrtc_max_users, 2);
    assert.equal((await one.beat()).status, 200);
    assert.equal((await two.beat()).status, 200);
    const body = { webrtc_max_users: 1 };
    const not = await site.master.request("PUT", `/api/licenses/${site.license}`, {
      token: site.admin,
      body,
    });
    assert.deepEqual([not.status, not.body.error], [429, "Maximum user limit reached"]);
    assert.match(not.body.detail, /0 seats are used here, 2 are leased to slaves/);
    await two.signOut();
    await until("the seat is free", async () => (await site.sessions()).active_sessions === 1);
    assert.equal((await site.change(body)).webrtc_max_users, 1);
    assert.equal((await one.beat()).status, 200);
  } finally {
    await site.stop();
  }
});
