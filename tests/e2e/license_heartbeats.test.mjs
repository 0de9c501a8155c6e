// Heartbeats that must renew nothing: forged, expired, replayed, of somebody else, on live sockets.
// (Every bit of a token flipped: security/token_forged.test.cpp.)
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, test } from "node:test";
import { declined, refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { until } from "./until.mjs";

let w;
let license;
before(async () => {
  w = await World.start();
  await w.signIn("admin");
  license = (await w.ask("GET", "/api/licenses/current", { as: "admin" })).body.license;
  for (const [username, extension] of [["one", "3001"], ["two", "3002"]]) {
    const body = { username, password: "password", email: `${username}@x.org`, extension };
    const made = { as: "admin", body: { ...body, typology: "chrome_softphone" } };
    assert.equal((await w.ask("POST", "/api/agents", made)).status, 201);
  }
});
after(() => w?.end());

async function signedIn(username) {
  const got = await w.post("/api/login", { username, password: "password" });
  assert.equal(got.status, 200, JSON.stringify(got.body));
  return got.body;
}
const beat = (token, id) => w.ask("POST", `/api/sessions/${id}/heartbeat`, { token });
const logout = ({ token }) => w.ask("POST", "/api/logout", { token });

test("a heartbeat for another's session is refused, and for one that nobody has", async () => {
  const [one, two] = [await signedIn("one"), await signedIn("two")];
  refused("another's", await beat(one.token, two.session_id), "extension-not-owned");
  refused("nobody's", await beat(one.token, "nobody"), "session-unknown");
  assert.equal((await beat(one.token, one.session_id)).status, 200);
  await logout(one);
  await logout(two);
});

test("a heartbeat of a sign-in that has ended is refused, however often it is replayed", async () => {
  const one = await signedIn("one");
  assert.equal((await beat(one.token, one.session_id)).status, 200);
  await logout(one);
  for (let i = 0; i < 3; ++i)
    refused("replayed", await beat(one.token, one.session_id), "token-invalid");
  const again = await signedIn("one");
  const { body } = await w.ask("GET", "/api/agents", { as: "admin" });
  const sub = body.agents.find((row) => row.username === "one").id;
  const old = w.token({ sub, ext: "3001", session: one.session_id });
  refused("in a later token", await beat(old, one.session_id), "session-closed");
  refused("of an old sign-in", await beat(again.token, one.session_id), "session-closed");
  assert.equal((await beat(again.token, again.session_id)).status, 200);
  await w.server.kill9();
  await w.server.up();
  refused("after kill -9, too", await beat(one.token, one.session_id), "token-invalid");
  await logout(again);
});

test("an expired, unsigned or changed token renews nothing", async () => {
  const one = await signedIn("one");
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: one.user.id, ext: "3001", session: one.session_id };
  const late = w.token({ ...claims, exp: now - 1 });
  refused("expired", await beat(late, one.session_id), "token-expired");
  const none = w.token(claims, { alg: "none" });
  refused("unsigned", await beat(none, one.session_id), "token-invalid");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let i = 0; i < 500; ++i) {
    const at = randomInt(one.token.length);
    const letter = letters[randomInt(letters.length)];
    if (letter === one.token[at] || one.token[at] === ".") continue;
    const changed = one.token.slice(0, at) + letter + one.token.slice(at + 1);
    assert.equal((await beat(changed, one.session_id)).status, 401, changed);
  }
  await logout(one);
});

test("on /ws a heartbeat is one's own, and ends with the sign-in", async () => {
  const one = await signedIn("one");
  w.tokens["3001"] = one.token;
  const line = await w.line("3001");
  assert.equal((await line.ask("heartbeat")).success, true);
  await w.ask("DELETE", `/api/licenses/${license.id}`, { as: "admin" });
  declined("of a revoked license", await line.ask("heartbeat"), "license-revoked");
  await logout(one);
  await until("the line ends", async () => line.closed !== undefined);
});
