// Who asks: tokens that are no tokens, foreign pages, other agents, other tenants.
import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { Line } from "./errors_client.mjs";
import { routes } from "./errors_rest.mjs";
import { declined, each, refused } from "./errors_table.mjs";
import { candidate, foreign, listed, sdp } from "./errors_world.mjs";

const base64 = (what) => Buffer.from(what).toString("base64url");

function badTokens(w) {
  const good = w.token();
  const [head, claims, signature] = good.split(".");
  const now = Math.floor(Date.now() / 1000);
  const unsigned = (alg) => `${base64(JSON.stringify({ alg }))}.${claims}`;
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = { alg: "RS256", key: other.privateKey };
  const signed = (text) =>
    `${text}.${createHmac("sha256", w.secret).update(text).digest("base64url")}`;
  return [
    ["noise", "abc"],
    ["two parts", `${head}.${claims}`],
    ["four parts", `${good}.x`],
    ["empty parts", ".."],
    ["no algorithm", `${unsigned("none")}.`],
    ["no algorithm, spelt differently", `${unsigned("NonE")}.`],
    ["no algorithm with a signature", `${unsigned("none")}.${signature}`],
    ["no signature", `${head}.${claims}.`],
    ["a signature with one bit changed", `${head}.${claims}.${flipped(signature)}`],
    ["claims with one bit changed", `${head}.${flipped(claims)}.${signature}`],
    ["another secret", w.token({}, { key: "x".repeat(48) })],
    ["the issuer's public key as secret", w.token({}, { key: w.pem })],
    ["the issuer's trimmed public key as secret", w.token({}, { key: w.pem.trim() })],
    ["RS256 of another issuer", w.token({}, rsa)],
    ["RS256 with the shared secret's signature", signed(unsigned("RS256"))],
    ["HS512 in the header", signed(unsigned("HS512"))],
    ["a critical extension", w.token({}, { header: { crit: ["x"], x: 1 } })],
    ["padding", `${good}=`],
    ["standard base64", signed(`${head}.${base64('{"sub":"???>>>"}').replace(/[-_]/g, "+")}`)],
    ["claims that are a list", signed(`${head}.${base64("[]")}`)],
    ["claims that are no JSON", signed(`${head}.${base64("{")}`)],
    ["8193 bytes", w.token({ more: "x".repeat(6100) })],
    ["no sub", w.token({ sub: undefined })],
    ["an empty sub", w.token({ sub: "" })],
    ["no tenant", w.token({ tenant: undefined })],
    ["no exp", w.token({ exp: undefined })],
    ["exp as text", w.token({ exp: String(now + 60) })],
    ["exp as a fraction", w.token({ exp: now + 60.5 })],
    ["a negative exp", w.token({ exp: -1 })],
    ["issued tomorrow", w.token({ iat: now + 86_400 })],
    ["not before tomorrow", w.token({ nbf: now + 86_400 })],
    ["sub as a number", w.token({ sub: 5 })],
    ["ext as a number", w.token({ ext: 1000 })],
    ["roles as a text", w.token({ roles: "admin" })],
    ["roles of numbers", w.token({ roles: [1] })],
    ["expired a second ago", w.token({ exp: now - 1 }), "token-expired"],
    ["expired long ago", w.token({ exp: 1 }), "token-expired"],
    [
      "expired, of the issuer",
      w.token({ exp: 1 }, { alg: "RS256", key: w.issuer.privateKey }),
      "token-expired",
    ],
  ];
}

function flipped(text) {
  const bytes = Buffer.from(text, "base64url");
  bytes[bytes.length >> 1] ^= 1;
  return bytes.toString("base64url");
}

async function everyToken(w) {
  const at = "/protected/call/history";
  const carriers = [
    ["in the header", (token) => w.ask("GET", at, { token })],
    [
      "in the cookie",
      (token) => w.ask("GET", at, { headers: { Cookie: `strowger_session=${token}` } }),
    ],
    [
      "at /ws, in the header",
      (token) => upgrade(w, { headers: { Authorization: `Bearer ${token}` } }),
    ],
    [
      "at /ws, in the sub-protocol",
      (token) => upgrade(w, { protocol: `strowger.v1.json, bearer, ${token}` }),
    ],
    [
      "at /ws, in the query",
      (token) => upgrade(w, { query: `&token=${encodeURIComponent(token)}` }),
    ],
    [
      "before a good cookie",
      (token) =>
        w.ask("GET", at, { token, headers: { Cookie: `strowger_session=${w.tokens[1000]}` } }),
    ],
  ];
  const rows = badTokens(w).flatMap(([name, token, code = "token-invalid"]) =>
    carriers.map(([where, ask]) => [`${name} ${where}`, token, code, ask]),
  );
  await each(rows, async (name, token, code, ask) => refused(name, await ask(token), code));
  const issued = w.token({}, { alg: "RS256", key: w.issuer.privateKey });
  assert.equal((await w.ask("GET", at, { token: issued })).status, 200, "the issuer's own token");
  assert.equal((await w.ask("GET", at, { token: w.token() })).status, 200, "a good token");
}

