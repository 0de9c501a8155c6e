// Seats and REST sessions (seed 004): one that comes without a sign-in takes a seat for its agent, or
// is refused in the words of the seed; the seat lasts as long as the session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { Person, Site } from "./links_world.mjs";
import { pause, until } from "./until.mjs";

const timeout = 10; // seconds; the least there is
let w;
let license;
const ids = {}; // of agents, by extension
before(async () => {
  w = await World.start({ config: `features:\n  webrtc:\n    session_timeout: ${timeout}\n` });
  await w.signIn("admin");
  license = (await w.ask("GET", "/api/licenses/current", { as: "admin" })).body.license;
  for (const [username, extension] of [["one", "3001"], ["two", "3002"]]) {
    const body = { username, password: "password", email: `${username}@x.org`, extension };
    const made = { as: "admin", body: { ...body, typology: "chrome_softphone" } };
    const got = await w.ask("POST", "/api/agents", made);
    assert.equal(got.status, 201, JSON.stringify(got.body));
    ids[extension] = got.body.id;
  }
  await change({ webrtc_max_users: 1 });
});
after(() => w?.end());

const change = (body) => w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body });
const session = (extension, headers = {}) =>
  w.post("/api/webrtc/session", { extension }, { headers }); // compat.tokenless
const end = (id) => w.ask("DELETE", `/api/webrtc/session/${id}`, {});

async function opened(extension, headers) {
  const got = await session(extension, headers);
  assert.equal(got.status, 200, JSON.stringify(got.body));
  return got.body.session.session_id;
}

async function sessions() {
  const at = `/api/licenses/${license.id}/webrtc-sessions`;
  return (await w.ask("GET", at, { as: "admin" })).body.sessions;
}
const used = async () => [...new Set((await sessions()).map((row) => row.extension))];
const free = (ms) => until("the seat is free", async () => (await used()).length === 0, ms);

test("with one seat, the second session is refused until the first has ended", async () => {
  const one = await opened("3001");
  assert.deepEqual(await used(), ["3001"]);
  const not = await session("3002");
  refused("user two", not, "user-limit-reached");
  assert.deepEqual([not.status, not.body.error], [429, "Maximum user limit reached"]);
  const receipt = await w.ask("GET", not.body.receipt, {});
  assert.deepEqual([receipt.body.granted, receipt.body.code], [false, "TOO_MANY_USERS"]);
  refused("a sign-in", await w.post("/api/login", { username: "two", password: "password" }), "user-limit-reached");
  assert.equal((await end(one)).status, 200);
  await free();
  const two = await opened("3002");
  assert.deepEqual(await used(), ["3002"]);
  await end(two);
  await free();
});

test("without the feature there is no session, but for those who need none", async () => {
  await change({ features: { webrtc_extension: false } });
  const not = await session("3001");
  assert.deepEqual([not.status, not.body.error], [403, "WebRTC extension feature not licensed"]);
  await end(await opened("1000"));
  assert.deepEqual(await used(), []);
  await change({ features: { webrtc_extension: true } });
});

test("a session that times out gives the seat back, and one that is asked keeps it", async () => {
  const one = await opened("3001");
  for (let i = 0; i < 6; ++i) {
    await pause((timeout * 1000) / 4);
    assert.equal((await w.ask("GET", `/api/webrtc/session/${one}`, {})).status, 200);
  }
  assert.deepEqual(await used(), ["3001"], "longer than its time");
  const since = Date.now();
  await free(3 * timeout * 1000);
  assert.ok(Date.now() - since > (timeout * 1000) / 2 - 1_000);
  refused("it is over", await w.ask("GET", `/api/webrtc/session/${one}`, {}), "session-closed");
});

test("an open event channel keeps the seat, also without any request", async () => {
  const one = await opened("3001");
  const stop = new AbortController();
  const at = `http://127.0.0.1:${w.port}/api/webrtc/session/${one}/events`;
  const stream = await fetch(at, { signal: stop.signal });
  assert.equal(stream.status, 200);
  await pause(2 * timeout * 1000);
  assert.deepEqual(await used(), ["3001"]);
  stop.abort();
  await free(3 * timeout * 1000);
});

test("a request that is repeated is the same session with the same seat", async () => {
  const headers = { "Idempotency-Key": "the same" };
  const all = await Promise.all([1, 2, 3].map(() => opened("3001", headers)));
  all.push(await opened("3001", headers));
  assert.equal(new Set(all).size, 1);
  await until("one seat", async () => (await sessions()).length === 1);
  await end(all[0]);
  await free();
  refused("too late", await session("3001", headers), "session-closed");
  assert.deepEqual(await sessions(), []);
});

test("who signed in brings the seat along, which outlives the session", async () => {
  const { token, session_id: seat } = await w.signIn("one");
  const got = await w.post("/api/webrtc/session", { extension: "3001" }, { token });
  assert.equal(got.status, 200);
  assert.deepEqual((await sessions()).map((row) => row.session_id), [seat]);
  await w.ask("DELETE", `/api/webrtc/session/${got.body.session.session_id}`, { token });
  await pause(1_000);
  assert.deepEqual((await sessions()).map((row) => row.session_id), [seat]);
  assert.equal((await w.ask("POST", "/api/logout", { token })).status, 200);
  await free();
  const late = await w.post("/api/webrtc/session", { extension: "3001" }, { token });
  refused("its token is of no use any more", late, "token-invalid");
});

test("a token of another issuer takes a seat, too", async () => {
  const token = w.token({ sub: ids["3001"], ext: "3001" });
  const got = await w.post("/api/webrtc/session", { extension: "3001" }, { token });
  assert.equal(got.status, 200);
  assert.deepEqual(await used(), ["3001"]);
  refused("user two", await session("3002"), "user-limit-reached");
  await w.ask("DELETE", `/api/webrtc/session/${got.body.session.session_id}`, { token });
  await free();
});

test("after kill -9 the seat goes on as the session does", async () => {
  const one = await opened("3001");
  await w.server.kill9();
  await w.server.up();
  assert.deepEqual(await used(), ["3001"]);
  refused("user two", await session("3002"), "user-limit-reached");
  await end(one);
  await free();
});

test("the same with a slave of a master, as two processes", async () => {
  const site = await Site.start({ seats: 1 });
  try {
    const [slave] = site.slaves;
    await site.agents(slave, ["one", "two"], 2001);
    const open = (extension) =>
      slave.request("POST", "/api/webrtc/session", { body: { extension } });
    const one = await open("2001");
    assert.equal(one.status, 200);
    await until("the master sees it", async () => (await site.sessions()).active_sessions === 1);
    const two = await open("2002");
    assert.deepEqual([two.status, two.body.error], [429, "Maximum user limit reached"]);
    assert.equal((await new Person(slave, "two").signIn()).status, 429);
    await slave.request("DELETE", `/api/webrtc/session/${one.body.session.session_id}`);
    await until("the second user gets in", async () => (await open("2002")).status === 200);
  } finally {
    await site.stop();
  }
});
