// What people do all day: scripts that run until the world closes. None of them knows that the
// server dies; devices (device.mjs) and requests (rest.mjs) see to that.
import { password } from "./people.mjs";
import { asked, rest } from "./rest.mjs";
import { pause } from "./site.mjs";
import { EventStream } from "./stream.mjs";

const sdp = (name) =>
  `v=0\r\no=${name} 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`;
let serial = 0; // everything said is said once
const candidate = () => ({
  candidate: `candidate:${++serial} 1 UDP 2130706431 192.0.2.1 54321 typ host`,
  sdpMid: "0",
  sdpMLineIndex: 0,
});

const tones = (device, callId, n) =>
  Array.from({ length: n }, (_, i) =>
    device.command("call:dtmf", { callId, tone: String(i % 10) }),
  );

async function chatter(world, callId, devices) {
  const one = async (device, other) => {
    const say = (type, data = {}) => device.command(type, { callId, ...data });
    await Promise.all([
      ...tones(device, callId, 6),
      ...[1, 2].map(() => say("webrtc:ice-candidate", { candidate: candidate() })),
      say("call:mute", { muted: true }).then(() => say("call:mute", { muted: false })),
      say("call:hold").then(() => say("call:unhold")),
    ]);
    if (world.stumbling && world.random() < 0.1) other.stumble();
  };
  await Promise.all([one(devices[0], devices[1]), one(devices[1], devices[0])]);
}

/** The devices that ring: whoever was away when the call was placed does not. */
async function ringing(callId, devices) {
  await Promise.race(devices.map((device) => device.push("call:incoming", callId)));
  await pause(1);
  return devices.filter((device) => device.knows("call:incoming", callId));
}

/** The winner of a race to answer, or undefined. */
async function answered(callId, callees) {
  const devices = await ringing(callId, callees);
  const answers = await Promise.all(devices.map((d) => d.command("call:answer", { callId })));
  return devices[answers.findIndex((a) => a.success)];
}

async function transfer(world, callId, { by, stays, to }) {
  const warm = world.random() < 0.5;
  const about = { callId, target: to.who.number, transferType: warm ? "warm" : "blind" };
  if (!(await by.command("call:transfer", about)).success) return [by, stays];
  await to.push("call:incoming", callId);
  if (world.random() < 0.15) {
    await by.command("call:transfer-cancel", { callId });
    return [by, stays];
  }
  if (!(await to.command("call:answer", { callId })).success) return [by, stays];
  if (!warm) return [stays, to];
  await Promise.all([...tones(by, callId, 4), ...tones(to, callId, 4)]);
  await by.command("call:hangup", { callId });
  return [stays, to];
}

/** Calls from one device to an extension with several, transfers to a third. */
export async function talk(world, { from, callees, third }) {
  while (!world.closing) {
    const number = callees[0].who.number;
    const { success, callId } = await from.command("call:dial", { phoneNumber: number });
    if (!success) {
      await pause(20); // nobody is back yet
      continue;
    }
    const early = world.random();
    if (early < 0.05) await from.command("call:hangup", { callId });
    if (early < 0.05) continue;
    if (early < 0.1) {
      const devices = await ringing(callId, callees);
      await Promise.all(devices.map((d) => d.command("call:reject", { callId })));
      continue;
    }
    await from.command("webrtc:offer", { callId, sdp: sdp(++serial) });
    const winner = await answered(callId, callees);
    let pair = [from, winner];
    if (winner) {
      await winner.command("webrtc:answer", { callId, sdp: sdp(++serial) });
      const rounds = 1 + Math.floor(world.random() * 4);
      for (let i = 0; i < rounds && !world.closing; ++i) await chatter(world, callId, pair);
      if (world.random() < 0.3)
        pair = await transfer(world, callId, { by: from, stays: winner, to: third });
    }
    const last = pair[world.random() < 0.5 ? 0 : 1] ?? from;
    await last.command("call:hangup", { callId });
  }
}

