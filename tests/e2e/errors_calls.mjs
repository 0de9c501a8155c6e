// Commands out of order: per state of a call, what everybody may not do. A refusal changes nothing,
// so all rows of a state run one after the other in the same call.
import assert from "node:assert/strict";
import { declined, each, refused } from "./errors_table.mjs";
import { everyAct } from "./errors_who.mjs";
import { sdp } from "./errors_world.mjs";

/** Rows of [who, type, more data, code, detail] against one call. */
function table(lines, callId, rows) {
  return each(
    rows.map(([who, type, ...rest]) => [`${who} ${type}`, who, type, ...rest]),
    async (name, who, type, more, code, about) => {
      declined(name, await lines[who].ask(type, { callId, ...more }), code, about);
    },
  );
}

/** The same code for every act but some. */
function all(who, code, ...but) {
  return everyAct("")
    .filter(([type]) => !but.includes(type))
    .map(([type, { callId, ...more }]) => [who, type, more, code]);
}

async function succeeds(line, type, data) {
  const got = await line.ask(type, data);
  assert.equal(got.success, true, `${type}: ${JSON.stringify(got)}`);
  return got;
}

/** Fresh lines: a calls, b and b2 are called, c is the third, and 1008 is there to transfer to. */
async function parties(w) {
  const numbers = ["1000", "1001", "1001", "1002", "1008"];
  const [a, b, b2, c] = await Promise.all(numbers.map((number) => w.line(number)));
  return { a, b, b2, c };
}

async function nobodyCalled(w) {
  const p = await parties(w);
  await table(p, "nobody-knows-this", all("a", "call-unknown"));
  const lost = await w.line("1003");
  lost.drop();
  const dials = [
    ["an unknown number", "4711", "target-not-found", "4711"],
    ["its own number", "1000", "self-call", "1000"],
    ["who never signed in", "1010", "target-offline", "1010"],
    ["an echo that is not there", "*43", "no-client-for-target", "*43"],
  ];
  await each(dials, async (name, phoneNumber, code, about) => {
    declined(name, await p.a.ask("call:dial", { phoneNumber }), code, about);
  });
  await gone(w, "1003");
  declined(
    "whose line is lost",
    await p.a.ask("call:dial", { phoneNumber: "1003" }),
    "no-client-for-target",
    "1003",
  );
  const call = await w.dial(p.a, "1001");
  await p.b.push("call:incoming");
  await succeeds(p.b, "call:answer", { callId: call });
  const target = (number, code) => ["a", "call:transfer", { target: number }, code, number];
  await table(p, call, [
    target("4711", "target-not-found"),
    target("1010", "target-offline"),
    target("1003", "no-client-for-target"),
    target("1000", "self-call"),
    target("1001", "target-busy"),
  ]);
  await succeeds(p.a, "call:hangup", { callId: call });
}

/** Waits until the server has noticed that the extension's line is lost. */
async function gone(w, number) {
  for (let i = 0; i < 1000; ++i) {
    const { body } = await w.ask("GET", "/protected/extensions/status", { as: "admin" });
    if (body.extensions.find((row) => row.extension === number).status === "offline") return;
  }
  assert.fail(`${number} is still online`);
}

async function ringing(w) {
  const p = await parties(w);
  const call = await w.dial(p.a, "1001");
  await p.b.push("call:incoming");
  await table(p, call, [
    ["a", "call:answer", {}, "call-not-ringing"],
    ["a", "call:reject", {}, "call-not-ringing"],
    ["a", "call:hold", {}, "call-not-answered"],
    ["a", "call:unhold", {}, "call-not-answered"],
    ["a", "call:mute", { muted: true }, "call-not-answered"],
    ["a", "call:dtmf", { tone: "1" }, "call-not-answered"],
    ["a", "call:transfer", { target: "1002" }, "call-not-answered"],
    ["a", "call:transfer-cancel", {}, "call-not-answered"],
    ["a", "webrtc:answer", { sdp }, "no-peer-yet"],
    ["a", "webrtc:offer", { sdp, bridge: 2 }, "value-out-of-range"],
    ...all("b", "call-not-answered", "call:answer", "call:reject", "call:hangup"),
    ...all("c", "not-in-call"),
  ]);
  await succeeds(p.b2, "call:reject", { callId: call });
  await table(p, call, all("b2", "call-not-ringing", "call:reject", "call:hangup"));
  await succeeds(p.b2, "call:reject", { callId: call });
  await succeeds(p.a, "call:hangup", { callId: call });
  await table(p, call, [
    ...all("a", "call-over", "call:hangup"),
    ...all("b", "call-over", "call:hangup"),
    ...all("b2", "call-over", "call:reject", "call:hangup"),
    ...all("c", "not-in-call"),
  ]);
  for (const who of ["a", "b", "b2"]) await succeeds(p[who], "call:hangup", { callId: call });
}

