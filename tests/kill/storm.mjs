// Everybody comes back at once: N devices signed in, some of them in calls, all seats taken, the
// server killed with SIGKILL and started again.
//   node tests/kill/storm.mjs [--clients 500] [--resume-s 20] [--presence-s 25] [--spread-ms 1000]
//                             [--seed N]
// They come within --spread-ms of each other; browsers wait 0.1 to 5 s (web/src/client/backoff.ts).
// Exit code 0: all resumed and shown online in time, nothing missed, no seat granted twice.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import * as checks from "./checks.mjs";
import { conclude, untilAcknowledged } from "./cycle.mjs";
import { talk } from "./load.mjs";
import { settle } from "./people.mjs";
import { Seats } from "./seats.mjs";
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
const talks = 10; // each has three extensions to itself: all who can ring there are in the script
const per_talk = ["from", "a", "b", "third"];
const per_extension = 30; // of 32: nobody is at the limit
const seats = 25; // of the license of --dev
const addresses = 16; // one has 28,000 ports, and those of the dead server's lines are not free yet
const quiet = Math.max(0, clients - talks * per_talk.length); // only sit there and come back
const problems = [];

const numbers = Array.from({ length: 3 * talks + Math.ceil(quiet / per_extension) }, (_, i) =>
  String(20_000 + i),
);
const secret = randomBytes(48).toString("base64url");
const home = await settle(secret, { others: numbers, licensed: seats + 5 });
const random = randomOf(Number(option.seed));
const world = await World.make({ ...home, secret, random, name: "storm" });
world.stumbling = false; // there is one loss, everybody's
const holders = Object.values(home.people.default).filter((p) => p.typology !== "agent");
const license = new Seats(world, holders);

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

function device(number, name) {
  return world.device("default", number, ` ${name}`, {
    from: `127.0.0.${2 + (world.devices.length % addresses)}`,
    late_ms: Math.floor(random() * Number(option["spread-ms"])),
  });
}

/** More work, by everybody who talks; ends the storm when the server does not answer. */
async function work(commands) {
  problems.push(...(await untilAcknowledged(world, world.oracle.acknowledged + commands)));
}

world.site.start();
if (!(await world.site.ready())) throw new Error(world.site.said);
const talkers = Array.from({ length: talks }, (_, i) => {
  const [from, callee, third] = numbers.slice(3 * i, 3 * i + 3);
  const callees = [device(callee, "a"), device(callee, "b")];
  return { from: device(from, "from"), callees, third: device(third, "third") };
});
for (let i = 0; i < quiet; ++i) device(numbers[3 * talks + (i % (numbers.length - 3 * talks))], i);
world.open();
const joined = Date.now();
for (let i = 0; i < world.devices.length; i += 250)
  await Promise.all(world.devices.slice(i, i + 250).map((d) => d.join()));
console.log(`${world.devices.length} devices signed in within ${seconds(joined).toFixed(1)} s`);
const granted = await license.take();
if (granted.size !== seats)
  problems.push({ check: "seats", what: `${granted.size} seats granted of ${seats}` });
const scripts = talkers.map((who) => talk(world, who));
await work(500);

world.shut();
await world.site.end("SIGKILL");
const before = new Map(world.devices.map((d) => [d, d.lifes]));
const started = Date.now();
world.site.start();
if (!(await world.site.ready())) throw new Error(world.site.said);
const ready = seconds(started);
world.open();
const away = () => world.devices.filter((d) => !d.online || d.lifes === before.get(d));
const resumed = await within("everybody is back", Number(option["resume-s"]), started, () =>
  world.devices.every((d) => d.online && d.lifes > before.get(d)),
);
if (away().length > 0) problems.push({ check: "late", what: `${away().length} are still away` });
let wrong = [];
const shown = await within("presence is right", Number(option["presence-s"]), started, async () => {
  wrong = await presence();
  return wrong.length === 0;
});
problems.push(...wrong.slice(0, 5));
for (const number of await license.take())
  if (!granted.has(number))
    problems.push({ check: "seats", what: `${number} was given a seat that is another's` });
await work(500);

problems.push(...(await conclude(world, Promise.all(scripts))));
license.end();
for (const { check, what } of problems.slice(0, 20)) console.error(`${check}: ${what}`);
if (problems.length > 0) console.error(`the folder stays: ${world.site.folder}`);
else world.site.remove();
home.site.remove();
const missed = problems.filter((p) => p.check === "told").length;
console.log(
  `clients=${world.devices.length} ready_s=${ready} resumed_s=${resumed} presence_s=${shown} ` +
    `acknowledged=${world.oracle.acknowledged} missed=${missed} problems=${problems.length}`,
);
process.exit(problems.length === 0 ? 0 : 1);