/** A client without a WebSocket calls a device. */
export async function restPhone(world, who, callee) {
  while (!world.closing) {
    const post = (type, at, body) => rest(world, who, type, "POST", at, body);
    const opened = await post("rest:session", "/api/webrtc/session", { extension: who.number });
    if (!opened.success) continue;
    const session_id = opened.session.session_id;
    const stream = new EventStream(world, who, session_id);
    world.passing.push(stream);
    await stream.open();
    await post("rest:offer", "/api/webrtc/offer", { session_id, sdp: sdp(++serial) });
    for (let i = 0; i < 2; ++i) {
      const body = { session_id, candidate: candidate() };
      await post("rest:candidate", "/api/webrtc/ice-candidate", body);
    }
    const target_extension = callee.who.number;
    const dialled = await post("rest:call", "/api/webrtc/call", { session_id, target_extension });
    if (dialled.success) {
      const call_id = dialled.call_id;
      await callee.push("call:incoming", call_id);
      if ((await callee.command("call:answer", { callId: call_id })).success) {
        const tone = (t) =>
          post("rest:dtmf", "/api/webrtc/dtmf", { session_id, call_id, digit: t });
        await Promise.all([...["1", "2", "3"].map(tone), ...tones(callee, call_id, 3)]);
      }
      await post("rest:hangup", "/api/webrtc/hangup", { session_id, call_id });
    }
    await rest(world, who, "rest:close", "DELETE", `/api/webrtc/session/${session_id}`);
    stream.close();
    await pause(10);
  }
}

/** POST /protected/call/initiate from a device that is there. */
export async function initiator(world, from, callee) {
  while (!world.closing) {
    const body = { target_extension: callee.who.number, device_id: from.id };
    const at = "/protected/call/initiate";
    const made = await rest(world, from.who, "rest:initiate", "POST", at, body);
    await pause(20);
    if (!made.success) continue;
    const callId = made.call_id;
    await callee.push("call:incoming", callId);
    await callee.command("call:answer", { callId });
    await Promise.all([...tones(from, callId, 5), ...tones(callee, callId, 5)]);
    await from.command("call:hangup", { callId });
  }
}

/** Sign-ins that take a seat, and sign-outs that give it back. */
export async function licensed(world, people) {
  const held = [];
  while (!world.closing) {
    await world.up();
    const who = people[Math.floor(world.random() * people.length)];
    const login = { username: who.number, password };
    const answer = await world.site.ask("POST", "/api/login", { body: login });
    if (answer?.status === 200) {
      const { token, session_id, license } = answer.body;
      const entry = { ...who, token, session: session_id, used: license.seats_used };
      entry.jti = JSON.parse(Buffer.from(token.split(".")[1], "base64url")).jti;
      world.oracle.login(entry);
      held.push(entry);
    }
    if (held.length > 3) await logout(world, held.shift());
    await pause(60);
  }
}

export async function logout(world, who) {
  const entry = world.oracle.logout(who);
  const answer = await asked(world, "POST", "/api/logout", { token: who.token });
  if (answer.status === 200 || answer.status === 401) world.oracle.loggedOut(entry);
}

/** Devices that come with a token of their own, and revoke it. */
export async function passers(world, make) {
  while (!world.closing) {
    const device = await make().join();
    await pause(10 + world.random() * 100);
    device.leaving = true;
    await logout(world, device.who);
    device.leave();
    await pause(20);
  }
}

/** New agents. */
export async function newcomers(world) {
  while (!world.closing) {
    const number = String(60_000 + ++serial);
    const body = { username: `new${number}`, email: "new@host.test", extension: number, password };
    await rest(
      world,
      { agent: "", tenant: "default" },
      "rest:register",
      "POST",
      "/api/register",
      body,
    );
    await pause(500 + world.random() * 1_000);
  }
}
