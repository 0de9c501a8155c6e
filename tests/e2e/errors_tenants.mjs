// Two tenants with the same numbers: nothing of the one is there for the other.
import assert from "node:assert/strict";
import { Line } from "./errors_client.mjs";
import { declined, each, refused } from "./errors_table.mjs";
import { everyAct, everyRequest } from "./errors_who.mjs";

async function sameNames(w) {
  const agent = { email: "a@host.test", password: "password", tenant: "other" };
  const stray = { ...agent, username: "stray", extension: "2222" };
  for (const as of [undefined, "1000"]) {
    const got = await w.post("/api/register", stray, { as });
    refused("only an admin names a tenant", got, "forbidden", "tenant");
  }
  const admin = { as: "admin" };
  for (const tenant of ["_site", "x/y", "Other", "other "]) {
    const got = await w.post("/api/register", { ...stray, tenant }, admin);
    refused(`tenant ${tenant}`, got, "value-out-of-range", "tenant");
  }
  for (const number of ["1000", "2000"]) {
    const body = { ...agent, username: number, extension: number };
    const got = await w.post("/api/register", body, admin);
    assert.equal(got.status, 201, JSON.stringify(got.body));
    await w.signIn(number, "other", `other/${number}`);
  }
  const seat = { ...agent, username: "seat", extension: "3000", typology: "chrome_softphone" };
  assert.equal((await w.post("/api/register", seat, admin)).status, 201);
  const login = await w.post("/api/login", {
    username: "seat",
    password: "password",
    tenant: "other",
  });
  refused("a tenant without a license", login, "feature-not-licensed");
  const cross = { username: "2000", password: "password" };
  refused("another tenant's user", await w.post("/api/login", cross), "wrong-credentials");
  w.tokens["other/admin"] = w.token({ tenant: "other", roles: ["admin"], ext: "1000" });
}

async function sessions(w) {
  const id = await w.session("1000", { as: "1000" });
  const rows = ["other/1000", "other/admin"].flatMap((as) =>
    everyRequest(id).map(([method, at, body]) => [
      `${method} ${at} as ${as}`,
      method,
      at,
      body,
      as,
    ]),
  );
  await each(rows, async (name, method, at, body, as) => {
    refused(name, await w.ask(method, at, { as, body }), "session-unknown");
  });
  const still = await w.ask("GET", `/api/webrtc/session/${id}`, { as: "1000" });
  assert.equal(still.status, 200, "it is still open for its owner");
  assert.equal(still.body.session.state, "new", "and nothing was done to it");
  const listed = await w.ask("GET", "/api/webrtc/sessions", { as: "other/admin" });
  assert.deepEqual(listed.body, []);
}

async function calls(w) {
  const [a, b] = [await w.line("1000"), await w.line("1001")];
  const [x, y] = [
    await w.line("1000", { as: "other/1000" }),
    await w.line("2000", { as: "other/2000" }),
  ];
  const call = await w.dial(a, "1001");
  await b.push("call:incoming");
  await each(
    everyAct(call).filter(([type]) => type !== "call:transfer"),
    async (type, data) => {
      declined(`${type} in their call`, await x.ask(type, data), "call-unknown");
    },
  );
  declined(
    "a transfer of their call",
    await x.ask("call:transfer", { callId: call, target: "2000" }),
    "call-unknown",
  );
  const session = await w.session("1000", { as: "other/1000" });
  const hangup = await w.post(
    "/api/webrtc/hangup",
    { session_id: session, call_id: call },
    { as: "other/1000" },
  );
  refused("a hang-up of their call", hangup, "call-unknown");
  assert.equal((await b.ask("call:answer", { callId: call })).success, true, "it still rings");
  declined(
    "their number",
    await x.ask("call:dial", { phoneNumber: "1001" }),
    "target-not-found",
    "1001",
  );
  const initiate = (body) => w.post("/protected/call/initiate", body, { as: "other/1000" });
  refused("their number", await initiate({ target_extension: "1001" }), "target-not-found", "1001");
  const theirs = { target_extension: "2000", device_id: a.connected.device_id };
  refused("their device", await initiate(theirs), "device-unknown", "1000");
  const own = await w.dial(x, "2000");
  assert.equal((await y.push("call:incoming")).data.callId, own);
  declined(
    "a transfer to their number",
    await x.ask("call:transfer", { callId: own, target: "1001" }),
    "target-not-found",
    "1001",
  );
  assert.equal((await x.ask("call:hangup", { callId: own })).success, true);
  assert.equal((await a.ask("call:hangup", { callId: call })).success, true);
  const rows = (await w.ask("GET", "/protected/call/history", { as: "other/admin" })).body.calls;
  assert.deepEqual(
    rows.map((row) => row.call_id),
    [own],
    "its own call and no other",
  );
  refused(
    "their history",
    await w.ask("GET", "/protected/call/history?extension=1001", { as: "other/1000" }),
    "extension-not-owned",
    "1001",
  );
  const numbers = (await w.ask("GET", "/protected/extensions/status", { as: "other/1000" })).body
    .extensions;
  assert.deepEqual(
    numbers.map((row) => row.extension),
    ["1000", "2000", "3000"],
  );
}

async function devices(w) {
  const bearer = (as) => ({ headers: { Authorization: `Bearer ${w.tokens[as]}` } });
  const owner = await w.line("1001");
  const query = `&resume=${owner.connected.resume_token}&position=${owner.connected.position}`;
  const guest = await w.line("1000", { as: "other/1000", query });
  assert.equal(guest.connected.resumed, false, "their resume token is no resume token");
  assert.notEqual(guest.connected.device_id, owner.connected.device_id);
  assert.ok((await owner.ask("presence:subscribe")).success, "and took nothing over");
  const stranger = await Line.open(w.port, "/ws?extension=1001", bearer("other/1000"));
  refused("their number", stranger.refused, "extension-not-owned");
  const admin = await Line.open(w.port, "/ws?extension=1001", bearer("other/admin"));
  refused("their number, for an admin", admin.refused, "extension-unknown", "1001");
  const open = await w.post("/api/webrtc/session", { extension: "1001" }, { as: "other/admin" });
  refused("a session of their number", open, "extension-unknown", "1001");
  const headers = { "Idempotency-Key": "the same key" };
  const [one, two] = [
    await w.session("1000", { as: "1000", headers }),
    await w.session("1000", { as: "other/1000", headers }),
  ];
  assert.notEqual(one, two, "one key in two tenants names two commands");
}

export const cases = [
  ["two tenants may use the same names", sameNames],
  ["another tenant's sessions are not there", sessions],
  ["another tenant's calls and numbers are not there", calls],
  ["another tenant's devices are not there", devices],
];
