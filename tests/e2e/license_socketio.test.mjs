// Seats and Socket.IO: the limit test of the seed with stock clients, over every transport; a refused
// CONNECT takes no seat, and a client that comes again and again leaves none behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { World } from "./errors_world.mjs";
import { Site } from "./links_world.mjs";
import { everyTransport } from "./socketio_world.mjs";
import { pause, until } from "./until.mjs";

const limit = "Maximum user limit reached";
let w;
let license;
const ids = {}; // of agents, by extension
const open = [];
before(async () => {
  w = await World.start();
  await w.signIn("admin");
  license = (await w.ask("GET", "/api/licenses/current", { as: "admin" })).body.license;
  for (const [username, extension] of [["one", "3001"], ["two", "3002"]]) {
    const body = { username, password: "password", email: `${username}@x.org`, extension };
    const made = { as: "admin", body: { ...body, typology: "webrtc_appbar" } };
    const got = await w.ask("POST", "/api/agents", made);
    assert.equal(got.status, 201, JSON.stringify(got.body));
    ids[extension] = got.body.id;
  }
  await change({ webrtc_max_users: 1 });
});
after(async () => {
  for (const socket of open) socket.disconnect();
  await w?.end();
});

const change = (body) => w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body });
const signedIn = (username) => w.post("/api/login", { username, password: "password" });

/** A token of an issuer outside, which knows of no session. */
const from = (extension) => w.token({ sub: ids[extension], ext: extension });

async function sessions() {
  const at = `/api/licenses/${license.id}/webrtc-sessions`;
  return (await w.ask("GET", at, { as: "admin" })).body.sessions;
}
const used = async () => [...new Set((await sessions()).map((row) => row.extension))];
const free = () => until("the seat is free", async () => (await used()).length === 0, 20_000);

/** A stock client; what became of its CONNECT stands in `connects` and `errors`. */
function client(token, transports = ["websocket"], { port = w.port, ...more } = {}) {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports,
    forceNew: true,
    auth: { token, ...more },
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
  });
  open.push(socket);
  const seen = { socket, connects: 0, errors: [] };
  socket.on("connect", () => ++seen.connects);
  socket.on("connect_error", (error) => seen.errors.push(error));
  seen.in = () => until("it is connected", () => socket.connected);
  seen.refused = () => until("it is refused", () => seen.errors.at(-1));
  return seen;
}

for (const transports of everyTransport)
  test(`with one seat, the second is refused in the words of the seed: ${transports}`, async () => {
    const one = client(from("3001"), transports);
    await one.in();
    assert.deepEqual(await used(), ["3001"]);
    const two = client(from("3002"), transports);
    const error = await two.refused();
    assert.equal(error.message, limit);
    const { data } = error;
    assert.deepEqual([data.success, data.error, data.code], [false, limit, "user-limit-reached"]);
    assert.equal(two.connects, 0, "and never let in first");
    assert.equal(two.socket.active, false, "a stock client does not come again by itself");
    assert.deepEqual(await used(), ["3001"]);
    one.socket.disconnect();
    await free();
    two.socket.connect();
    await two.in();
    assert.deepEqual(await used(), ["3002"]);
    two.socket.disconnect();
    await free();
  });

test("who signed in by REST brings the seat along, and a second device of it takes none", async () => {
  const { body } = await signedIn("one");
  const first = client(body.token);
  const second = client(body.token, ["polling"]);
  await Promise.all([first.in(), second.in()]);
  assert.deepEqual((await sessions()).map((row) => row.session_id), [body.session_id]);
  const { body: no } = await signedIn("two");
  assert.equal(no.error, limit);
  first.socket.disconnect();
  second.socket.disconnect();
  assert.equal((await w.ask("POST", "/api/logout", { token: body.token })).status, 200);
  await free();
});

test("without the feature nobody gets in", async () => {
  await change({ features: { webrtc_extension: false } });
  const one = client(from("3001"));
  assert.equal((await one.refused()).message, "WebRTC extension feature not licensed");
  assert.deepEqual(await used(), []);
  await change({ features: { webrtc_extension: true } });
  one.socket.connect();
  await one.in();
  one.socket.disconnect();
  await free();
});

test("a CONNECT that is refused takes no seat, however often it comes", async () => {
  const one = client(from("3001"));
  await one.in();
  const [held] = await sessions();
  const two = client(from("3002"));
  await two.refused();
  for (let i = 2; i <= 30; ++i) {
    two.socket.connect();
    await until("it is refused again", () => two.errors.length === i);
  }
  const thieves = [
    client("no token at all"),
    client(from("3002"), ["websocket"], { extension: "3001" }),
    client(from("3002"), ["websocket"], { agentId: "somebody else" }),
  ];
  for (const each of thieves) await each.refused();
  assert.deepEqual((await sessions()).map((row) => row.session_id), [held.session_id]);
  one.socket.disconnect();
  await free();
  for (const each of thieves) {
    each.socket.connect();
    await until("it is refused again", () => each.errors.length >= 2);
  }
  assert.deepEqual(await sessions(), [], "nor when there is a free one");
});

test("a client that loses its transport again and again has one seat, and leaves none", async () => {
  const one = client(from("3001"));
  await one.in();
  for (let i = 2; i <= 25; ++i) {
    one.socket.io.engine.close();
    await until("it is back", () => one.connects === i && one.socket.connected);
    assert.deepEqual(await used(), ["3001"]);
  }
  assert.equal((await sessions()).length, 1, "it was recovered");
  const anew = [];
  for (let i = 0; i < 15; ++i) {
    const again = client(from("3001")); // knows nothing of before
    await again.in();
    again.socket.io.engine.close();
    again.socket.disconnect();
    anew.push(again);
  }
  assert.deepEqual(await used(), ["3001"]);
  one.socket.disconnect();
  await free();
  const two = client(from("3002"));
  await two.in();
  two.socket.disconnect();
  await free();
});

test("after kill -9 the one who was there comes back, and nobody else gets in", async () => {
  const one = client(from("3001"));
  await one.in();
  await w.server.kill9();
  await w.server.up();
  await until("it is back", () => one.connects === 2 && one.socket.connected, 20_000);
  const two = client(from("3002"));
  assert.equal((await two.refused()).message, limit);
  await pause(6_000); // longer than the grace
  assert.deepEqual(await used(), ["3001"]);
  assert.equal(one.socket.connected, true);
  one.socket.disconnect();
  await free();
});

test("the same with a slave of a master, as two processes", async () => {
  const site = await Site.start({ seats: 1, secret: w.secret });
  try {
    const [slave] = site.slaves;
    const [first, second] = await site.agents(slave, ["one", "two"], 2001);
    const at = { port: slave.port };
    const one = client(w.token({ sub: first, ext: "2001" }), ["websocket"], at);
    await one.in();
    const seen = await until("the master sees it", async () => {
      const now = await site.sessions();
      return now.active_sessions === 1 && now.sessions[0];
    });
    assert.equal(seen.extension, "2001");
    const two = client(w.token({ sub: second, ext: "2002" }), ["polling"], at);
    assert.equal((await two.refused()).message, limit);
    await site.change({ features: { webrtc_extension: false } });
    await until("the slave has heard of it", async () => {
      const count = two.errors.length;
      two.socket.connect();
      await until("it is refused again", () => two.errors.length > count);
      return two.errors.at(-1).message === "WebRTC extension feature not licensed";
    });
    assert.equal((await site.sessions()).active_sessions, 1, "who has a seat keeps it");
    await site.change({ features: { webrtc_extension: true } });
    one.socket.disconnect();
  } finally {
    await site.stop();
  }
});
