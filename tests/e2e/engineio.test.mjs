// Engine.IO 4, as a client of any make may ask for it: the echo application on the product's layer.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { Socket as Stock } from "../../web/node_modules/engine.io-client/build/esm/index.js";
import { Echo, pause, timing, within } from "./echo.mjs";

let echo;
before(async () => {
  echo = await Echo.start("engine");
});
after(() => echo.stop());

const refused = async (query, how) => {
  const url = `${echo.url}${echo.path}?${new URLSearchParams(query)}`;
  const answer = await fetch(url, how);
  assert.equal(answer.status, 400, `${how?.method ?? "GET"} ${JSON.stringify(query)}`);
  return answer.json();
};
const gone = async (sid) => assert.equal((await echo.get({ sid })).status, 400);

function checkOpen(text, upgrades) {
  assert.equal(text[0], "0");
  const open = JSON.parse(text.slice(1));
  assert.deepEqual(Object.keys(open).sort(), [
    "maxPayload",
    "pingInterval",
    "pingTimeout",
    "sid",
    "upgrades",
  ]);
  assert.equal(typeof open.sid, "string");
  assert.ok(open.sid.length >= 20);
  assert.deepEqual(open.upgrades, upgrades);
  assert.equal(open.pingInterval, timing.interval);
  assert.equal(open.pingTimeout, timing.timeout);
  assert.equal(open.maxPayload, 1_000_000);
}

test("a session opens by long-polling", async () => {
  const answer = await echo.get();
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/plain; ?charset=UTF-8$/i);
  checkOpen(await answer.text(), ["websocket"]);
});

test("a session opens by WebSocket", async () => {
  const socket = echo.socket();
  checkOpen(await socket.next(), []);
  socket.close();
});

test("wrong versions, transports, methods and ids are 400, with Engine.IO's numbers", async () => {
  assert.equal((await refused({ transport: "polling" })).code, 5);
  assert.equal((await refused({ EIO: "abc", transport: "polling" })).code, 5);
  assert.equal((await refused({ EIO: "4" })).code, 0);
  assert.equal((await refused({ EIO: "4", transport: "abc" })).code, 0);
  assert.equal((await refused({ EIO: "4", transport: "polling", sid: "abc" })).code, 1);
  for (const method of ["POST", "PUT", "DELETE"])
    assert.equal((await refused({ EIO: "4", transport: "polling" }, { method })).code, 2);
  assert.equal((await refused({ EIO: "4", transport: "websocket" })).code, 3);
});

test("wrong WebSocket handshakes are closed", async () => {
  for (const query of [{ EIO: "abc" }, { transport: "abc" }, { sid: "abc" }]) {
    const socket = echo.socket(query);
    await within(2_000, socket.closed, JSON.stringify(query));
  }
});

test("packets of every kind are posted and polled", async () => {
  const sid = await echo.open();
  for (const body of [
    "4hello",
    "4test1\x1e4test2\x1e4test3",
    "4hello\x1ebAQIDBA==",
    "4\x1ebAQ==",
  ]) {
    const answer = await echo.post(sid, body);
    assert.deepEqual([answer.status, await answer.text()], [200, "ok"]);
    assert.equal(await echo.text(sid), body);
  }
});

test("a poll waits for its message", async () => {
  const sid = await echo.open();
  const poll = echo.text(sid);
  await pause(50);
  await echo.post(sid, "4late ÄÖ€😀");
  assert.equal(await poll, "4late ÄÖ€😀");
});

test("a malformed payload ends the session", async () => {
  for (const body of ["abc", "", "4a\x1e", "b===", "0", "2"]) {
    const sid = await echo.open();
    assert.equal((await echo.post(sid, body)).status, 400, body);
    await gone(sid);
  }
});

test("a second poll ends the session and both polls", async () => {
  const sid = await echo.open();
  const first = echo.get({ sid });
  await pause(5);
  const second = await echo.get({ sid, t: "burst" });
  assert.equal(await (await first).text(), "1");
  assert.ok([400, 500].includes(second.status));
  await gone(sid);
});

test("a poll that is cancelled ends the session", async () => {
  const sid = await echo.open();
  const stop = new AbortController();
  const poll = echo.get({ sid }, { signal: stop.signal }).catch(() => {});
  await pause(30);
  stop.abort();
  await poll;
  await pause(30);
  assert.equal((await echo.post(sid, "4x")).status, 400);
});

test("text and bytes come back over a WebSocket", async () => {
  const socket = await echo.opened();
  socket.send("4hello");
  assert.equal(await socket.next(), "4hello");
  socket.send(Buffer.from([1, 2, 3, 4]));
  assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3, 4]));
  socket.send("4");
  assert.equal(await socket.next(), "4");
  socket.close();
});

test("a malformed packet closes the WebSocket", async () => {
  for (const bad of ["abc", "", "7", "0", "2"]) {
    const socket = await echo.opened();
    socket.send(bad);
    await within(1_000, socket.closed, bad);
  }
});

test("the server pings and is answered, by polls", async () => {
  const sid = await echo.open();
  for (let i = 0; i < 3; ++i) {
    assert.equal(await echo.text(sid), "2");
    assert.equal((await echo.post(sid, "3")).status, 200);
  }
});

test("the server pings and is answered, by WebSocket", async () => {
  const socket = await echo.opened();
  for (let i = 0; i < 3; ++i) {
    assert.equal(await socket.next({ pings: true }), "2");
    socket.send("3");
  }
  socket.close();
});

test("who does not answer a ping is closed in time", async () => {
  const sid = await echo.open();
  await pause(timing.interval + timing.timeout);
  await gone(sid);
  const began = Date.now();
  const socket = await echo.opened();
  await within(2_000, socket.closed, "the silent socket is closed");
  assert.ok(Date.now() - began >= timing.interval + timing.timeout - 20);
});