/** The refusal of an upgrade. */
async function upgrade(w, { headers, protocol, query = "" }) {
  const line = await Line.open(w.port, `/ws?extension=1000${query}`, { headers, protocol });
  assert.ok(line.refused, "it was refused");
  return line.refused;
}

async function everyDoor(w) {
  const basic = { Authorization: "Basic MTAwMDpwYXNzd29yZA==" };
  const doors = routes.filter(({ rule }) => /^(token|admin)$/.test(rule));
  assert.ok(doors.length >= 7);
  await each(
    doors.map((door) => [door.at, door]),
    async (at, { method, rule }) => {
      refused(`${at} without a token`, await w.ask(method, at), "token-missing");
      refused(
        `${at} with a password`,
        await w.ask(method, at, { headers: basic }),
        "token-invalid",
      );
      refused(`${at} with a bad token`, await w.ask(method, at, { token: "abc" }), "token-invalid");
      if (rule === "admin")
        refused(`${at} as an agent`, await w.ask(method, at, { as: "1000" }), "forbidden");
    },
  );
  refused("/metrics as an agent", await w.ask("GET", "/metrics", { as: "1000" }), "forbidden");
  const host = { Host: "pbx.test" }; // what a page that was bound to this address would send
  for (const { at, method } of routes.filter((route) => route.rule === "compat"))
    refused(
      `${method} ${at} for a stranger's name`,
      await w.ask(method, at, { headers: host }),
      "token-missing",
    );
  refused(
    "/metrics for a stranger's name",
    await w.ask("GET", "/metrics", { headers: host }),
    "token-missing",
  );
}

async function everyOrigin(w) {
  const cookie = { Cookie: `strowger_session=${w.tokens[1000]}` };
  const own = `http://127.0.0.1:${w.port}`;
  const state = [
    ["no origin", {}],
    ["a foreign origin", { Origin: foreign }],
    ["the origin null", { Origin: "null" }],
    ["its own host under another scheme", { Origin: own.replace("http", "https") }],
    ["its own host and another port", { Origin: "http://127.0.0.1:1" }],
    ["a longer host", { Origin: `${own}.test` }],
    ["a longer listed origin", { Origin: `${listed}.evil` }],
  ];
  await each(state, async (name, headers) => {
    const all = { ...cookie, ...headers };
    refused(
      `a logout by cookie with ${name}`,
      await w.ask("POST", "/api/logout", { headers: all }),
      "origin-refused",
    );
    refused(
      `a socket by cookie with ${name}`,
      await upgrade(w, { headers: all }),
      "origin-refused",
    );
    if (!headers.Origin) return;
    const read = await w.ask("GET", "/protected/call/history", { headers: all });
    refused(`a read by cookie with ${name}`, read, "origin-refused");
    const token = { ...headers, Authorization: `Bearer ${w.tokens[1000]}` };
    refused(
      `a socket with a token and ${name}`,
      await upgrade(w, { headers: token }),
      "origin-refused",
    );
    const open = await w.post("/api/webrtc/session", { extension: "1000" }, { headers });
    refused(`no credentials and ${name}`, open, "origin-refused");
  });
  const all = { ...cookie, Origin: listed };
  assert.equal((await w.ask("GET", "/protected/call/history", { headers: all })).status, 200);
}

async function signedOut(w) {
  const mine = w.token({ sub: (await w.signIn("1009")).user.agent_id, jti: "twin" });
  const theirs = w.token({ tenant: "other", jti: "twin" });
  const gone = { token: mine };
  const line = await Line.open(w.port, "/ws?extension=1000", {
    headers: { Authorization: `Bearer ${mine}` },
  });
  assert.equal((await w.ask("POST", "/api/logout", gone)).status, 200);
  await line.end();
  assert.equal(line.closed.code, 1008, "its socket went with it");
  refused("a revoked token", await w.ask("GET", "/protected/call/history", gone), "token-invalid");
  refused(
    "a revoked token signs out again",
    await w.ask("POST", "/api/logout", gone),
    "token-invalid",
  );
  const twin = await w.ask("GET", "/protected/call/history", { token: theirs });
  assert.equal(twin.status, 200, "another tenant's token of the same name is not revoked");
  refused(
    "an agent that is not there",
    await w.ask("POST", "/api/logout", { token: w.token() }),
    "agent-unknown",
  );
}

