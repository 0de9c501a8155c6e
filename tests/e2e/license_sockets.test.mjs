// Seats and sockets: a closed one frees its seat after the device's grace, unless its client is
// heard by another way; and the limit test of the seed for those who sign in on /ws, alone and with
// a slave of a master.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Line } from "./errors_client.mjs";
import { refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { Site } from "./links_world.mjs";
import { pause, until } from "./until.mjs";

const grace = 5_000; // DEVICE_GRACE_MS of the world
let w;
let license;
const ids = {}; // of agents, by extension
before(async () => {
  w = await World.start();
  await w.signIn("admin");
  license = (await w.ask("GET", "/api/licenses/current", { as: "admin" })).body.license;
  for (const [name, extension] of [["one", "3001"], ["two", "3002"]])
    ids[extension] = await agent(w, name, extension);
});
after(() => w?.end());

const account = (name) => ({ username: name, password: "password" });

async function agent(world, name, extension) {
  const body = { ...account(name), email: `${name}@x.org`, extension, typology: "chrome_softphone" };
  const got = await world.ask("POST", "/api/agents", { as: "admin", body });
  assert.equal(got.status, 201, JSON.stringify(got.body));
  return got.body.id;
}

/** A token of an issuer outside, which knows of no session. */
const from = (extension) => ({
  token: w.token({ sub: ids[extension], ext: extension }),
  user: { extension },
});

async function signedIn(name) {
  const got = await w.post("/api/login", account(name));
  assert.equal(got.status, 200, JSON.stringify(got.body));
  return got.body;
}

const beat = ({ token, session_id: id }) =>
  w.ask("POST", `/api/sessions/${id}/heartbeat`, { token });

async function used() {
  const at = `/api/licenses/${license.id}/webrtc-sessions`;
  return (await w.ask("GET", at, { as: "admin" })).body.sessions.map((row) => row.extension);
}

const change = (body) => w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body });

async function lineOf({ token, user }) {
  const at = `/ws?extension=${user.extension}`;
  const line = await Line.open(w.port, at, { headers: { Authorization: `Bearer ${token}` } });
  if (!line.refused) await line.push("connected");
  return line;
}

test("a closed socket frees its seat after the grace, in far less than three heartbeats", async () => {
  const line = await lineOf(await signedIn("one"));
  assert.equal((await line.ask("heartbeat")).success, true);
  assert.deepEqual(await used(), ["3001"]);
  line.drop();
  const since = Date.now();
  await pause(grace / 2);
  assert.deepEqual(await used(), ["3001"], "who comes back soon finds it");
  await until("the seat is free", async () => (await used()).length === 0, 15_000);
  assert.ok(Date.now() - since < 15_000);
});

test("who is heard by REST meanwhile keeps the seat, and so does who comes back", async () => {
  const one = await signedIn("one");
  const line = await lineOf(one);
  line.drop();
  await pause(grace / 2);
  assert.equal((await beat(one)).status, 200);
  await pause(grace + 1_000);
  assert.deepEqual(await used(), ["3001"], "heard by REST");
  const again = await lineOf(one);
  again.drop();
  await pause(grace / 2);
  const third = await lineOf(one);
  await pause(grace + 1_000);
  assert.deepEqual(await used(), ["3001"], "came back");
  assert.equal((await third.ask("heartbeat")).success, true);
  third.drop();
  await until("the seat is free", async () => (await used()).length === 0, 15_000);
});

test("also when the server dies in between", async () => {
  const line = await lineOf(await signedIn("one"));
  line.drop();
  await pause(500);
  await w.server.kill9();
  await w.server.up();
  assert.deepEqual(await used(), ["3001"]);
  await until("the seat is free", async () => (await used()).length === 0, 20_000);
});

test("another device of the sign-in keeps the seat", async () => {
  const one = await signedIn("one");
  const [first, second] = [await lineOf(one), await lineOf(one)];
  first.drop();
  await pause(1_000);
  assert.equal((await second.ask("heartbeat")).success, true);
  await pause(grace + 1_000);
  assert.deepEqual(await used(), ["3001"]);
  assert.equal((await second.ask("logout")).success, true);
  await until("the seat is free", async () => (await used()).length === 0);
});

// Its next heartbeat is due later than the grace ends.
test("a closed tab does not end the seat that another tab of the sign-in uses", async () => {
  const one = await signedIn("one");
  const [first, second] = [await lineOf(one), await lineOf(one)];
  first.drop();
  await pause(2 * grace);
  assert.deepEqual(await used(), ["3001"]);
  assert.equal((await second.ask("heartbeat")).success, true);
  second.drop();
  await until("the seat is free", async () => (await used()).length === 0, 15_000);
});

test("a sign-in on /ws takes a seat, or is refused in the words of the seed", async () => {
  await change({ webrtc_max_users: 1 });
  const [one, two] = ["3001", "3002"].map(from);
  const first = await lineOf(one);
  assert.equal(first.refused, undefined);
  assert.deepEqual(await used(), ["3001"]);
  const told = await first.ask("license:authenticate");
  assert.deepEqual([told.success, told.license.id, told.seats_used], [true, license.id, 1]);
  const { refused: why } = await lineOf(two);
  assert.deepEqual([why.status, why.body.error], [429, "Maximum user limit reached"]);
  const got = await w.ask("GET", why.body.receipt, {});
  assert.deepEqual([got.status, got.body.granted, got.body.code], [200, false, "TOO_MANY_USERS"]);
  refused("by REST, too", await w.post("/api/login", account("two")), "user-limit-reached");
  assert.equal((await first.ask("logout")).success, true);
  await until("the seat is free", async () => (await used()).length === 0);
  const second = await lineOf(two);
  assert.equal(second.refused, undefined, "now there is one");
  assert.deepEqual(await used(), ["3002"]);
  const { refused: full } = await lineOf(from("3001"));
  assert.equal(full.body.error, "Maximum user limit reached");
  second.drop();
  await until("the seat is free", async () => (await used()).length === 0, 15_000);
  await change({ features: { webrtc_extension: false } });
  const { refused: not } = await lineOf(from("3002"));
  assert.deepEqual([not.status, not.body.error], [403, "WebRTC extension feature not licensed"]);
  await change({ features: { webrtc_extension: true }, webrtc_max_users: 5 });
});

test("the same with a slave of a master, as two processes", async () => {
  const site = await Site.start({ seats: 1 });
  try {
    const [slave] = site.slaves;
    await site.agents(slave, ["one", "two"], 2001);
    const open = (extension) => Line.open(slave.port, `/ws?extension=${extension}`); // compat.tokenless
    const first = await open("2001");
    assert.equal(first.refused, undefined);
    await first.push("connected");
    assert.equal((await first.ask("license:authenticate")).success, true);
    const { refused: why } = await open("2002");
    assert.deepEqual([why.status, why.body.error], [429, "Maximum user limit reached"]);
    await until("the master sees it", async () => (await site.sessions()).active_sessions === 1);
    const login = (username) =>
      slave.request("POST", "/api/login", { body: { username, password: "password" } });
    assert.equal((await login("two")).body.error, "Maximum user limit reached");
    await site.change({ features: { webrtc_extension: false } });
    await until("the slave has heard of it", async () => {
      const { refused: not } = await open("2002");
      return not?.status === 403 && not.body.error === "WebRTC extension feature not licensed";
    });
    await site.change({ features: { webrtc_extension: true } });
    first.drop();
  } finally {
    await site.stop();
  }
});
