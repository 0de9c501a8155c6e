import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, type ConnectionState, type SocketLike } from "./connection.ts";
import { MemoryResumeStore, type ResumePoint } from "./resume_store.ts";
import type { Connected, Push } from "./wire.ts";

class Socket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  sent: { type: string; id: number; data: Record<string, unknown> }[] = [];
  closed = false;
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  push(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  hello(change: Partial<Connected> = {}) {
    const data = { resume_token: "r", position: 100, device_id: "d", extension: "1000" };
    this.push({ type: "connected", position: 100, data: { ...data, ...change } });
  }
  drop() {
    this.onclose?.({ code: 1006 });
  }
  named(type: string) {
    return this.sent.filter((message) => message.type === type);
  }
}

function world(kept?: ResumePoint, refused?: boolean) {
  const sockets: Socket[] = [];
  const states: ConnectionState[] = [];
  const pushes: Push[] = [];
  const hellos: boolean[] = [];
  let timers: { run: () => void; at: number }[] = [];
  let now = 0;
  let ids = 0;
  const store = new MemoryResumeStore();
  store.keep(kept);
  const connection = new Connection({
    url: "ws://host/ws",
    extension: "1000",
    token: "jwt",
    store,
    outside: {
      socket: (url, protocols) => {
        sockets.push(new Socket(url, protocols));
        return sockets.at(-1) as Socket;
      },
      setTimeout: (run, ms) => {
        const timer = { run, at: now + ms };
        timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => {
        timers = timers.filter((each) => each !== timer);
      },
      random: () => 0.5,
      newId: () => `id${++ids}`,
      tokenRefused: async () => refused,
    },
    onState: (state) => states.push(state),
    onConnected: (_connected, fresh) => hellos.push(fresh),
    onPush: (push) => pushes.push(push),
  });
  const pass = async (ms: number) => {
    const end = now + ms;
    for (;;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      now = due.at;
      timers = timers.filter((timer) => timer !== due);
      due.run();
      await Promise.resolve();
      await Promise.resolve();
    }
    now = end;
  };
  const last = () => sockets.at(-1) as Socket;
  return { connection, sockets, states, pushes, hellos, store, pass, last };
}

test("the login token goes as a sub-protocol, never into the address", () => {
  const { connection, last } = world();
  connection.connect();
  assert.equal(last().url, "ws://host/ws?extension=1000");
  assert.deepEqual(last().protocols, ["strowger.v1.json", "bearer", "jwt"]);
});

test("replies find their command by id, refusals become errors with a code", async () => {
  const { connection, last } = world();
  connection.connect();
  last().hello();
  const good = connection.request("call:answer", { callId: "c" });
  const bad = connection.request("call:answer", { callId: "d" });
  const [first, second] = last().named("call:answer");
  const refusal = { success: false, error: "No such call", code: "call-unknown" };
  last().push({ type: "reply", id: second?.id, data: refusal });
  last().push({ type: "reply", id: first?.id, data: { success: true, bridge: 1 } });
  assert.equal((await good).bridge, 1);
  await assert.rejects(bad, { code: "call-unknown", message: "No such call" });
});

test("an unanswered command is sent again after a reconnect under the same command_id", async () => {
  const { connection, last, pass } = world();
  connection.connect();
  last().hello();
  const reply = connection.request("call:hangup", { callId: "c" });
  const id = last().named("call:hangup")[0]?.data.command_id;
  assert.equal(id, "id1");
  last().drop();
  await pass(1_000);
  last().hello({ resumed: true });
  const again = last().named("call:hangup");
  assert.equal(again.length, 1);
  assert.equal(again[0]?.data.command_id, id);
  last().push({ type: "reply", id: again[0]?.id, data: { success: true } });
  await reply;
  last().drop();
  await pass(1_000);
  last().hello({ resumed: true });
  assert.equal(last().named("call:hangup").length, 0);
});

test("a reconnect resumes from the largest position that was handled", async () => {
  const { connection, last, pass, pushes, hellos } = world();
  connection.connect();
  last().hello();
  last().push({ type: "call:incoming", position: 116, data: { callId: "c" } });
  last().drop();
  await pass(1_000);
  assert.equal(last().url, "ws://host/ws?extension=1000&resume=r&position=116");
  last().hello({ resumed: true, position: 999 });
  last().push({ type: "call:incoming", position: 116, data: { callId: "c" } });
  last().push({ type: "call:ended", position: 132, data: { callId: "c" } });
  assert.deepEqual(
    pushes.map((push) => push.position),
    [116, 132],
  );
  assert.deepEqual(hellos, [true, false]);
});

test("a server that cannot resume makes the client start from the snapshot", async () => {
  const { connection, last, pass, hellos, store } = world();
  connection.connect();
  last().hello();
  last().drop();
  await pass(1_000);
  last().hello({ resumed: false, resume_token: "new", position: 7 });
  assert.deepEqual(hellos, [true, true]);
  assert.deepEqual(store.take("1000"), { extension: "1000", token: "new", position: 7 });
});

test("a reloaded page resumes, but takes the snapshot too", () => {
  const { connection, last, hellos, store } = world({
    extension: "1000",
    token: "kept",
    position: 48,
  });
  connection.connect();
  assert.match(last().url, /resume=kept&position=48/);
  last().hello({ resumed: true, resume_token: "kept", position: 999 });
  assert.deepEqual(hellos, [true]);
  assert.equal(store.take("1000")?.position, 48); // what was missed is still to come
});

test("attempts go on until one works, and the state says so", async () => {
  const { connection, sockets, last, pass, states } = world();
  connection.connect();
  last().hello();
  last().drop();
  for (let n = 0; n < 5; n++) {
    await pass(6_000);
    last().drop();
  }
  await pass(6_000);
  last().hello({ resumed: true });
  assert.ok(sockets.length >= 6);
  assert.deepEqual(states, ["connecting", "online", "reconnecting", "online"]);
});

test("silence after a ping is a lost connection", async () => {
  const { connection, sockets, last, pass } = world();
  connection.connect();
  last().hello({ ping_interval_ms: 1_000 });
  await pass(1_000);
  const ping = last().named("ping")[0];
  last().push({ type: "pong", id: ping?.id, data: {} });
  await pass(1_000);
  assert.equal(last().named("ping").length, 2);
  await pass(9_000);
  assert.equal(sockets[0]?.closed, true);
  assert.equal(sockets.length >= 2, true);
});

test("an expired login stops the attempts until there is a new one", async () => {
  const { connection, sockets, last, pass, states } = world(undefined, true);
  connection.connect();
  last().hello();
  for (let n = 0; n < 4; n++) {
    last().drop();
    await pass(6_000);
  }
  assert.equal(states.at(-1), "unauthorized");
  const before = sockets.length;
  await pass(60_000);
  assert.equal(sockets.length, before);
  connection.renewToken("fresh");
  assert.deepEqual(last().protocols, ["strowger.v1.json", "bearer", "fresh"]);
  assert.match(last().url, /resume=r/);
});

test("what nobody wants done later is refused while offline", async () => {
  const { connection } = world();
  connection.connect();
  await assert.rejects(connection.request("call:dial", {}, { onlyOnline: true }), {
    code: "offline",
  });
});

test("a command without an answer is given up after a minute", async () => {
  const { connection, pass } = world();
  connection.connect();
  const reply = connection.request("call:hold", { callId: "c" });
  const failed = assert.rejects(reply, { code: "no-answer" });
  await pass(61_000);
  await failed;
});

test("an unknown outcome is asked for again under the same command_id", async () => {
  const { connection, last, pass } = world();
  connection.connect();
  last().hello();
  const reply = connection.request("call:hold", { callId: "c" });
  const [first] = last().named("call:hold");
  const unknown = { success: false, error: "…", code: "outcome-unknown" };
  last().push({ type: "reply", id: first?.id, data: unknown });
  await pass(1_000);
  const [, second] = last().named("call:hold");
  assert.equal(second?.data.command_id, first?.data.command_id);
  last().push({ type: "reply", id: second?.id, data: { success: true } });
  await reply;
});

test("commands of the connected handler are sent once", () => {
  const { connection, last } = world();
  connection.connect();
  void connection.request("call:hold", { callId: "c" });
  last().hello();
  assert.equal(last().named("call:hold").length, 1);
});
