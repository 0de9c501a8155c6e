// Socket.IO clients of the product: stock clients as devices of extensions, over every transport,
// refused, slow, malformed, drained. What they lose and get again: socketio_recovery.test.mjs.
import assert from "node:assert/strict";
import net from "node:net";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { within } from "./echo.mjs";
import { everyTransport, raw, talking, world } from "./socketio_world.mjs";
import { pause, until } from "./until.mjs";

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
    detail: "4711",
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

world("refusals that nobody fetches end the session, not the server", async (server) => {
  const at = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(at)).text()).slice(1));
  const body = Array(4_096).fill(`40/${"x".repeat(120)},`).join("\x1e");
  const post = () =>
    fetch(`${at}&sid=${sid}`, { method: "POST", body }).then((answer) => answer.status);
  assert.equal(await post(), 200);
  await post(); // more than the queue takes
  assert.equal(await post(), 400, "the session is over");
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/health`)).status, 200);
});

world("receipts of tenants that are not there are unknown", async (server) => {
  const at = `http://127.0.0.1:${server.port}/api/sessions/x/receipt?tenant=`;
  for (let i = 0; i < 50; ++i) assert.equal((await fetch(`${at}nobody${i}`)).status, 404);
});

world("nothing is kept for a client that has not connected", async (server) => {
  const at = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(at)).text()).slice(1));
  const body = '451-["message",{"_placeholder":true,"num":0}]';
  assert.equal((await fetch(`${at}&sid=${sid}`, { method: "POST", body })).status, 400);
});
