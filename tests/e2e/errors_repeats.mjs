// The same command again, more of everything than is allowed, and coming back wrongly.
import assert from "node:assert/strict";
import { frame, Line } from "./errors_client.mjs";
import { declined, each, refused, seen } from "./errors_table.mjs";
import { candidate } from "./errors_world.mjs";

async function repeatedOnRest(w) {
  const key = (text) => ({ as: "1000", headers: { "Idempotency-Key": text } });
  const callee = await w.line("1001");
  const id = await w.session("1000", key("open"));
  assert.equal(await w.session("1000", key("open")), id, "one session");
  const body = { session_id: id, target_extension: "1001" };
  const first = await w.post("/api/webrtc/call", body, key("call"));
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.equal((await callee.push("call:incoming")).data.callId, first.body.call_id);
  const again = await w.post("/api/webrtc/call", body, key("call"));
  assert.deepEqual(again.body, first.body, "the first outcome");
  const hangup = { session_id: id, call_id: first.body.call_id };
  for (let i = 0; i < 3; ++i) {
    const got = await w.post("/api/webrtc/hangup", hangup, key(i ? "hang up" : "other"));
    assert.deepEqual([got.status, got.body.message], [200, "Call ended"]);
  }
  const late = await w.post("/api/webrtc/call", body, key("call"));
  assert.equal(late.body.call_id, first.body.call_id, "also when that call is over");
  await callee.push("call:cancelled");
  await callee.ask("ping");
  assert.equal(callee.drain("call:incoming").length, 0, "it rang once");
  const new1 = {
    username: "twice",
    email: "t@host.test",
    extension: "7100",
    password: "something",
  };
  const made = await w.post("/api/register", new1, key("register"));
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.deepEqual((await w.post("/api/register", new1, key("register"))).body, made.body);
  refused("without the key", await w.post("/api/register", new1), "username-taken", "twice");
  const other = { ...body, target_extension: "1002" };
  const reused = await w.post("/api/webrtc/call", other, key("call"));
  refused("the key for something else", reused, "command-id-reused");
  const taken = { ...new1, username: "admin", extension: "1020" };
  const steal = await w.post("/api/register", taken, { headers: { "Idempotency-Key": "steal" } });
  assert.deepEqual([steal.status, steal.body.code], [409, "username-taken"]);
  const still = await w.post("/api/login", { username: "1020", password: "password" });
  assert.equal(still.status, 200, "a refused registration touches nothing");
}

async function repeatedOnLines(w) {
  const [a, b] = [await w.line("1000"), await w.line("1001")];
  const dial = { phoneNumber: "1001", command_id: "dial" };
  const call = await w.dial(a, "1001", { command_id: "dial" });
  assert.equal((await a.ask("call:dial", dial)).callId, call);
  a.drop();
  const c = await w.line("1000");
  assert.equal((await c.ask("call:dial", dial)).callId, call, "on another connection too");
  assert.notEqual(
    await w.dial(b, "1000", { command_id: "dial" }),
    call,
    "another agent's is another",
  );
  const data = (await b.push("call:incoming")).data;
  await b.ask("ping");
  assert.deepEqual([data.callId, b.drain("call:incoming").length], [call, 0], "it rang once");
  const id = 900;
  const calls = [];
  for (let i = 0; i < 2; ++i) {
    c.send({ type: "call:dial", id, data: { phoneNumber: "1001" } });
    calls.push((await c.reply(id)).data.callId);
  }
  w.promised.add(calls[0]);
  assert.equal(calls[0], calls[1], "the same id on one connection is the same command");
  assert.notEqual(calls[0], call);
  const callId = calls[0];
  const answers = [];
  for (let i = 0; i < 2; ++i)
    answers.push(await b.ask("call:answer", { callId, command_id: "answer" }));
  assert.equal(answers[0].success, true);
  assert.deepEqual(answers[0], answers[1]);
  const tone = { callId, tone: "0", command_id: "tone" };
  for (let i = 0; i < 3; ++i) assert.equal((await c.ask("call:dtmf", tone)).success, true);
  declined(
    "the id for another tone",
    await c.ask("call:dtmf", { ...tone, tone: "1" }),
    "command-id-reused",
  );
  assert.equal((await c.ask("call:dtmf", { callId, tone: "#", command_id: "last" })).success, true);
  await b.next("the last tone", (m) => m.type === "call:dtmf" && m.data.tone === "#");
  assert.deepEqual(
    b.drain("call:dtmf").map((m) => m.data.tone),
    ["0"],
    "one effect",
  );
  for (let i = 0; i < 2; ++i)
    declined(
      "a refusal is repeated",
      await c.ask("call:dial", { phoneNumber: "4711", command_id: "x" }),
      "target-not-found",
      "4711",
    );
  assert.equal((await c.ask("call:hangup", { callId })).success, true);
}

