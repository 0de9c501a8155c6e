// Bad requests on every REST route: [name, run(world)].
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bodies, changes } from "./errors_bodies.mjs";
import * as is from "./errors_faults.mjs";
import { each, refused } from "./errors_table.mjs";

const source = readFileSync(new URL("../../http/routes.cpp", import.meta.url), "utf8");
const verbs = { get: "GET", post: "POST", put: "PUT", del: "DELETE" };
/** {method, pattern, at, rule} of every route in the code, but for Engine.IO's: it has errors of its
 *  own (engineio.test.mjs). */
export const routes = [...source.matchAll(/route\{(get|post|put|del), "([^"]+)", (\w+),/g)]
  .map(([, verb, pattern, rule]) => ({
    method: verbs[verb],
    pattern,
    at: pattern.replace("{id}", "nobody-knows-this").replace("{file}", "nothing.js"),
    rule,
  }))
  .filter(({ pattern }) => pattern !== "/socket.io/");

async function everyField(w) {
  const rows = Object.entries(bodies).flatMap(([at, [fields, good]]) =>
    is
      .bodies(fields, good)
      .map(([what, body, code, about]) => [`${at}: ${what}`, at, body, code, about]),
  );
  await each(rows, async (name, at, body, code, about) => {
    refused(name, await w.post(at, body, { as: asker(at) }), code, about);
  });
  const puts = Object.entries(changes).flatMap(([at, [fields, good]]) =>
    is.bodies(fields, good).map(([what, ...row]) => [`PUT ${at}: ${what}`, at, ...row]),
  );
  await each(puts, async (name, at, body, code, about) => {
    refused(name, await w.ask("PUT", at, { as: "admin", body }), code, about);
  });
}

const asker = (at) => (/^\/api\/(licenses|agents)/.test(at) ? "admin" : "1000");

async function everyDocument(w) {
  const empty = ["/api/logout", "/api/sessions/nobody-knows-this/heartbeat"]; // they read no body
  const posts = routes.filter(({ method }) => method === "POST").map(({ at }) => at);
  assert.deepEqual([...Object.keys(bodies), ...empty].sort(), posts.sort());
  const json = { "Content-Type": "application/json" };
  const rows = Object.keys(bodies).flatMap((at) =>
    [["an empty body", "", "malformed-json"], ...is.documents]
      .filter(([, bytes]) => bytes !== "" || !at.endsWith("/validate")) // it may be left out
      .map(([what, bytes, code]) => [`${at}: ${what}`, at, bytes, code]),
  );
  await each(rows, async (name, at, bytes, code) => {
    refused(name, await w.ask("POST", at, { as: asker(at), headers: json, bytes }), code);
  });
}

async function everyRoute(w) {
  const written = source.match(/^ {4}route\{\w+, "(?!\/socket\.io\/)/gm);
  assert.equal(routes.length, written.length);
  await each(
    routes.map((route) => [`${route.method} ${route.at}`, route]),
    async (name, { method, at }) => {
      const got = await w.ask("PATCH", at, { as: "1000" });
      refused(`PATCH ${at}`, got, "method-not-allowed");
      assert.ok(got.headers.allow.includes(method), `${name}: Allow: ${got.headers.allow}`);
      refused(
        `${name}/x`,
        await w.ask(method, `${at}/x/y/z`.replace("//", "/"), { as: "1000" }),
        "not-found",
      );
      const bytes = "a".repeat((at.match(/offer|answer/) ? 256 : 64) * 1024 + 1);
      refused(
        `${name} with a large body`,
        await w.ask(method, at, { as: "1000", bytes }),
        "body-too-large",
      );
      const headers = { "Content-Type": "text/plain" };
      refused(
        `${name} with text/plain`,
        await w.ask(method, at, { as: "1000", headers, bytes: "{}" }),
        "unsupported-media-type",
      );
      refused(
        `${name} with a long Idempotency-Key`,
        await w.ask(method, at, { as: "1000", headers: { "Idempotency-Key": "k".repeat(129) } }),
        "value-out-of-range",
        "Idempotency-Key",
      );
    },
  );
}

const queries = [
  ["history: limit 0", "/protected/call/history?limit=0", "limit"],
  ["history: limit -1", "/protected/call/history?limit=-1", "limit"],
  ["history: limit 1x", "/protected/call/history?limit=1x", "limit"],
  [
    "history: a limit beyond 64 bits",
    "/protected/call/history?limit=99999999999999999999",
    "limit",
  ],
  ["history: from yesterday", "/protected/call/history?from=yesterday", "from"],
  ["history: to month 13", "/protected/call/history?to=2026-13-01T00:00:00Z", "to"],
  [
    "history: a long extension",
    `/protected/call/history?extension=${"9".repeat(257)}`,
    "extension",
  ],
  ["history: a long state", `/protected/call/history?state=${"a".repeat(257)}`, "state"],
  ["history: an unknown state", "/protected/call/history?state=bogus", "state"],
  ["history: a cursor of letters", "/protected/call/history?cursor=zz", "cursor"],
  ["history: a negative cursor", "/protected/call/history?cursor=-1", "cursor"],
  ["history: a long cursor", `/protected/call/history?cursor=${"1".repeat(257)}`, "cursor"],
  ["doctor: no from", "/protected/doctor/call?to=1001", "not a number that can be dialled"],
  ["doctor: no to", "/protected/doctor/call?from=1000", "not a number that can be dialled"],
  [
    "doctor: a bad to",
    "/protected/doctor/call?from=1000&to=%2F",
    "not a number that can be dialled",
  ],
];

async function everyQuery(w) {
  await each(queries, async (name, at, about) => {
    refused(name, await w.ask("GET", at, { as: "1000" }), "value-out-of-range", about);
  });
  const at = "/protected/call/initiate";
  const body = { target_extension: "1001" };
  for (const method of ["sip", "ami"])
    refused(
      method,
      await w.post(`${at}?method=${method}`, body, { as: "1000" }),
      "method-not-supported",
      method,
    );
  refused(
    "an unknown method",
    await w.post(`${at}?method=fax`, body, { as: "1000" }),
    "value-out-of-range",
    "method",
  );
}

async function registration(w) {
  const good = {
    username: "new",
    email: "new@host.test",
    extension: "7000",
    password: "something",
  };
  const rows = [
    ["a role", { roles: ["admin"] }, "unknown-field", "roles"],
    ["a field of tomorrow", { colour: "red" }, "unknown-field", "colour"],
    ["an address without @", { email: "new" }, "value-out-of-range", "email"],
    ["an address without a user", { email: "@host.test" }, "value-out-of-range", "email"],
    ["an address without a host", { email: "new@" }, "value-out-of-range", "email"],
    ["an extension of letters", { extension: "abc" }, "value-out-of-range", "extension"],
    ["a service code as extension", { extension: "*43" }, "value-out-of-range", "extension"],
    ["an unknown typology", { typology: "king" }, "value-out-of-range", "typology"],
    ["a name in use", { username: "admin" }, "username-taken", "admin"],
    ["a sample's name", { username: "1000" }, "username-taken", "1000"],
    ["the admin's extension", { extension: "999" }, "extension-in-use", "999"],
    ["a used sample's extension", { extension: "1000" }, "extension-in-use", "1000"],
  ];
  await each(rows, async (name, fields, code, about) => {
    refused(name, await w.post("/api/register", { ...good, ...fields }), code, about);
    const as = "admin";
    refused(name, await w.post("/api/agents", { ...good, ...fields }, { as }), code, about);
  });
  const after = await w.post("/api/login", { username: "new", password: "something" });
  refused("nothing of it was registered", after, "wrong-credentials");
}

async function things(w) {
  const closed = await w.session("1000", { as: "1000" });
  const key = { as: "1000", headers: { "Idempotency-Key": "close" } };
  for (let i = 0; i < 2; ++i)
    assert.equal((await w.ask("DELETE", `/api/webrtc/session/${closed}`, key)).status, 200);
  for (const [id, code] of [
    ["nobody-knows-this", "session-unknown"],
    [closed, "session-closed"],
  ]) {
    const rows = Object.entries(bodies)
      .filter(([at, [fields]]) => at.startsWith("/api/webrtc/") && fields.session_id)
      .map(([at, [, good]]) => [at, "POST", { ...good, session_id: id }]);
    rows.push([`/api/webrtc/session/${id}`, "GET"], [`/api/webrtc/session/${id}/events`, "GET"]);
    rows.push([`/api/webrtc/session/${id}`, "DELETE"], [`/api/sessions/${id}/heartbeat`, "POST"]);
    await each(rows, async (at, method, body) => {
      refused(`${method} ${at}`, await w.ask(method, at, { as: "1000", body }), code);
    });
  }
  const open = await w.session("1000", { as: "1000" });
  const at = `/api/webrtc/session/${open}/events`;
  for (const headers of [{ "Last-Event-ID": "x" }, { "Last-Event-ID": "-1" }])
    refused(
      "Last-Event-ID",
      await w.ask("GET", at, { as: "1000", headers }),
      "value-out-of-range",
      "Last-Event-ID",
    );
  const initiate = (target, more, as = "1000") =>
    w.post("/protected/call/initiate", { target_extension: target, ...more }, { as });
  await w.line("1008"); // somebody to call
  refused("no device", await initiate("1008"), "no-calling-device", "1000");
  refused(
    "an unknown device",
    await initiate("1008", { device_id: "d" }),
    "device-unknown",
    "1000",
  );
  refused("nobody", await initiate("4711"), "target-not-found", "4711");
  refused("not signed in", await initiate("1010"), "target-offline", "1010");
  const acts = { session_id: open };
  refused(
    "an unknown call",
    await w.post("/api/webrtc/hangup", { ...acts, call_id: "c" }, { as: "1000" }),
    "call-unknown",
  );
  refused(
    "a tone into nothing",
    await w.post("/api/webrtc/dtmf", { ...acts, digit: "1" }),
    "call-unknown",
  );
  refused(
    "the admin opens nowhere",
    await w.post("/api/webrtc/session", { extension: "4711" }, { as: "admin" }),
    "extension-unknown",
    "4711",
  );
}

async function licenses(w) {
  const as = "admin";
  const nobody = "nobody-knows-this";
  for (const [method, at] of [
    ["GET", ""],
    ["PUT", ""],
    ["DELETE", ""],
    ["GET", "/webrtc-sessions"],
  ]) {
    const body = method === "PUT" ? {} : undefined;
    const got = await w.ask(method, `/api/licenses/${nobody}${at}`, { as, body });
    refused(`${method} ${at}`, got, "license-unknown", nobody);
  }
  for (const [method, at] of [
    ["GET", ""],
    ["PUT", ""],
    ["DELETE", ""],
    ["GET", "/sip-config"],
  ]) {
    const body = method === "PUT" ? {} : undefined;
    const got = await w.ask(method, `/api/agents/${nobody}${at}`, { as, body });
    refused(`${method} ${at}`, got, "agent-unknown");
  }
}

async function attempts(w) {
  const body = { username: "victim", password: "wrong" };
  for (let i = 0; i < 5; ++i)
    refused(`attempt ${i}`, await w.post("/api/login", body), "wrong-credentials");
  refused("attempt 6", await w.post("/api/login", body), "too-many-attempts");
  refused(
    "another tenant counts for itself",
    await w.post("/api/login", { ...body, tenant: "other" }),
    "wrong-credentials",
  );
}

export const cases = [
  ["every field of every body, wrong in every way, is named", everyField],
  ["what is no JSON map is refused by every route with a body", everyDocument],
  ["every route refuses wrong methods, paths, sizes, types and keys", everyRoute],
  ["queries out of range are named", everyQuery],
  ["a registration with anything wrong registers nothing", registration],
  ["sessions, devices and calls that are not there", things],
  ["licenses and agents that are not there", licenses],
  ["the sixth wrong password has to wait", attempts],
];
