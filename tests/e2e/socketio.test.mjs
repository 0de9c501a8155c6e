// Socket.IO clients of the product: stock clients as devices of extensions, over every transport,
// refused, cut off, killed under, slow, malformed.
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { Socket, within } from "./echo.mjs";
import { Server } from "./server.mjs";
import { pause, until } from "./until.mjs";

const everyTransport = [["websocket"], ["polling", "websocket"], ["polling"]];

async function world(name, how, options) {
  test(name, async () => {
    const server = await Server.start(options);
    const clients = [];
    try {
      await how(server, async (user, more) => {
        const client = await device(server, user, more);
        clients.push(client);
        return client;
      });
    } catch (error) {
      error.message += `\n${server.log.slice(-3_000)}`;
      throw error;
    } finally {
      for (const client of clients) client.socket.disconnect();
      await server.stop();
    }
  });
}

/** A stock client that remembers everything it was told. */
async function device(server, user, { transports = ["websocket"], url, auth } = {}) {
  const token = await server.login(user);
  const client = { told: [], user };
  client.socket = io(url ?? `http://127.0.0.1:${server.port}`, {
    transports,
    forceNew: true,
    auth: { token, ...auth },
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  client.socket.onAny((name, data) => client.told.push({ name, data }));
  client.of = (name) => client.told.filter((each) => each.name === name).map((each) => each.data);
  client.gets = (name, ms = 10_000) =>
    until(`${user} gets ${name}`, () => client.of(name).at(-1), ms);
  client.calls = () =>
    client.told.filter((each) => each.name.startsWith("call:")).map((each) => each.name);
  client.say = (name, data) => client.socket.timeout(10_000).emitWithAck(name, data);
  client.does = async (name, data) => {
    const ack = await client.say(name, data);
    assert.equal(ack.success, true, `${name}: ${JSON.stringify(ack)}`);
    return ack;
  };
  await client.gets("connected");
  return client;
}

async function talking(a, b) {
  const { callId } = await a.does("call:dial", { phoneNumber: b.user });
  await b.gets("call:incoming");
  await b.does("call:answer", { callId });
  await a.gets("call:answered");
  return callId;
}

for (const transports of everyTransport)
  world(`a call over ${transports.join(" and ")}`, async (_, client) => {
    const a = await client("1000", { transports });
    const b = await client("1001", { transports });
    const [hello] = a.of("connected");
    assert.equal(hello.extension, "1000");
    assert.equal(hello.resumed, false);
    assert.equal(a.socket.recovered, false);
    let acked = false;
    a.socket.once("call:ringing", () => assert.ok(acked, "the ack comes before call:ringing"));
    a.socket.emit("call:dial", { phoneNumber: "1001", campaignId: "c1" }, (ack) => {
      acked = ack.success;
    });
    const { callId, phoneNumber } = await b.gets("call:incoming");
    assert.equal(phoneNumber, "1000");
    assert.equal((await a.gets("call:ringing")).callId, callId);
    assert.equal((await b.does("call:answer", { callId })).callId, callId);
    assert.ok((await a.gets("call:answered")).timestamp);
    assert.deepEqual(b.of("call:answered"), [], "only the calling device is told");
    await a.does("call:hold", { callId });
    assert.equal((await b.gets("call:held")).isOnHold, true);
    await a.does("call:unhold", { callId });
    await until(
      "both are told",
      () => a.of("call:held").length === 2 && b.of("call:held").length === 2,
    );
    await a.does("call:mute", { callId, muted: true });
    assert.equal((await a.gets("call:muted")).isMuted, true);
    assert.equal((await b.gets("call:peer-muted")).isMuted, true);
    await a.does("call:dtmf", { callId, tone: "5", duration: 100 });
    assert.deepEqual(await b.gets("call:dtmf"), { callId, tone: "5", duration: 100 });
    await b.does("call:hangup", { callId });
    assert.equal((await a.gets("call:ended")).reason, "hangup");
    await b.gets("call:ended");
    assert.deepEqual(a.of("call:muted").length, 1);
    assert.deepEqual(b.of("call:muted"), []);
  });

world("refusals are acknowledged with text and code", async (_, client) => {
  const a = await client("1000");
  assert.deepEqual(await a.say("call:dial", { phoneNumber: "4711" }), {
    success: false,
    error: "Target extension not found",
    code: "target-not-found",
  });
  assert.equal((await a.say("call:dial", {})).code, "missing-field");
  assert.equal((await a.say("call:dial", "1001")).code, "wrong-type");
  assert.equal((await a.say("call:hangup", { callId: "x" })).code, "call-unknown");
  assert.equal((await a.say("no:such", {})).code, "unknown-message");
  assert.equal((await a.say("call:dial", { phoneNumber: Buffer.from("1") })).code, "wrong-type");
  assert.ok((await a.does("ping")).time);
  a.socket.emit("no:such", {});
  assert.equal((await a.gets("error")).code, "unknown-message");
});

world("a refused login gets CONNECT_ERROR and is never accepted", async (server) => {
  const token = await server.login("1000");
  const { body } = await server.request("POST", "/api/login", {
    body: { username: "1000", password: "password" },
  });
  const cases = [
    [{}, "token-missing"],
    [{ token: "x" }, "token-invalid"],
    [{ token: 7 }, "wrong-type"],
    [{ token, agentId: "somebody" }, "forbidden"],
    [{ token, tenantId: "elsewhere" }, "forbidden"],
    [{ token, userId: "somebody" }, "forbidden"],
    [{ token, extension: "1001" }, "extension-not-owned"],
    [{ token, pid: "x", offset: "y" }, "value-out-of-range"],
  ];
  for (const [auth, code] of cases)
    for (const transports of [["websocket"], ["polling"]]) {
      const socket = io(`http://127.0.0.1:${server.port}`, { transports, auth, forceNew: true });
      const error = await within(
        5_000,
        new Promise((resolve, reject) => {
          socket.on("connect_error", resolve);
          socket.on("connect", () => reject(new Error("it was accepted")));
        }),
        code,
      );
      assert.equal(error.data?.code, code, `${JSON.stringify(auth)}: ${error.message}`);
      assert.ok(error.message.length > 0);
      await pause(300);
      assert.equal(socket.active, false, "a stock client does not come back by itself");
      socket.disconnect();
    }
  const { agent_id, tenant_id, id } = body.user;
  const good = io(`http://127.0.0.1:${server.port}`, {
    forceNew: true,
    auth: { token, agentId: agent_id, tenantId: tenant_id, userId: id },
  });
  const hello = await within(5_000, new Promise((r) => good.on("connected", r)), "connected");
  assert.equal(hello.agentId, agent_id);
  good.disconnect();
});

world("Socket.IO and /ws devices ring together", async (server, client) => {
  const a = await client("1000");
  const b = await client("1001", { transports: ["polling"] });
  const c = await client("1001");
  const { callId } = await a.does("call:dial", { phoneNumber: "1001" });
  await Promise.all([b.gets("call:incoming"), c.gets("call:incoming")]);
  await c.does("call:answer", { callId });
  assert.equal((await b.gets("call:cancelled")).reason, "answered_elsewhere");
  const admin = await server.login("admin");
  const rows = await server.request("GET", "/protected/extensions/status", { token: admin });
  const row = rows.body.extensions.find((each) => each.extension === "1001");
  assert.deepEqual(
    row.devices.map((each) => each.kind),
    ["socketio", "socketio"],
  );
});

world("the client's own goodbye hangs up; a lost line does not", async (_, client) => {
  const a = await client("1000");
  const b = await client("1001");
  await talking(a, b);
  a.socket.io.engine.close(); // the line alone
  await until("it comes back", () => a.of("connected").length === 2);
  assert.equal(a.socket.recovered, true);
  assert.deepEqual(b.of("call:ended"), []);
  a.socket.disconnect();
  assert.equal((await b.gets("call:ended")).reason, "hangup");
});

/** A line that can be cut and healed, and cut right before an event's frame. */
async function relay(port) {
  const lines = new Set();
  const state = { open: true };
  const front = net.createServer((from) => {
    if (!state.open) return from.destroy();
    const to = net.connect(port, "127.0.0.1");
    const both = [from, to];
    lines.add(both);
    for (const each of both) {
      each.on("error", () => {});
      each.on("close", () => {
        for (const other of both) other.destroy();
        lines.delete(both);
      });
    }
    from.pipe(to);
    to.on("data", (chunk) => {
      const event = state.cutBefore ? chunk.indexOf(`42["${state.cutBefore}"`) : -1;
      if (event >= 0) {
        const header = chunk[event - 2] === 0x81 ? 2 : 4; // of its WebSocket frame
        from.write(chunk.subarray(0, event - header));
        state.open = false;
        setTimeout(() => state.cut(), 50);
        return;
      }
      if (state.open) from.write(chunk);
    });
  });
  state.cut = () => {
    state.open = false;
    for (const both of lines) for (const each of both) each.destroy();
  };
  state.heal = () => {
    state.open = true;
    state.cutBefore = undefined;
  };
  state.close = () => {
    state.cut();
    front.close();
  };
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${front.address().port}`;
  return state;
}

const expected = [
  "call:ringing",
  "call:answered",
  "call:held",
  "call:held",
  "call:peer-muted",
  "call:ended",
];

async function whileAway(b, callId) {
  await b.does("call:hold", { callId });
  await b.does("call:unhold", { callId });
  await b.does("call:mute", { callId, muted: true });
  await b.does("call:hangup", { callId });
}

for (const transports of everyTransport)
  world(
    `cut off for 5 s over ${transports.join(" and ")}: nothing missed, nothing twice`,
    async (server, client) => {
      const line = await relay(server.port);
      try {
        const a = await client("1000", { transports, url: line.url });
        const b = await client("1001");
        const callId = await talking(a, b);
        const { id } = a.socket;
        line.cut();
        await whileAway(b, callId);
        await pause(5_000);
        line.heal();
        await a.gets("call:ended", 15_000);
        assert.equal(a.socket.recovered, true);
        assert.equal(a.socket.id, id, "the same public id");
        assert.deepEqual(a.calls(), expected);
        assert.equal(a.of("connected").at(-1).resumed, true);
      } finally {
        line.close();
      }
    },
  );

for (const transports of [["websocket"], ["polling"]])
  world(`killed and started again, over ${transports.join(" and ")}`, async (server, client) => {
    const a = await client("1000", { transports });
    const b = await client("1001", { transports });
    const callId = await talking(a, b);
    const device = a.of("connected")[0].device_id;
    await server.kill9();
    await until("both notice", () => !a.socket.connected && !b.socket.connected);
    await server.up();
    await until("both are back", () => a.socket.recovered && b.socket.recovered);
    assert.equal(a.of("connected").at(-1).device_id, device);
    await whileAway(b, callId);
    await a.gets("call:ended", 15_000);
    assert.deepEqual(a.calls(), expected);
    assert.equal(a.socket.recovered, true);
  });

world(
  "cut and killed at once: what was said meanwhile comes after the restart",
  async (server, client) => {
    const line = await relay(server.port);
    try {
      const a = await client("1000", { url: line.url });
      const b = await client("1001");
      const callId = await talking(a, b);
      line.cut();
      await whileAway(b, callId);
      await server.kill9();
      await server.up();
      line.heal();
      await a.gets("call:ended", 15_000);
      assert.deepEqual(a.calls(), expected);
    } finally {
      line.close();
    }
  },
);

world("the cut falls between two messages of one event", async (server, client) => {
  const line = await relay(server.port);
  try {
    const a = await client("1000", { url: line.url });
    const b = await client("1001");
    const c = await client("1002");
    const callId = await talking(a, b);
    // A blind transfer tells the transferor two things when it completes: transferred and ended.
    await a.does("call:transfer", { callId, target: "1002", transferType: "blind" });
    await c.gets("call:incoming");
    const before = a.told.length;
    line.cutBefore = "call:ended";
    await c.does("call:answer", { callId });
    await a.gets("call:transferred");
    await pause(1_000);
    assert.deepEqual(a.of("call:ended"), []);
    line.heal();
    await a.gets("call:ended", 15_000);
    const since = a.told.slice(before).filter((each) => each.name.startsWith("call:"));
    assert.deepEqual(
      since.map((each) => each.name).filter((name) => name !== "call:held"),
      ["call:transferred", "call:ended"],
    );
  } finally {
    line.close();
  }
});

/** A raw Socket.IO line of an extension. */
async function raw(server, user, more = {}) {
  const token = await server.login(user);
  const url = `ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`;
  const socket = new Socket(url);
  await socket.next();
  socket.send(`40${JSON.stringify({ token, ...more })}`);
  const welcome = await socket.next();
  assert.match(welcome, /^40\{/, welcome);
  socket.welcome = JSON.parse(welcome.slice(2));
  return socket;
}
const event = (text) => JSON.parse(text.replace(/^42/, ""));

world("offsets: after each message exactly the ones behind it", async (server, client) => {
  const b = await client("1001");
  const a = await raw(server, "1000");
  const { pid, sid } = a.welcome;
  assert.ok(pid && sid);
  const hello = event(await a.next());
  assert.equal(hello[0], "connected");
  const told = [hello];
  a.send('420["call:dial",{"phoneNumber":"1001"}]');
  assert.match(await a.next(), /^430\[\{"success":true,"callId":/);
  told.push(event(await a.next()));
  const { callId } = await b.gets("call:incoming");
  await b.does("call:answer", { callId });
  told.push(event(await a.next()));
  a.line.terminate();
  await whileAway(b, callId);
  await b.gets("call:ended");
  const behind = async (offset) => {
    const again = await raw(server, "1000", { pid, offset });
    assert.deepEqual(again.welcome, { pid, sid }, "recovered: the same sid and pid");
    const names = [];
    let [name, data, at] = event(await again.next());
    assert.deepEqual([name, data.resumed, at], ["connected", true, offset]);
    while (name !== "call:ended") {
      [name, data, at] = event(await again.next());
      names.push([name, at]);
    }
    again.line.terminate();
    return names;
  };
  const all = await behind(told[0][2]);
  assert.equal(all[0][0], "call:ringing");
  assert.equal(new Set(all.map(([, at]) => at)).size, all.length, "no offset twice");
  for (let i = 0; i + 1 < all.length; ++i)
    assert.deepEqual(await behind(all[i][1]), all.slice(i + 1));
});

world("an unknown pid is a new device and not recovered", async (server) => {
  const socket = await raw(server, "1000", { pid: "nobody's", offset: "160" });
  assert.notEqual(socket.welcome.pid, "nobody's");
  const [name, data] = event(await socket.next());
  assert.deepEqual([name, data.resumed], ["connected", false]);
  socket.close();
});

world("a slow client is closed and comes back to everything", async (server) => {
  const token = await server.login("1000");
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const line = net.connect(server.port, "127.0.0.1");
  line.on("error", () => {});
  const closed = new Promise((resolve) => line.once("close", resolve));
  line.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const frame = (text) => {
    const body = Buffer.from(text);
    const head =
      body.length < 126
        ? Buffer.from([0x81, 0x80 | body.length])
        : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255]);
    return Buffer.concat([head, Buffer.alloc(4), body]);
  };
  await new Promise((resolve) => line.once("data", resolve));
  line.write(frame(`40${JSON.stringify({ token })}`));
  await pause(300);
  line.pause(); // reads nothing more, and asks for much
  const much = frame(`421["no:such",{"x":"${"y".repeat(60)}"}]`);
  const flood = Buffer.concat(Array.from({ length: 2_000 }, () => much));
  for (let i = 0; i < 60 && !line.destroyed; ++i) {
    line.write(flood);
    await pause(20);
  }
  line.resume();
  await within(30_000, closed, "the slow client is closed");
  assert.match(server.log, /Slow Socket\.IO client closed/);
});

world(
  "oversized and malformed messages close the line and nothing else",
  async (server, client) => {
    const a = await client("1000");
    for (const bad of [
      "4abc",
      "42{}",
      "42",
      `42["x","${"y".repeat(1_000_001)}"]`,
      '42/other,["x"]',
    ]) {
      const socket = await raw(server, "1001");
      socket.send(bad);
      await within(5_000, socket.closed, bad.slice(0, 20));
    }
    await a.does("ping");
  },
);

world(
  "a draining server closes transports and clients come back after it",
  async (server, client) => {
    const a = await client("1000");
    const b = await client("1001", { transports: ["polling"] });
    const reasons = [];
    for (const each of [a, b]) each.socket.on("disconnect", (why) => reasons.push(why));
    await server.end("SIGTERM");
    await until("both notice", () => reasons.length === 2);
    assert.ok(!reasons.includes("io server disconnect"), String(reasons));
    await server.up();
    await until("both are back", () => a.socket.recovered && b.socket.recovered);
  },
);

world("logout ends the connection for good", async (_, client) => {
  const a = await client("1000");
  const gone = new Promise((resolve) => a.socket.once("disconnect", resolve));
  await a.does("logout");
  assert.equal(await within(5_000, gone, "it ends"), "io server disconnect");
  const refused = new Promise((resolve) => a.socket.once("connect_error", resolve));
  a.socket.connect();
  assert.equal((await within(5_000, refused, "the token is void")).data.code, "token-invalid");
});

world(
  "pages of foreign origins are refused, those that are listed are not",
  async (server) => {
    const open = (origin) =>
      fetch(`http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`, {
        headers: { Origin: origin },
      });
    assert.equal((await open("https://evil.example")).status, 403);
    const listed = await open("https://pbx.example");
    assert.equal(listed.status, 200);
    assert.equal(listed.headers.get("access-control-allow-origin"), "https://pbx.example");
    const preflight = await fetch(`http://127.0.0.1:${server.port}/socket.io/`, {
      method: "OPTIONS",
      headers: { Origin: "https://pbx.example" },
    });
    assert.equal(preflight.status, 204);
  },
  { env: { CORS_ORIGINS: "https://pbx.example" } },
);
