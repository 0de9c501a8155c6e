// Licenses and agents of a running server (seed 001): who gets a seat, who is refused and in which
// words, over REST, on /ws and from the shell.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, test } from "node:test";
import { declined, refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { binary } from "./server.mjs";
import { until } from "./until.mjs";

let w;
let license; // the one in force
beforeEach(async () => {
  w = await World.start();
  await w.signIn("admin");
  license = (await good("GET", "/api/licenses/current")).license;
});
afterEach(() => w?.end());

/** A request of the admin that succeeds. */
async function good(method, at, body, status = 200) {
  const got = await w.ask(method, at, { as: "admin", body });
  assert.equal(got.status, status, `${method} ${at}: ${JSON.stringify(got.body)}`);
  assert.equal(got.body.success, true);
  return got.body;
}

const change = (terms) => good("PUT", `/api/licenses/${license.id}`, terms);
const account = (name) => ({ username: name, password: `password of ${name}` });

/** A new agent with a softphone. */
function agent(name, extension, more = { typology: "chrome_softphone" }) {
  const email = `${name}@host.test`;
  return good("POST", "/api/agents", { ...account(name), email, extension, ...more }, 201);
}

const login = (name) => w.post("/api/login", account(name));

async function signedIn(name) {
  const got = await login(name);
  assert.equal(got.status, 200, `${name}: ${JSON.stringify(got.body)}`);
  return got.body;
}

const logout = (token) => w.ask("POST", "/api/logout", { token });
const seats = () => good("GET", `/api/licenses/${license.id}/webrtc-sessions`);
const beat = ({ token, session_id: id }) =>
  w.ask("POST", `/api/sessions/${id}/heartbeat`, { token });

test("the license limit test of the seed: one seat, and who comes second is refused", async () => {
  await agent("one", "3001");
  await agent("two", "3002");
  await change({ webrtc_max_users: 1 });
  const first = await signedIn("one");
  assert.equal(first.heartbeat_interval_s, 30);
  assert.equal(first.license.webrtc_max_users, 1);
  assert.equal(first.sip.username, "3001");
  assert.equal(first.sip.transport, "transport-wss");
  assert.ok(first.session_id && first.ice_servers.iceServers);
  const second = await login("two");
  refused("user two", second, "user-limit-reached");
  assert.deepEqual([second.status, second.body.error], [429, "Maximum user limit reached"]);
  assert.equal((await logout(first.token)).status, 200);
  const { session_id: session } = await signedIn("two");
  refused("user one", await login("one"), "user-limit-reached");
  const held = await seats();
  assert.deepEqual([held.webrtc_max_users, held.active_sessions], [1, 1]);
  const [seat] = held.sessions;
  assert.deepEqual([seat.session_id, seat.extension, seat.username], [session, "3002", "two"]);
  assert.ok(Date.now() - Date.parse(seat.created_at) < 60_000);
  const data = await w.stop();
  const at = String(seat.position);
  const log = spawnSync(binary, ["events", "--data", data, "--from", at, "--to", at]);
  const event = JSON.parse(log.stdout.toString());
  assert.equal(event.event, "license.seat_taken.v1", "the event that proves it");
  assert.equal(event.data.session, session);
});

test("without the feature nobody with a softphone gets in", async () => {
  await agent("one", "3001");
  await change({ features: { webrtc_extension: false } });
  const got = await login("one");
  refused("user one", got, "feature-not-licensed");
  assert.deepEqual([got.status, got.body.error], [403, "WebRTC extension feature not licensed"]);
  assert.equal((await w.signIn("1000")).session_id, undefined, "who has none needs no seat");
  await change({ features: { webrtc_extension: true } });
  await signedIn("one");
});

test("a heartbeat keeps the seat over REST and on /ws, and ends with the license", async () => {
  await agent("one", "3001");
  await agent("two", "3002");
  const one = await signedIn("one");
  w.tokens["3001"] = one.token;
  const line = await w.line("3001");
  assert.equal((await line.ask("heartbeat")).success, true);
  const told = await line.ask("license:authenticate");
  assert.deepEqual(
    [told.success, told.session_id, told.heartbeat_interval_s, told.license.id, told.seats_used],
    [true, one.session_id, 30, license.id, 1],
  );
  assert.equal(told.license.key, undefined, "it is not for agents");
  assert.equal((await beat(one)).status, 200);
  await change({ status: "suspended" });
  refused("a new one", await login("two"), "license-suspended");
  assert.equal((await beat(one)).status, 200, "who has a seat keeps it");
  assert.equal((await line.ask("heartbeat")).success, true);
  await change({ status: "active" });
  await signedIn("two");
  const gone = await good("DELETE", `/api/licenses/${license.id}`);
  assert.equal(gone.status, "revoked");
  refused("a sign-in", await login("one"), "license-revoked");
  refused("a heartbeat", await beat(one), "license-revoked");
  declined("a heartbeat on /ws", await line.ask("heartbeat"), "license-revoked");
  declined("the license", await line.ask("license:authenticate"), "license-revoked");
});

test("of many who sign in at once, as many get in as there are seats", async () => {
  const names = [...Array(10).keys()].map((i) => `agent-${i}`);
  await Promise.all(names.map((name, i) => agent(name, `31${10 + i}`)));
  await change({ webrtc_max_users: 3 });
  for (let round = 0; round < 3; ++round) {
    const got = await Promise.all(names.map((name) => login(name)));
    const inside = got.filter(({ status }) => status === 200);
    assert.equal(inside.length, 3);
    for (const one of got.filter((one) => !inside.includes(one)))
      refused("who came later", one, "user-limit-reached");
    assert.equal((await seats()).active_sessions, 3);
    await Promise.all(inside.map(({ body }) => logout(body.token)));
    await until("all seats are free", async () => (await seats()).active_sessions === 0);
  }
});

test("a license has a beginning and an end, and bounds the devices of one user", async () => {
  await agent("one", "3001");
  await change({ expires_at: new Date(Date.now() - 1000).toISOString() });
  refused("too late", await login("one"), "license-expired");
  await change({ expires_at: null, starts_at: Date.now() + 3_600_000 });
  refused("too early", await login("one"), "license-not-started");
  await change({ starts_at: null, sessions_per_user: 1 });
  const first = await signedIn("one");
  refused("a second device", await login("one"), "signed-in-elsewhere");
  await logout(first.token);
  await signedIn("one");
  await change({ sessions_per_user: 0 });
  await signedIn("one");
  assert.equal((await seats()).active_sessions, 2, "two sessions,");
  assert.equal((await good("GET", "/api/licenses/current")).seats_used, 1, "one seat");
  const put = (body) => w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body });
  refused("fewer seats than are used", await put({ webrtc_max_users: 0 }), "user-limit-reached");
  const beyond = await put({ webrtc_max_users: 51 });
  refused("more seats than users", beyond, "value-out-of-range", "webrtc_max_users");
  const shown = await good("GET", `/api/licenses/${license.id}`);
  assert.deepEqual(await good("PUT", `/api/licenses/${license.id}`, shown), shown, "it may return");
});