async function tooMany(w) {
  const lines = [];
  for (let i = 0; i < 32; ++i) lines.push(await w.line("1005"));
  const headers = { Authorization: `Bearer ${w.token({ ext: "1005" })}` };
  const one = await Line.open(w.port, "/ws?extension=1005", { headers });
  refused("a 33rd line", one.refused, "too-many-devices");
  const open = await w.post("/api/webrtc/session", { extension: "1005" }, { as: "admin" });
  refused("a 33rd device", open, "too-many-devices");
  const [a] = lines;
  await w.line("1001");
  const calls = [];
  for (let i = 0; i < 8; ++i) calls.push(await w.dial(a, "1001"));
  declined("a ninth call", await a.ask("call:dial", { phoneNumber: "1001" }), "too-many-calls");
  const [callId] = calls;
  for (let i = 0; i < 128; ++i) {
    const got = await a.ask("webrtc:ice-candidate", { callId, candidate: candidate(i) });
    assert.equal(got.success, true, JSON.stringify(got));
  }
  const more = { callId, candidate: candidate(128) };
  declined("a 129th candidate", await a.ask("webrtc:ice-candidate", more), "too-many-candidates");
  const known = { callId, candidate: candidate(7) };
  assert.equal(
    (await a.ask("webrtc:ice-candidate", known)).success,
    true,
    "a known one is no more",
  );
  for (const call of calls) await a.ask("call:hangup", { callId: call });
  const id = await w.session("1000", { as: "1000" });
  const add = (n) =>
    w.post("/api/webrtc/ice-candidate", { session_id: id, candidate: candidate(n) });
  for (let i = 0; i < 128; ++i) assert.equal((await add(i)).status, 200);
  refused("a session's 129th candidate", await add(128), "too-many-candidates");
}

/** Sends more tones at once than may wait; each one is relayed or refused as busy. */
async function flood(w, a, b, callId, count) {
  const ask = (id) => ({ type: "call:dtmf", id, data: { callId, tone: "5" } });
  const ids = Array.from({ length: count }, (_, i) => 10_000 + i + w.flooded);
  w.flooded += count;
  a.bytes(Buffer.concat(ids.map((id) => frame(1, JSON.stringify(ask(id))))));
  let relayed = 0;
  for (const id of ids) {
    const { data } = await a.reply(id);
    if (data.success) ++relayed;
    else declined("too much at once", data, "busy");
  }
  for (let i = 0; i < relayed; ++i) await b.push("call:dtmf");
  return relayed;
}

async function floodAndResume(w) {
  const [a, b] = [await w.line("1000"), await w.line("1001")];
  const callId = await w.dial(a, "1001");
  await b.push("call:incoming");
  assert.equal((await b.ask("call:answer", { callId })).success, true);
  w.flooded = 0;
  let relayed = 0;
  for (let round = 0; round < 100 && (relayed <= 512 || !seen.has("busy")); ++round)
    relayed += await flood(w, a, b, callId, 300);
  assert.ok(relayed > 512, "more than an inbox keeps");
  assert.equal((await a.ask("call:dtmf", { callId, tone: "#" })).success, true);
  const last = await b.push("call:dtmf");
  assert.equal(last.data.tone, "#", "nothing was sent twice");
  const { resume_token: token, position, device_id } = b.connected;
  b.drop();
  const back = (at, resume = token, extension = "1001", as = extension) =>
    w.line(extension, { as, query: `&resume=${encodeURIComponent(resume)}&position=${at}` });
  const rows = [
    ["a position too old", position, token],
    ["a position beyond the log", last.position + 1_000_000, token],
    ["an unknown token", last.position, "nobody-knows-this"],
    ["a token of dots", last.position, "a.b.c"],
    [
      "a token with another end",
      last.position,
      `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`,
    ],
    ["another extension's token", last.position, token, "1000", "admin"],
  ];
  await each(rows, async (name, at, resume, extension, as) => {
    const line = await back(at, resume, extension, as);
    assert.equal(line.connected.resumed, false, name);
    const mine = resume === token && extension !== "1000";
    assert.equal(line.connected.device_id === device_id, mine, `${name}: the device`);
    assert.deepEqual(
      line.connected.calls.map((call) => call.callId),
      mine ? [callId] : [],
    );
  });
  const one = await back(last.position);
  assert.equal(one.connected.resumed, true, "the last position");
  const two = await back(last.position);
  assert.equal(two.connected.resumed, true);
  await one.end();
  assert.equal(one.closed.code, 1008, "the line that was taken over ends");
  assert.equal((await two.ask("call:hangup", { callId })).success, true);
}

export const cases = [
  ["a REST command that is repeated has one effect and one answer", repeatedOnRest],
  ["a message that is repeated has one effect and one answer", repeatedOnLines],
  ["one more than a limit allows is refused, and what is there stays", tooMany],
  ["a flood is relayed or refused, and who comes back wrongly starts anew", floodAndResume],
];
