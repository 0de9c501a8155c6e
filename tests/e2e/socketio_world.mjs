// The world of the Socket.IO tests: a server, stock clients that remember what they were told, and
// raw lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { io } from "../../web/node_modules/socket.io-client/build/esm-debug/index.js";
import { Socket } from "./echo.mjs";
import { Server } from "./server.mjs";
import { until } from "./until.mjs";

export const everyTransport = [["websocket"], ["polling", "websocket"], ["polling"]];

export async function world(name, how, options) {
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
export async function device(server, user, { transports = ["websocket"], url, auth } = {}) {
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

export async function talking(a, b) {
  const { callId } = await a.does("call:dial", { phoneNumber: b.user });
  await b.gets("call:incoming");
  await b.does("call:answer", { callId });
  await a.gets("call:answered");
  return callId;
}

export const expected = [
  "call:ringing",
  "call:answered",
  "call:held",
  "call:held",
  "call:peer-muted",
  "call:ended",
];

export async function whileAway(b, callId) {
  await b.does("call:hold", { callId });
  await b.does("call:unhold", { callId });
  await b.does("call:mute", { callId, muted: true });
  await b.does("call:hangup", { callId });
}

/** A raw Socket.IO line of an extension. */
export async function raw(server, user, more = {}) {
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
export const event = (text) => JSON.parse(text.replace(/^42/, ""));