async function answered(w) {
  const p = await parties(w);
  const call = await w.dial(p.a, "1001");
  await Promise.all([p.b.push("call:incoming"), p.b2.push("call:incoming")]);
  const won = await succeeds(p.b, "call:answer", { callId: call });
  assert.deepEqual(await p.b.ask("call:answer", { callId: call }), won, "again: the same");
  await table(p, call, [
    ["a", "call:answer", {}, "call-not-ringing"],
    ["a", "call:reject", {}, "call-not-ringing"],
    ["b", "call:reject", {}, "call-not-ringing"],
    ["a", "call:transfer-cancel", {}, "no-transfer-pending"],
    ["b", "call:transfer-cancel", {}, "no-transfer-pending"],
    ["a", "webrtc:offer", { sdp, bridge: 9 }, "value-out-of-range"],
    ...all("b2", "answered-elsewhere"),
    ...all("c", "not-in-call"),
  ]);
  for (let i = 0; i < 2; ++i) await succeeds(p.a, "call:hold", { callId: call });
  await p.b.push("call:held");
  await p.a.ask("ping");
  assert.equal(p.b.drain("call:held").length, 0, "a second hold is nothing new");
  await succeeds(p.b, "call:unhold", { callId: call }); // not its own hold: nothing happens
  await succeeds(p.b, "call:hangup", { callId: call });
  await table(p, call, [
    ...all("a", "call-over", "call:hangup"),
    ...all("b", "call-over", "call:hangup"),
    ...all("b2", "call-over", "call:hangup"),
  ]);
}

async function transferring(w) {
  const p = await parties(w);
  const call = await w.dial(p.a, "1001");
  await p.b.push("call:incoming");
  await succeeds(p.b, "call:answer", { callId: call });
  await succeeds(p.a, "call:transfer", { callId: call, target: "1002", transferType: "warm" });
  await p.c.push("call:incoming");
  await table(p, call, [
    ["a", "call:transfer", { target: "1008" }, "transfer-pending"],
    ["a", "call:transfer", { target: "1002" }, "transfer-pending"],
    ["b", "call:transfer", { target: "1008" }, "transfer-pending"],
    ["b", "call:transfer-cancel", {}, "no-transfer-pending"],
    ["c", "call:hold", {}, "call-not-answered"],
    ["c", "call:transfer-cancel", {}, "call-not-answered"],
    ["a", "call:answer", {}, "call-not-ringing"],
  ]);
  await succeeds(p.c, "call:reject", { callId: call });
  await p.a.push("call:transfer-failed");
  await table(p, call, [
    ...all("c", "call-not-ringing", "call:reject", "call:hangup"),
    ["a", "call:transfer-cancel", {}, "no-transfer-pending"],
  ]);
  await succeeds(p.a, "call:transfer", { callId: call, target: "1002" });
  await p.c.push("call:incoming");
  await succeeds(p.c, "call:answer", { callId: call });
  await p.b.push("webrtc:renegotiate");
  const bridge = 1; // of the call before the transfer
  await table(p, call, [
    ["b", "webrtc:offer", { sdp, bridge }, "stale-bridge"],
    ["b", "webrtc:answer", { sdp, bridge }, "stale-bridge"],
    ["b", "webrtc:ice-candidate", { candidate: null, bridge }, "stale-bridge"],
    ["c", "webrtc:offer", { sdp, bridge }, "stale-bridge"],
    ["b", "call:transfer-cancel", {}, "no-transfer-pending"],
    ...all("a", "call-over", "call:hangup"),
  ]);
  await succeeds(p.a, "call:hangup", { callId: call });
  await succeeds(p.b, "call:hangup", { callId: call });
  assert.equal((await p.c.push("call:ended")).data.reason, "hangup");
}

async function onRest(w) {
  const as = { as: "1000" };
  const [b, b2] = [await w.line("1001"), await w.line("1001")];
  const [id, own] = [await w.session("1000", as), await w.session("1001", { as: "1001" })];
  const call = (target) =>
    w.post("/api/webrtc/call", { session_id: id, target_extension: target }, as);
  refused("an unknown number", await call("4711"), "target-not-found", "4711");
  refused("its own number", await call("1000"), "self-call", "1000");
  refused("who never signed in", await call("1010"), "target-offline", "1010");
  const tone = (more) => w.post("/api/webrtc/dtmf", { session_id: id, digit: "1", ...more }, as);
  refused("a tone into nothing", await tone(), "call-unknown");
  const { call_id } = (await call("1001")).body;
  await Promise.all([b.push("call:incoming"), b2.push("call:incoming")]);
  refused("a tone while it rings", await tone(), "call-not-answered");
  refused("a tone while that one rings", await tone({ call_id }), "call-not-answered");
  refused("a tone into another call", await tone({ call_id: "call-x" }), "call-unknown");
  await succeeds(b, "call:answer", { callId: call_id });
  await b2.push("call:cancelled");
  const theirs = { session_id: own, call_id };
  refused(
    "a hang-up by who was not rung",
    await w.post("/api/webrtc/hangup", theirs, { as: "1001" }),
    "not-in-call",
  );
  assert.equal((await tone()).status, 200);
  await succeeds(b, "call:hangup", { callId: call_id });
  refused("a tone after the end", await tone({ call_id }), "call-over");
  const again = await w.post("/api/webrtc/hangup", { session_id: id, call_id }, as);
  assert.equal(again.status, 200, "hanging up what is over is no error");
  const record = (await w.ask("GET", "/protected/call/history?limit=1", as)).body.calls[0];
  assert.deepEqual([record.call_id, record.cause], [call_id, "hangup"]);
}

export const cases = [
  ["a call that is not there, and numbers that cannot be called", nobodyCalled],
  ["what may not be done while it rings, and when it is over", ringing],
  ["what may not be done in a call that somebody answered", answered],
  ["what may not be done while a call is transferred", transferring],
  ["what a REST session may not do before, in and after a call", onRest],
];
