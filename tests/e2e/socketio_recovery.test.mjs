// Stock clients of the product that lose their line, their server, or both: nothing is missed and
// nothing comes twice.
import assert from "node:assert/strict";
import net from "node:net";
import {
  everyTransport,
  event,
  expected,
  raw,
  talking,
  whileAway,
  world,
} from "./socketio_world.mjs";
import { pause, until } from "./until.mjs";

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
