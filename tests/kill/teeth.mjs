// Proof that the checks can fail: each one is shown what really happened with one thing put wrong,
// and must name it.
import * as checks from "./checks.mjs";
import { Log } from "./log.mjs";
import { effect } from "./oracle.mjs";

/** A copy with `remove` entries at `at` taken out and `put` there instead. */
function spliced(list, at, remove, ...put) {
  const out = [...list];
  out.splice(at, remove, ...put);
  return out;
}

/** Numbers positions, versions and sequences anew: only the content is wrong then. */
function renumbered(events) {
  const heads = new Map();
  const tenants = new Map();
  return events.map((e, i) => {
    const key = `${e.tenant}/${e.kind}/${e.stream}`;
    const head = heads.get(key) ?? { version: 0, at: 0 };
    const tenant_sequence = (tenants.get(e.tenant) ?? 0) + 1;
    const version = head.version + 1;
    heads.set(key, { version, at: i + 1 });
    tenants.set(e.tenant, tenant_sequence);
    return { ...e, position: i + 1, version, previous: head.at, tenant_sequence };
  });
}

function logOf(events) {
  const log = new Log();
  for (const e of events) log.take(e);
  return log;
}

/** An acknowledged tone in the middle of everything: {command, at}, `at` its place in `events`. */
function someTone(oracle, events) {
  const done = [...oracle.commands.values()].filter(
    (c) => c.type === "call:dtmf" && c.answer === "done",
  );
  const command = done[done.length >> 1];
  const isIts = (e) => e.event === effect[command.type] && e.command_id.includes(`${command.id}#`);
  return { command, at: events.findIndex(isIts) };
}

const only = (command, change) => ({
  commands: new Map([[command.id, { ...command, ...change }]]),
});

function rowsOfLog({ oracle, events }) {
  const { command, at } = someTone(oracle, events);
  const without = spliced(events, at, 1);
  const twice = renumbered(spliced(events, at, 0, events[at]));
  const answered = events.findIndex((e) => e.event === "call.answered.v1");
  const won = renumbered(spliced(events, answered, 0, events[answered]));
  const refused = only(command, { answer: "refused" });
  const stray = only(command, { stream: "another-call" });
  return [
    [
      "an acknowledged command is gone",
      "lost",
      checks.commands(oracle, logOf(renumbered(without))),
    ],
    ["a command took effect twice", "doubled", checks.commands(oracle, logOf(twice))],
    ["a call was won twice", "doubled", logOf(won).problems],
    ["the log has a hole", "gaps", logOf(without).problems],
    ["a refused command is in the log", "refused", checks.commands(refused, logOf(events))],
    ["a promise names another stream", "lost", checks.commands(stray, logOf(events))],
  ];
}

/** A device with its own copy of what it was told. */
const retold = (device, change) => [
  { id: device.id, name: device.name, since: device.since, faults: [], pushed: change },
];

function rowsOfDevices({ devices, log }) {
  const [busiest] = [...devices].sort((a, b) => b.pushed.length - a.pushed.length);
  const { pushed } = busiest;
  const middle = pushed.length >> 1;
  const swapped = spliced(pushed, middle, 2, pushed[middle + 1], pushed[middle]);
  const told = (change) => checks.told(retold(busiest, change), log, true);
  return [
    ["a message was missed", "told", told(spliced(pushed, middle, 1))],
    ["the last message was missed", "told", told(pushed.slice(0, -1))],
    ["a message came twice", "told", told(spliced(pushed, middle, 0, pushed[middle]))],
    ["two messages changed places", "told", told(swapped)],
  ];
}

function rowsOfViews({ oracle, devices, log, events }) {
  const over = [...log.calls.all].filter(([, call]) => call.phase === "ended");
  const [id] = over[0];
  const ghost = [{ extension: devices[0].who.number, client_count: 1 }];
  const issued = events.findIndex((e) => e.event === "license.issued.v1");
  const taken = events.find((e) => e.event === "license.seat_taken.v1");
  const many = [...events];
  for (let i = 0; i < 26; ++i)
    many.splice(issued + 1, 0, { ...taken, data: { ...taken.data, holder: `ghost ${i}` } });
  const { taken: held, open } = log.seatsOf("default");
  const unheard = { ...oracle, logins: [{ ...taken, session: "nobody", agent: "nobody" }] };
  const ended = oracle.logouts.find((x) => x.done && x.session);
  const revoked = events.filter((e) => e.data.jti !== ended?.jti);
  return [
    ["a call has no row", "history", checks.history([], log, [id])],
    [
      "a call's row says it rings",
      "history",
      checks
        .history([{ call_id: id, state: "ringing" }], log, [id])
        .filter((p) => !checks.overtaken(p, log)),
    ],
    ["somebody is online who is not", "presence", checks.presence(ghost, [])],
    ["somebody is there and not online", "presence", checks.presence([], [devices[0]])],
    ["a seat too many", "seats", logOf(renumbered(many)).problems],
    ["a seat was lost", "seats", checks.seats(unheard, log)],
    ["a seat is counted that nobody has", "seats", checks.seatsInUse(held + 1, log, "default")],
    ["a seat is forgotten after a start", "seats", checks.seatsInUse(open - 1, log, "default")],
    ["a logout is gone", "lost", checks.seats(oracle, logOf(renumbered(revoked)))],
  ];
}

/** Problems where a check stayed silent. */
export function teeth(world) {
  const rows = [...rowsOfLog(world), ...rowsOfDevices(world), ...rowsOfViews(world)];
  const silent = rows.filter(([, check, problems]) => !problems.some((p) => p.check === check));
  console.log(`teeth: ${rows.length - silent.length} of ${rows.length} planted wrongs were named`);
  return silent.map(([name]) => ({ check: "teeth", what: `nobody noticed: ${name}` }));
}