test("a softphone turns the feature on and gets seats, with no manual step", async () => {
  await change({ max_users: 3, webrtc_max_users: 0, features: { webrtc_extension: false } });
  await agent("plain", "3000", {});
  const terms = async () => (await good("GET", `/api/licenses/${license.id}`)).features;
  assert.deepEqual(await terms(), { webrtc_extension: false });
  await agent("one", "3001");
  const now = await good("GET", `/api/licenses/${license.id}`);
  assert.deepEqual([now.features.webrtc_extension, now.webrtc_max_users], [true, 3]);
  await signedIn("one");
  await change({ max_users: 50, webrtc_max_users: 7 });
  await agent("bar", "3002", { typology: "webrtc_appbar" });
  assert.equal((await good("GET", `/api/licenses/${license.id}`)).webrtc_max_users, 7, "as it was");
});

test("agents are made, shown, changed and removed", async () => {
  const one = await agent("one", "3001");
  assert.deepEqual(Object.keys(one).sort(), [
    "email",
    "extension",
    "id",
    "roles",
    "success",
    "typology",
    "username",
  ]);
  const at = `/api/agents/${one.id}`;
  assert.deepEqual(await good("GET", at), one);
  const { agents } = await good("GET", "/api/agents");
  assert.ok(agents.some((row) => row.id === one.id && row.extension === "3001"));
  assert.ok(agents.some((row) => row.username === "admin"));
  await change({ sessions_per_user: 1 });
  const before = await signedIn("one");
  assert.equal((await good("PUT", at, { email: "new@host.test" })).email, "new@host.test");
  const me = { token: before.token };
  assert.equal((await w.ask("GET", "/api/licenses/current", me)).status, 200, "still signed in");
  const taken = await w.ask("PUT", at, { as: "admin", body: { extension: "999" } });
  refused("somebody's extension", taken, "extension-in-use", "999");

  assert.equal((await good("PUT", at, { extension: "3005" })).extension, "3005");
  refused("a token of 3001", await w.ask("GET", "/api/licenses/current", me), "token-invalid");
  await until("its sign-in has ended", async () => (await seats()).active_sessions === 0);
  const moved = await signedIn("one");
  assert.deepEqual([moved.user.extension, moved.sip.username], ["3005", "3005"]);
  await agent("two", "3001");
  await good("PUT", at, { password: "another password" });
  refused("the old password", await login("one"), "wrong-credentials");

  w.tokens["3005"] = moved.token;
  const line = await w.line("3005");
  await good("DELETE", at);
  await good("DELETE", at); // once more is no error
  await line.end();
  refused("its token", await w.ask("GET", at, { token: moved.token }), "token-invalid");
  const again = await w.post("/api/login", { username: "one", password: "another password" });
  refused("its password", again, "wrong-credentials");
  refused("its row", await w.ask("GET", at, { as: "admin" }), "agent-unknown");
  await until("its seat is free", async () => (await seats()).active_sessions === 0);
  const own = await w.ask("DELETE", `/api/agents/${await idOf("admin")}`, { as: "admin" });
  refused("oneself", own, "forbidden", "one's own account");

  await w.server.kill9();
  await w.server.up();
  const still = await w.ask("GET", "/api/licenses/current", { token: moved.token });
  refused("its token, also after kill -9", still, "token-invalid");
  const anew = await agent("one", "3005");
  assert.equal(anew.id, one.id, "the same name");
  refused("the token of who was removed", await w.ask("GET", at, me), "token-invalid");
  await signedIn("one");
});

