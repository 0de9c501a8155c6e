// Everybody comes back at once: N devices signed in, some of them in calls, the server killed with
// SIGKILL and started again.
//   node tests/kill/storm.mjs [--clients 500] [--resume-s 20] [--presence-s 25] [--spread-ms 1000]
//                             [--seed N]
// They come within --spread-ms of each other; browsers wait 0.1 to 5 s (web/src/client/backoff.ts).
// Exit code 0: all resumed and shown online in time, nothing missed, no seat granted twice.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import * as checks from "./checks.mjs";
import { conclude } from "./cycle.mjs";
import { talk } from "./load.mjs";
import { password, settle } from "./people.mjs";
import { pause } from "./site.mjs";
import { randomOf, World } from "./world.mjs";

const { values: option } = parseArgs({
  options: {
    clients: { type: "string", default: "500" },
    "resume-s": { type: "string", default: "20" },
    "presence-s": { type: "string", default: "25" },
    "spread-ms": { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const clients = Number(option.clients);
const per_extension = 30; // of 32: nobody is at the limit
const seats = 25; // of the license of --dev
const addresses = 16; // one has 28,000 ports, and those of the dead server's lines are not free yet
const problems = [];

const extensions = Array.from({ length: Math.ceil(clients / per_extension) }, (_, i) =>
  String(i < 20 ? 1000 + i : 20_000 + i),
);
const secret = randomBytes(48).toString("base64url");
const home = await settle(secret, { others: extensions.slice(20), licensed: seats + 5 });
const random = randomOf(Number(option.seed));
const world = await World.make({ ...home, secret, random, name: "storm" });

function seconds(since) {
  return (Date.now() - since) / 1_000;
}

async function within(what, limit_s, since, holds) {
  while (!(await holds())) {
    if (seconds(since) > limit_s) {
      problems.push({ check: "late", what: `not within ${limit_s} s: ${what}` });
      return seconds(since);
    }
    await pause(10);
  }
  return seconds(since);
}

async function presence() {
  const token = world.admin("default");
  const answer = await world.site.ask("GET", "/protected/extensions/connected", { token });
  return checks.presence(answer?.body?.extensions ?? [], world.devices);
}

/** All licensed agents want a seat; gives how many got one. */
async function takeSeats() {
  const people = Object.values(home.people.default).filter((p) => p.typology !== "agent");
  const answers = await Promise.all(
    people.map(async (who) => {
      const body = { username: who.number, password };
      const answer = await world.site.ask("POST", "/api/login", { body });
      if (answer?.status === 200) world.oracle.login({ ...who, session: answer.body.session_id });
      return answer?.status === 200;
    }),
  );
  return answers.filter(Boolean).length;
}

world.site.start();
if (!(await world.site.ready())) throw new Error(world.site.said);
for (let i = 0; i < clients; ++i)
  world.device("default", extensions[i % extensions.length], ` ${i}`, {
    from: `127.0.0.${2 + (i % addresses)}`,
    spread_ms: Number(option["spread-ms"]),
  });
world.open();
const joined = Date.now();
for (let i = 0; i < clients; i += 250)
  await Promise.all(world.devices.slice(i, i + 250).map((device) => device.join()));
console.log(`${clients} devices signed in within ${seconds(joined).toFixed(1)} s`);
const granted = await takeSeats();
if (granted !== seats) problems.push({ check: "seats", what: `${granted} seats granted` });

const talks = [];
for (let i = 0; i + 3 <= Math.min(extensions.length, 30); i += 3) {
  const of = (k) => world.devices.filter((d) => d.who.number === extensions[i + k]);
  talks.push(talk(world, { from: of(0)[0], callees: of(1).slice(0, 2), third: of(2)[0] }));
}
await within("calls are going on", 20, Date.now(), () => world.oracle.acknowledged > 500);

world.shut();
await world.site.end("SIGKILL");
const started = Date.now();
world.site.start();
if (!(await world.site.ready())) throw new Error(world.site.said);
const ready = seconds(started);
world.open();
const back = (d) => d.online && d.lifes >= 2;
const resumed = await within("everybody is back", Number(option["resume-s"]), started, () =>
  world.devices.every(back),
);
const away = world.devices.filter((d) => !back(d));
if (away.length > 0) problems.push({ check: "late", what: `${away.length} are still away` });
let wrong = [];
const shown = await within("presence is right", Number(option["presence-s"]), started, async () => {
  wrong = await presence();
  return wrong.length === 0;
});
problems.push(...wrong.slice(0, 5));
if ((await takeSeats()) > seats) problems.push({ check: "seats", what: "a 26th seat" });

problems.push(...(await conclude(world, Promise.all(talks))));
for (const { check, what } of problems.slice(0, 20)) console.error(`${check}: ${what}`);
if (problems.length > 0) console.error(`the folder stays: ${world.site.folder}`);
else world.site.remove();
home.site.remove();
const missed = problems.filter((p) => p.check === "told").length;
console.log(
  `clients=${clients} ready_s=${ready} resumed_s=${resumed} presence_s=${shown} ` +
    `acknowledged=${world.oracle.acknowledged} missed=${missed} problems=${problems.length}`,
);
process.exit(problems.length === 0 ? 0 : 1);
