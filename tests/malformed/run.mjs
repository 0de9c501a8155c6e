// Malformed messages on live sockets of every surface while canaries call each other (R9).
//   node tests/malformed/run.mjs [--messages 10000] [--seed N] [--settle-s 5] [--call-ms 150]
//                                [--surface NAME] [--self-test]
// Exit code 0: no crash, no failed canary, no fault, and memory as it was. The last line is for the
// ledger.
import { parseArgs } from "node:util";
import { Canary, NativePhone, StockPhone } from "./canary.mjs";
import { Polling, Rest, Upgrades } from "./http.mjs";
import { Datagrams, Frames } from "./media.mjs";
import { Random } from "./random.mjs";
import { Engine, Json, Link, Packed, SocketIo } from "./sockets.mjs";
import { pause, World } from "./world.mjs";

const { values: option } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "settle-s": { type: "string", default: "5" }, // before memory is measured
    "call-ms": { type: "string", default: "150" }, // a canary's rest between two calls
    surface: { type: "string", default: "" }, // one alone
    "self-test": { type: "boolean", default: false },
  },
});
const messages = Number(option.messages);
const seed = Number(option.seed);
// In a slice, what allocators and tables take the first time they are needed is more than that.
const memory_grows_max = messages >= 100_000 ? 0.02 : 0.08;

/** Each surface with its lines, by the extension that they speak for. */
const surfaces = [
  { name: "rest", Kind: Rest, users: [1004, 1005, 1004, 1005] },
  { name: "upgrades", Kind: Upgrades, users: [1004, 1005] },
  { name: "polling", Kind: Polling, users: [1006, 1007, 1006, 1007] },
  { name: "json", Kind: Json, users: [1008, 1009, 1010, 1011] },
  { name: "msgpack", Kind: Packed, users: [1012, 1013] },
  { name: "engine", Kind: Engine, users: [0, 0, 0, 0, 0, 0, 0, 0] },
  { name: "socketio", Kind: SocketIo, users: [1014, 1015, 1014, 1015] },
  { name: "link", Kind: Link, users: [1, 2, 3, 4, 5, 6] },
  { name: "datagrams", Kind: Datagrams, users: [1016, 1017] },
  { name: "ice-tcp", Kind: Frames, users: [1018, 1020] },
].filter(({ name }) => !option.surface || name === option.surface);

/** `count` messages to each surface, the same ones for the same seed and name. */
async function flood(world, name, count) {
  const sent = {};
  const lanes = surfaces.flatMap(({ name: surface, Kind, users }) => {
    sent[surface] = 0;
    return users.map(async (user) => {
      const line = new Kind(world, String(user));
      while (sent[surface] < count && world.ended === undefined) {
        const number = sent[surface]++;
        try {
          await line.send(new Random(seed, `${name} ${surface}`, number));
        } catch (error) {
          if (world.ended === undefined)
            world.problem(`${name} ${surface} ${number}: ${error.stack.slice(0, 800)}`);
        }
      }
      line.end();
    });
  });
  await Promise.all(lanes);
  return Object.values(sent).reduce((a, b) => a + b, 0);
}

/** By how much, where what waits to be written to a table is left out. */
function growth(before, after) {
  return (after.resident - after.unwritten) / (before.resident - before.unwritten) - 1;
}

async function measured(world, canaries) {
  for (const each of canaries) await each.rest();
  await pause(Number(option["settle-s"]) * 1_000);
  return world.ended === undefined ? world.memory() : { resident: 0, unwritten: 0 };
}

async function campaign(world, canaries) {
  const live = () => {
    for (const each of canaries) each.live(Number(option["call-ms"]));
  };
  const each = Math.ceil(messages / surfaces.length);
  live();
  await flood(world, "warm-up", Math.min(each, 20_000));
  const before = await measured(world, canaries);
  live();
  const sent = await flood(world, "main", each);
  const after = await measured(world, canaries);
  if (world.ended !== undefined) return sent;
  const by = growth(before, after);
  const said = ({ resident, unwritten }) => `${resident} KiB (${unwritten} of the log's)`;
  console.log(`memory: ${said(before)}, then ${said(after)}: ${(by * 100).toFixed(2)} %`);
  if (by > memory_grows_max) world.problem(`memory has grown by ${(by * 100).toFixed(2)} %`);
  return sent;
}

/** That the run would have failed: a refused canary, a server that dies, memory that grows. */
async function teeth(world, canary) {
  const found = [];
  const kept = world.problems; // what is found from here on is meant
  world.problems = [];
  world.quiet = true;
  await canary.call("1019").then(
    () => found.push("a canary that is refused was not noticed"),
    () => {},
  );
  const kill = setTimeout(() => world.child.kill("SIGKILL"), 300);
  await flood(world, "self-test", 1_000);
  clearTimeout(kill);
  await Promise.race([world.gone, pause(5_000)]);
  world.problems = kept;
  if (world.ended === undefined) found.push("a server that is killed was not noticed");
  const memory = (resident) => ({ resident, unwritten: 0 });
  if (growth(memory(100_000), memory(109_000)) <= memory_grows_max)
    found.push("memory that grows is not noticed");
  return found;
}

const began = Date.now();
console.log(`seed ${seed}, ${messages} messages`);
const world = await World.start();
const canaries = [
  await Canary.pair(world, NativePhone, ["1000", "1001"]),
  await Canary.pair(world, StockPhone, ["1002", "1003"]),
];
const sent = await campaign(world, canaries);
if (world.ended !== undefined)
  world.problem(`the server ended with ${world.ended}:\n${world.said}`);
const calls = canaries.reduce((n, each) => n + each.calls, 0);
if (calls < 10) world.problem(`only ${calls} calls of canaries`);
if (option["self-test"] && world.problems.length === 0)
  for (const each of await teeth(world, canaries[0])) world.problem(`self-test: ${each}`);
for (const each of canaries) each.end();
await world.stop();
const slowest = Math.max(...canaries.map((each) => each.slowest_ms));
console.log(`the slowest call of a canary took ${slowest} ms; ${(Date.now() - began) / 1_000} s`);
console.log(`messages=${sent} calls=${calls} problems=${world.problems.length}`);
process.exit(world.problems.length === 0 ? 0 : 1);
