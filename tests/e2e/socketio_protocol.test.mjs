// Socket.IO 5, as a client of any make may ask for it: the echo application with the namespaces "/"
// and "/custom" on the product's layer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { Echo, pause, timing, within } from "./echo.mjs";

let echo;
before(async () => {
  echo = await Echo.start("socket");
});
after(() => echo.stop());

async function connected() {
  const socket = await echo.opened();
  socket.send("40");
  assert.match(await socket.next(), /^40\{"sid":"[^"]+"\}$/);
  assert.equal(await socket.next(), '42["auth",{}]');
  return socket;
}
const closes = (socket, what) => within(1_500, socket.closed, `closed after ${what}`);

test("a client connects to the main namespace, with a payload and without", async () => {
  (await connected()).close();
  const socket = await echo.opened();
  socket.send('40{"token":"123"}');
  const welcome = JSON.parse((await socket.next()).slice(2));
  assert.deepEqual(Object.keys(welcome), ["sid"]);
  assert.equal(await socket.next(), '42["auth",{"token":"123"}]');
  socket.close();
});

test("who listens anew for every message misses none after CONNECT", async () => {
  const heard = [];
  for (let i = 0; i < 5 && heard.at(-1) !== '42["auth",{}]'; ++i) { // a busy machine reads late
    const socket = await echo.opened();
    const one = () =>
      new Promise((resolve) => socket.line.once("message", (data) => resolve(data.toString())));
    socket.send("40");
    await one();
    heard.push(await within(1_500, one(), "the next message"));
    socket.close();
  }
  assert.equal(heard.at(-1), '42["auth",{}]', heard.join(" "));
});

test("a client connects to another namespace", async () => {
  for (const [asked, auth] of [
    ["40/custom", "{}"],
    ["40/custom,", "{}"],
    ['40/custom,{"token":"abc"}', '{"token":"abc"}'],
  ]) {
    const socket = await echo.opened();
    socket.send(asked);
    assert.match(await socket.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    assert.equal(await socket.next(), `42/custom,["auth",${auth}]`);
    socket.close();
  }
});

test("an unknown namespace is refused and the connection stays", async () => {
  const socket = await echo.opened();
  socket.send("40/random");
  assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
  socket.send("40");
  assert.match(await socket.next(), /^40\{/);
  socket.close();
});

test("who does not connect in time is closed", async () => {
  const began = Date.now();
  const socket = await echo.opened();
  socket.line.on("message", (data) => data.toString() === "2" && socket.send("3"));
  await within(3_000, socket.closed, "the connect timeout");
  assert.ok(Date.now() - began > timing.connect - 50);
});

test("leaving the main namespace keeps the connection", async () => {
  const socket = await connected();
  socket.send("41");
  assert.equal(await socket.next({ pings: true }), "2");
  socket.close();
});

test("leaving one namespace keeps the other", async () => {
  const socket = await connected();
  socket.send("40/custom");
  await socket.next();
  await socket.next();
  socket.send("41/custom");
  socket.send('42["message","message to main namespace"]');
  assert.equal(await socket.next(), '42["message-back","message to main namespace"]');
  socket.close();
});

test("events come back, with numbers as they were", async () => {
  const socket = await connected();
  for (const args of [
    '1,"2",{"3":[true]}',
    '1.5,-0.25,null,""',
    '"ÄÖ€😀\\n"',
    '{"a":{"b":[[[]]]}}',
  ]) {
    socket.send(`42["message",${args}]`);
    assert.equal(await socket.next(), `42["message-back",${args}]`);
  }
  socket.close();
});

test("events with attachments come back", async () => {
  const socket = await connected();
  const args = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  socket.send(`452-["message",${args}]`);
  socket.send(Buffer.from([1, 2, 3]));
  socket.send(Buffer.from([4, 5, 6]));
  assert.equal(await socket.next(), `452-["message-back",${args}]`);
  assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3]));
  assert.deepEqual(await socket.next(), Buffer.from([4, 5, 6]));
  socket.close();
});