test("a client says goodbye", async () => {
  const sid = await echo.open();
  const [poll] = await Promise.all([echo.get({ sid }), echo.post(sid, "1")]);
  assert.deepEqual([poll.status, await poll.text()], [200, "6"]);
  await gone(sid);
  const socket = await echo.opened();
  socket.send("1");
  await within(1_000, socket.closed, "the socket is closed");
});

async function probed(sid) {
  const socket = echo.socket({ sid });
  await socket.open;
  socket.send("2probe");
  assert.equal(await socket.next(), "3probe");
  return socket;
}

test("long-polling is upgraded to a WebSocket", async () => {
  const sid = await echo.open();
  const socket = await probed(sid);
  assert.equal(await echo.text(sid), "6");
  socket.send("5");
  socket.send("4hello");
  assert.equal(await socket.next(), "4hello");
  socket.close();
});

test("a poll that waits is released by the probe", async () => {
  const sid = await echo.open();
  const poll = echo.text(sid);
  await pause(20);
  const socket = await probed(sid);
  assert.equal(await poll, "6");
  socket.send("5");
  socket.send("4hello");
  assert.equal(await socket.next(), "4hello");
  socket.close();
});

test("what waited for a poll goes by the new WebSocket", async () => {
  const sid = await echo.open();
  await echo.post(sid, "4one\x1e4two");
  const socket = await probed(sid);
  socket.send("5");
  socket.send("4three");
  assert.deepEqual(
    [await socket.next(), await socket.next(), await socket.next()],
    ["4one", "4two", "4three"],
  );
  socket.close();
});

test("after the upgrade neither polls nor other WebSockets disturb", async () => {
  const sid = await echo.open();
  const socket = await probed(sid);
  socket.send("5");
  socket.send("4first");
  assert.equal(await socket.next(), "4first");
  await gone(sid);
  assert.equal((await echo.post(sid, "4x")).status, 400);
  const other = echo.socket({ sid });
  await within(1_000, other.closed, "the other socket is closed");
  socket.send("4hello");
  assert.equal(await socket.next(), "4hello");
  socket.close();
});

test("probe and upgrade in one breath", async () => {
  const sid = await echo.open();
  const socket = echo.socket({ sid });
  await socket.open;
  socket.send("2probe");
  socket.send("5");
  await gone(sid);
  const other = echo.socket({ sid });
  await within(1_000, other.closed, "the other socket is closed");
  socket.close();
});

test("a probe that fails leaves long-polling as it was", async () => {
  const sid = await echo.open();
  const socket = echo.socket({ sid });
  await socket.open;
  socket.send("4hello");
  await within(1_000, socket.closed, "the socket is closed");
  await echo.post(sid, "4still here");
  assert.equal(await echo.text(sid), "4still here");
});

test("a message of maxPayload passes and a larger one does not", async () => {
  const large = `4${"x".repeat(999_999)}`;
  const socket = await echo.opened();
  socket.send(large);
  assert.equal((await socket.next()).length, large.length);
  socket.send(`${large}x`);
  await within(2_000, socket.closed, "the socket is closed");
  const sid = await echo.open();
  assert.equal((await echo.post(sid, large)).status, 200);
  assert.equal((await echo.text(sid)).length, large.length);
  const answer = await echo.post(sid, `${large}x`).catch(() => ({ status: 413 }));
  assert.equal(answer.status, 413);
});

test("pages of other origins are let in and told so", async () => {
  const answer = await echo.get({}, { headers: { Origin: "https://pages.example" } });
  assert.ok(
    ["*", "https://pages.example"].includes(answer.headers.get("access-control-allow-origin")),
  );
});

test("a session whose line is cut is not for ever", async () => {
  const socket = await echo.opened();
  socket.line.terminate();
  const again = await echo.opened();
  again.send("4hello");
  assert.equal(await again.next(), "4hello");
  again.close();
});

test("half a request and noise end nothing but their own line", async () => {
  const { port } = new URL(echo.url);
  for (const bytes of [
    "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n",
    "\x00\xff",
    "POST /engine.io/?EIO=4",
  ]) {
    const line = net.connect(Number(port), "127.0.0.1");
    line.on("error", () => {});
    line.write(bytes);
    await pause(20);
    line.destroy();
  }
  assert.equal((await echo.get()).status, 200);
});

for (const transports of [["websocket"], ["polling", "websocket"], ["polling"]])
  test(`the stock client talks over ${transports.join(" and ")}`, async () => {
    const client = new Stock(echo.url, { path: echo.path, transports });
    client.binaryType = "nodebuffer";
    const got = [];
    const all = new Promise((resolve, reject) => {
      client.on("message", (message) => {
        got.push(message);
        if (got.length === 102) resolve();
      });
      client.on("close", reject);
    });
    await within(2_000, new Promise((resolve) => client.on("open", resolve)), "it opens");
    if (transports.length > 1)
      await within(2_000, new Promise((resolve) => client.on("upgrade", resolve)), "it upgrades");
    for (let i = 0; i < 100; ++i) client.send(`message ${i}`);
    client.send(Buffer.from([0, 1, 2]));
    client.send("€".repeat(1000));
    await within(5_000, all, "all come back");
    assert.deepEqual(
      got.slice(0, 100),
      Array.from({ length: 100 }, (_, i) => `message ${i}`),
    );
    assert.deepEqual(Buffer.from(got[100]), Buffer.from([0, 1, 2]));
    await pause(2 * timing.interval); // pings are answered
    assert.equal(client.readyState, "open");
    client.removeAllListeners("close");
    const closed = new Promise((resolve) => client.on("close", resolve));
    client.close();
    await within(2_000, closed, "it closes");
  });