const idOf = async (name) =>
  (await good("GET", "/api/agents")).agents.find((row) => row.username === name).id;

test("who takes a seat by another typology signs in anew, and gives it back with it", async () => {
  const plain = await agent("one", "3001", { typology: "agent" });
  const at = `/api/agents/${plain.id}`;
  const { token } = await signedIn("one");
  await good("PUT", at, { typology: "webrtc_appbar" });
  refused("no seat", await w.ask("GET", "/api/licenses/current", { token }), "token-invalid");
  await signedIn("one");
  assert.equal((await seats()).active_sessions, 1);
  await good("PUT", at, { typology: "agent" });
  await until("the seat is free", async () => (await seats()).active_sessions === 0);
});

test("a softphone's account is for its agent and for admins, as JSON and for Asterisk", async () => {
  const one = await agent("one", "3001");
  const { token, sip } = await signedIn("one");
  const at = `/api/agents/${one.id}/sip-config`;
  const { success, ...json } = (await w.ask("GET", at, { token })).body;
  assert.equal(success, true);
  assert.deepEqual(json, sip, "as at the sign-in");
  assert.match(json.ws_uri, /^ws:\/\/.*\/ws$/);
  assert.match(json.sip_uri, /^sip:3001@/);
  const text = await w.ask("GET", `${at}?format=pjsip`, { as: "admin" });
  assert.match(text.headers["content-type"], /^text\/plain/);
  assert.match(text.text, /^\[3001\]\ntype=endpoint\ntransport=transport-wss\nwebrtc=yes\n/);
  assert.ok(text.text.includes(`\npassword=${json.password}\n`));
  const other = `/api/agents/${await idOf("admin")}/sip-config`;
  refused("another's", await w.ask("GET", other, { token }), "forbidden");
  const odd = await w.ask("GET", `${at}?format=yaml`, { token });
  refused("a format of tomorrow", odd, "value-out-of-range", "format");
  const secret = json.password;
  await w.server.kill9();
  await w.server.up();
  assert.equal((await w.ask("GET", at, { token })).body.password, secret, "it stays");
});

test("licenses from the shell", async () => {
  const run = (...args) => {
    const server = ["--server", `http://127.0.0.1:${w.port}`, "--token", w.tokens.admin];
    const got = spawnSync(binary, ["license", ...args, ...server], { encoding: "utf8" });
    return { status: got.status, out: got.stdout, err: got.stderr };
  };
  assert.equal(JSON.parse(run("show", "current").out).license.id, license.id);
  const shown = run("show").out.trim().split("\n");
  assert.deepEqual(
    shown.map((line) => JSON.parse(line).id),
    [license.id],
  );
  const wrong = run(
    "issue",
    "--organization",
    "Org",
    "--max-users",
    "2",
    "--webrtc-max-users",
    "3",
  );
  assert.equal(wrong.status, 1);
  assert.match(wrong.err, /Value out of range: webrtc_max_users/);
  const none = run("revoke", "nobody-knows-this");
  assert.equal(none.status, 1);
  assert.match(none.err, /License not found/);
  const gone = run("revoke", license.id);
  assert.equal(JSON.parse(gone.out).status, "revoked");
});
