// Receipts of seats: given and refused, each signed, with the event of the log that says so, to be
// checked by anybody with the public key; tampered ones are refused.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { refused } from "./errors_table.mjs";
import { World } from "./errors_world.mjs";
import { binary } from "./server.mjs";

let w;
let license;
before(async () => {
  w = await World.start();
  await w.signIn("admin");
  license = (await w.ask("GET", "/api/licenses/current", { as: "admin" })).body.license;
  await w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body: { webrtc_max_users: 1 } });
  for (const [name, extension] of [["one", "3001"], ["two", "3002"]]) {
    const body = { ...account(name), email: `${name}@x.org`, extension, typology: "webrtc_appbar" };
    const got = await w.ask("POST", "/api/agents", { as: "admin", body });
    assert.equal(got.status, 201, JSON.stringify(got.body));
  }
});
after(() => w?.end());

const account = (name) => ({ username: name, password: `password of ${name}` });
const login = (name) => w.post("/api/login", account(name));
const logout = (token) => w.ask("POST", "/api/logout", { token });

async function receipt(at) {
  const got = await w.ask("GET", at, {});
  assert.equal(got.status, 200, JSON.stringify(got.body));
  return got.body;
}

/** What the command says of a statement: {status, out, err}. */
async function verify(statement) {
  const { body } = await w.ask("GET", "/api/licenses/key", {});
  const [file, key] = ["statement", "key.pem"].map((name) => path.join(w.folder, name));
  writeFileSync(file, statement);
  writeFileSync(key, body.public_key);
  const got = spawnSync(binary, ["license", "verify", file, "--key", key], { encoding: "utf8" });
  return { status: got.status, out: got.stdout, err: got.stderr, key_id: body.key_id };
}

/** The event that a receipt names, from the log of the running server's folder. */
function logged(data, { position }) {
  const range = ["--from", String(position), "--to", String(position)];
  const got = spawnSync(binary, ["events", "--data", data, ...range], { encoding: "utf8" });
  return JSON.parse(got.stdout);
}

test("a grant and a refusal are signed, with the event that proves them, offline", async () => {
  const one = (await login("one")).body;
  const given = await receipt(`/api/sessions/${one.session_id}/receipt`);
  assert.deepEqual(
    [given.granted, given.code, given.license_id, given.session_id, given.event],
    [true, "VALID", license.id, one.session_id, "license.seat_taken.v1"],
  );
  const says = await verify(given.statement);
  assert.equal(says.status, 0, says.err);
  assert.equal(says.key_id, given.key_id);
  const shown = JSON.parse(says.out);
  for (const name of ["license_id", "agent_id", "session_id", "granted", "code", "position", "event", "stream", "version", "at"])
    assert.equal(shown[name], given[name], name);

  const second = await login("two");
  refused("user two", second, "user-limit-reached");
  assert.match(second.body.receipt, /^\/api\/sessions\/[0-9a-z]+\/receipt$/);
  const not = await receipt(second.body.receipt);
  assert.deepEqual([not.granted, not.code, not.event], [false, "TOO_MANY_USERS", "session.closed.v1"]);
  assert.ok(not.position > given.position);
  assert.equal(JSON.parse((await verify(not.statement)).out).code, "TOO_MANY_USERS");

  await logout(one.token);
  const later = await receipt(`/api/sessions/${one.session_id}/receipt`);
  assert.equal(later.position, given.position, "also when the session is over");
  await w.server.kill9();
  await w.server.up();
  assert.equal((await receipt(second.body.receipt)).position, not.position, "and after kill -9");

  for (const features of [{ webrtc_extension: false }, { webrtc_extension: true }]) {
    await w.ask("PUT", `/api/licenses/${license.id}`, { as: "admin", body: { features } });
    if (features.webrtc_extension) break;
    const without = await login("two");
    refused("without the feature", without, "feature-not-licensed");
    assert.equal((await receipt(without.body.receipt)).code, "FEATURE_NOT_LICENSED");
  }
  const data = await w.stop();
  assert.equal(logged(data, given).data.session, one.session_id);
  assert.equal(logged(data, not).data.code, "TOO_MANY_USERS");
  w.server.data = data;
  w.data = undefined;
  await w.server.up();
  await w.signIn("admin");
});

test("a receipt that was changed is refused", async () => {
  const { session_id: session, token } = (await login("one")).body;
  const { statement } = await receipt(`/api/sessions/${session}/receipt`);
  for (let i = 0; i < 20; ++i) {
    const bytes = Buffer.from(statement);
    bytes[randomInt(bytes.length)] ^= 1 << randomInt(8);
    const got = await verify(bytes);
    assert.notEqual(got.status, 0, `${bytes}`);
  }
  const [head, body, end] = statement.split(".");
  const said = JSON.parse(Buffer.from(body, "base64url"));
  const other = Buffer.from(JSON.stringify({ ...said, granted: !said.granted })).toString("base64url");
  assert.notEqual((await verify(`${head}.${other}.${end}`)).status, 0);
  await logout(token);
});

test("nobody gets a receipt of what is no sign-in with a seat, or of another tenant's", async () => {
  const plain = await w.session("1000", { as: "admin" });
  refused("a REST session", await w.ask("GET", `/api/sessions/${plain}/receipt`, {}), "session-unknown");
  refused("nobody's", await w.ask("GET", "/api/sessions/nobody/receipt", {}), "session-unknown");
  const { session_id: session, token } = (await login("one")).body;
  const at = `/api/sessions/${session}/receipt`;
  refused("elsewhere", await w.ask("GET", `${at}?tenant=other`, {}), "session-unknown");
  for (const tenant of ["Acme%20Inc", "UPPER", "a_b", "x".repeat(64)])
    refused(tenant, await w.ask("GET", `${at}?tenant=${tenant}`, {}), "value-out-of-range", "tenant");
  for (const method of ["POST", "PUT", "DELETE"])
    refused(method, await w.ask(method, at, { as: "admin" }), "method-not-allowed");
  await logout(token);
});