async function anotherAgent(w) {
  const [a, b] = [await w.line("1000"), await w.line("1002"), await w.line("1008")];
  const device = a.connected.device_id;
  const call = await w.dial(a, "1002");
  await b.push("call:incoming");
  const as = { as: "1001" };
  const not = "extension-not-owned";
  const line = { headers: { Authorization: `Bearer ${w.tokens[1001]}` } };
  refused("/ws", await upgrade(w, line), not);
  refused(
    "/ws with the owner's resume token",
    await upgrade(w, { ...line, query: `&resume=${a.connected.resume_token}` }),
    not,
  );
  refused("a session", await w.post("/api/webrtc/session", { extension: "1000" }, as), not);
  refused(
    "the history",
    await w.ask("GET", "/protected/call/history?extension=1000", as),
    not,
    "1000",
  );
  refused("the doctor", await w.ask("GET", "/protected/doctor/call?from=1000&to=1002", as), not);
  const initiate = { target_extension: "1002", device_id: device };
  refused(
    "a call from their device",
    await w.post("/protected/call/initiate", initiate, as),
    "device-unknown",
    "1001",
  );
  const theirs = await w.session("1000", { as: "1000" });
  await each(
    everyRequest(theirs).map(([method, at, body]) => [`${method} ${at}`, method, at, body]),
    async (name, method, at, body) => refused(name, await w.ask(method, at, { ...as, body }), not),
  );
  const kept = await w.ask("GET", `/api/webrtc/session/${theirs}`, { as: "1000" });
  assert.equal(kept.body.session.state, "new", "nothing was done to their session");
  const session = await w.session("1001", as);
  const hangup = await w.post("/api/webrtc/hangup", { session_id: session, call_id: call }, as);
  refused("a hang-up of their call", hangup, "not-in-call");
  const digit = await w.post(
    "/api/webrtc/dtmf",
    { session_id: session, call_id: call, digit: "1" },
    as,
  );
  refused("a tone into their call", digit, "not-in-call");
  const c = await w.line("1001");
  await each(everyAct(call), async (type, data) =>
    declined(type, await c.ask(type, data), "not-in-call"),
  );
  assert.equal((await b.ask("call:answer", { callId: call })).success, true, "it still rings");
  assert.equal((await a.ask("call:hangup", { callId: call })).success, true);
  const mine = (await w.ask("GET", "/protected/call/history", as)).body.calls;
  assert.ok(
    mine.every((row) => row.call_id !== call),
    "and stands in nobody else's history",
  );
}

/** Everything that can be asked of a REST session: [method, address, body]. */
export function everyRequest(id) {
  return [
    ["GET", `/api/webrtc/session/${id}`],
    ["GET", `/api/webrtc/session/${id}/events`],
    ["POST", `/api/sessions/${id}/heartbeat`],
    ["POST", "/api/webrtc/offer", { session_id: id, sdp }],
    ["POST", "/api/webrtc/answer", { session_id: id, sdp }],
    ["POST", "/api/webrtc/ice-candidate", { session_id: id, candidate: candidate() }],
    ["POST", "/api/webrtc/call", { session_id: id, target_extension: "1002" }],
    ["POST", "/api/webrtc/hangup", { session_id: id }],
    ["POST", "/api/webrtc/dtmf", { session_id: id, digit: "1" }],
    ["DELETE", `/api/webrtc/session/${id}`],
  ];
}

/** Everything that can be done in a call. */
export function everyAct(callId) {
  return [
    ["call:answer", { callId }],
    ["call:reject", { callId }],
    ["call:hangup", { callId }],
    ["call:hold", { callId }],
    ["call:unhold", { callId }],
    ["call:mute", { callId, muted: true }],
    ["call:dtmf", { callId, tone: "1" }],
    ["call:transfer", { callId, target: "1008" }],
    ["call:transfer-cancel", { callId }],
    ["webrtc:offer", { callId, sdp }],
    ["webrtc:answer", { callId, sdp }],
    ["webrtc:ice-candidate", { callId, candidate: candidate() }],
  ];
}

export const cases = [
  ["no bad token opens anything, wherever it is carried", everyToken],
  ["every protected route asks for a token, and the admin's for an admin's", everyDoor],
  ["a cookie acts for its own pages only, and no foreign page gets a socket", everyOrigin],
  ["a token that signed out is no token, and its socket ends", signedOut],
  ["an extension, a device and a call of another agent", anotherAgent],
];
