// Kills the real server again and again under load, and holds its log against what it promised.
//   node tests/kill/run.mjs [--cycles 100] [--commands 700] [--folder 25] [--seed N]
//                           [--minutes M] [--self-test]
// Exit code 0: nothing lost, doubled or missing. The last line is for the ledger.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { cycle, finish } from "./cycle.mjs";
import { settle } from "./people.mjs";
import { teeth } from "./teeth.mjs";
import { randomOf, used, World } from "./world.mjs";

const { values: option } = parseArgs({
  options: {
    cycles: { type: "string", default: "100" },
    commands: { type: "string", default: "700" }, // acknowledged per cycle, on average
    folder: { type: "string", default: "25" }, // cycles on one data folder
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "1e9" }, // ends after the folder under way
    "self-test": { type: "boolean", default: false },
  },
});
const cycles = Number(option.cycles);
const began = Date.now();
const random = randomOf(Number(option.seed));
const secret = randomBytes(48).toString("base64url");
const home = await settle(secret, { numbers: used, licensed: 28 }); // for 25 seats
const total = { cycles: 0, kills: 0, stops: 0, acknowledged: 0, events: 0, calls: 0, problems: [] };
const starts = [];
const refusals = new Map();

/** The cycles of one folder and its end, until one shows a problem. */
async function liveAndDie(world, state, wanted) {
  const scripts = world.begin();
  for (let i = 0; i < wanted; ++i) {
    const found = await cycle(world, state, Number(option.commands));
    ++total.cycles;
    if (found.length === 0 && i % 10 === 9) found.push(...(await world.site.replay()));
    if (found.length > 0) return found;
  }
  return await finish(world, scripts);
}

function add(world, state) {
  total.kills += state.kills;
  total.stops += state.stops;
  total.acknowledged += world.oracle.acknowledged;
  total.events += world.log.events;
  total.calls += world.log.calls.all.size;
  for (const [what, n] of world.oracle.refusals) refusals.set(what, (refusals.get(what) ?? 0) + n);
}

async function oneFolder(name, wanted) {
  const world = await World.make({ ...home, secret, random, name });
  const selfTest = option["self-test"] && total.cycles === 0;
  if (selfTest) world.events = [];
  const state = { kills: 0, stops: 0, starts, recentCalls: (t) => recentCalls(world, t) };
  const found = await liveAndDie(world, state, wanted);
  await world.site.end();
  world.end();
  add(world, state);
  if (found.length === 0) world.site.remove();
  else console.error(`the folder stays: ${world.site.folder}`);
  if (found.length === 0 && selfTest) found.push(...teeth(world));
  for (const { check, what } of found) console.error(`cycle ${total.cycles}: ${check}: ${what}`);
  total.problems.push(...found);
}

/** The calls of a tenant that the views must know: the latest ones that the log has. */
function recentCalls(world, tenant) {
  const out = [];
  for (const c of [...world.oracle.commands.values()].slice(-2_000))
    if (c.tenant === tenant && c.answer === "done" && /dial|rest:call|initiate/.test(c.type))
      out.push(c.stream);
  return out.slice(-200);
}

console.log(`seed ${option.seed}, ${cycles} cycles`);
for (let folder = 1; total.cycles < cycles; ++folder) {
  if (Date.now() - began > Number(option.minutes) * 60_000) break;
  await oneFolder(`f${folder}`, Math.min(Number(option.folder), cycles - total.cycles));
  const s = (Date.now() - began) / 1_000;
  const perCycle = ((s * 1_000) / total.cycles).toFixed(0);
  console.log(
    `${total.cycles} cycles, ${total.kills} kills, ${total.acknowledged} acknowledged, ` +
      `${total.problems.length} problems, ${s.toFixed(0)} s, ${perCycle} ms a cycle`,
  );
  if (total.problems.length >= 20) break;
}
home.site.remove();
starts.sort((a, b) => a - b);
console.log(`ready after ${starts[starts.length >> 1]} ms (median), ${starts.at(-1)} ms at most`);
for (const [what, n] of [...refusals].sort((a, b) => b[1] - a[1]))
  console.log(`refused: ${n} ${what}`);
const count = (check) => total.problems.filter((p) => p.check === check).length;
const other = total.problems.length - count("lost") - count("doubled") - count("gaps");
console.log(
  `cycles=${total.cycles} kills=${total.kills} stops=${total.stops} ` +
    `acknowledged=${total.acknowledged} events=${total.events} calls=${total.calls} ` +
    `lost=${count("lost")} doubled=${count("doubled")} gaps=${count("gaps")} other=${other}`,
);
process.exit(total.problems.length === 0 ? 0 : 1);