test("events are acknowledged", async () => {
  const socket = await connected();
  socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  assert.equal(await socket.next(), '43456[1,"2",{"3":[false]}]');
  const args = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  socket.send(`452-789["message-with-ack",${args}]`);
  socket.send(Buffer.from([1, 2, 3]));
  socket.send(Buffer.from([4, 5, 6]));
  assert.equal(await socket.next(), `462-789[${args}]`);
  assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3]));
  assert.deepEqual(await socket.next(), Buffer.from([4, 5, 6]));
  socket.close();
});

test("malformed packets close the connection", async () => {
  for (const bad of [
    "4abc",
    "42{}",
    '42abc["message-with-ack",1]',
    "42[]",
    "42[{}]",
    "42",
    '42["message"',
    '42["connect"]',
    "40",
    "40[]",
    "47[]",
    "43[]",
    '42/custom,["message"]',
    '451-["message",{"_placeholder":true,"num":1}]',
  ]) {
    const socket = await connected();
    socket.send(bad);
    await closes(socket, bad);
  }
  for (const first of ["4abc", '42["message"]', "41", '44{"message":"x"}']) {
    const socket = await echo.opened();
    socket.send(first);
    await closes(socket, first);
  }
});

test("attachments must be there, and only where they are announced", async () => {
  const unasked = await connected();
  unasked.send(Buffer.from([1]));
  await closes(unasked, "bytes that nobody announced");
  const missing = await connected();
  missing.send('451-["message",{"_placeholder":true,"num":0}]');
  missing.send('42["message"]');
  await closes(missing, "text where bytes are due");
});

test("everything by long-polling", async () => {
  const sid = await echo.open();
  const say = async (body) => assert.equal(await (await echo.post(sid, body)).text(), "ok");
  await say("40");
  let welcome = await echo.message(sid);
  if (!welcome.includes("\x1e")) welcome += `\x1e${await echo.message(sid)}`; // in a poll of its own
  assert.match(welcome, /^40\{"sid":"[^"]+"\}\x1e42\["auth",\{\}\]$/);
  await say('421["message-with-ack","x"]');
  assert.equal(await echo.message(sid), '431["x"]');
  await say('451-["message",{"_placeholder":true,"num":0}]\x1ebAQID');
  const back = '451-["message-back",{"_placeholder":true,"num":0}]\x1ebAQID';
  assert.equal(await echo.message(sid), back);
  assert.equal((await echo.post(sid, "4abc")).status, 400);
  assert.equal((await echo.get({ sid })).status, 400);
});

for (const transports of [["websocket"], ["polling", "websocket"], ["polling"]])
  test(`the stock client over ${transports.join(" and ")}`, async () => {
    const options = { path: echo.path, transports, forceNew: true, auth: { token: "t" } };
    const main = io(echo.url, options);
    const auth = await within(2_000, new Promise((resolve) => main.once("auth", resolve)), "auth");
    assert.deepEqual(auth, { token: "t" });
    const back = new Promise((resolve) => main.once("message-back", (...args) => resolve(args)));
    const bytes = Buffer.from([1, 2, 3]);
    main.emit("message", 1, { deep: [bytes, "x"] }, bytes);
    const [one, { deep }, last] = await within(2_000, back, "the event comes back");
    assert.equal(one, 1);
    assert.deepEqual([Buffer.from(deep[0]), deep[1], Buffer.from(last)], [bytes, "x", bytes]);
    const acked = await main.timeout(2_000).emitWithAck("message-with-ack", "a");
    assert.equal(acked, "a");
    const custom = main.io.socket("/custom");
    await within(
      2_000,
      new Promise((resolve) => custom.connect().once("auth", resolve)),
      "/custom",
    );
    const random = main.io.socket("/random");
    const error = new Promise((resolve) => random.connect().once("connect_error", resolve));
    assert.equal((await within(2_000, error, "an error")).message, "Invalid namespace");
    await pause(2 * (timing.interval + timing.timeout));
    assert.ok(main.connected && custom.connected);
    custom.disconnect();
    assert.equal(await main.timeout(2_000).emitWithAck("message-with-ack", 7), 7);
    main.disconnect();
  });
