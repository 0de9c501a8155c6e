// One death and the life before it: start, look, load, kill, read, judge.
import * as checks from "./checks.mjs";
import { pause } from "./site.mjs";

const tenants = ["default", "second"];

/** Before anybody is let in: nobody is online, and the views say what the log says. */
async function lookAtStart(world, state) {
  const problems = [];
  const get = (tenant, at) => world.site.ask("GET", at, { token: world.admin(tenant) });
  for (const tenant of tenants) {
    const online = await get(tenant, "/protected/extensions/connected");
    problems.push(...checks.presence(online.body.extensions, []));
    const page = await get(tenant, "/protected/call/history?limit=500");
    const wanted = state.recentCalls(tenant);
    problems.push(...checks.history(page.body.calls, world.log, wanted));
  }
  const stats = await get("default", "/protected/admin/stats");
  problems.push(...checks.seatsInUse(stats.body.license.seats_used, world.log, "default"));
  for (const { jti, token, done } of world.oracle.logouts.slice(-5)) {
    if (!done) continue;
    const answer = await world.site.ask("GET", "/protected/extensions/connected", { token });
    if (answer.status !== 401)
      problems.push({ check: "tokens", what: `${jti} is revoked and was let in` });
  }
  return problems;
}

/** Once all are back: the server's list is the list. A difference must go away. */
export async function lookAtPresence(world, patience_ms = 10_000) {
  let problems = [];
  const end = Date.now() + patience_ms;
  while (Date.now() < end) {
    problems = [];
    for (const tenant of tenants) {
      const at = "/protected/extensions/connected";
      const answer = await world.site.ask("GET", at, { token: world.admin(tenant) });
      if (answer?.status !== 200) return [];
      const rows = answer.body.extensions.filter(
        (row) => !["1017", "1020"].includes(row.extension),
      );
      const here = world.devices.filter((d) => d.who.tenant === tenant && d.online);
      problems.push(...checks.presence(rows, here));
    }
    if (problems.length === 0) return [];
    await pause(20);
  }
  return problems;
}

/** Starts the server, killing it on the way now and then. */
async function start(world, state) {
  const { random, site } = world;
  for (let deaths = 0; deaths < 2 && random() < 0.2; ++deaths) {
    site.start();
    const letIn = random() < 0.5;
    if (letIn) world.open();
    await pause(random() * 150);
    world.shut();
    await site.end();
    ++state.kills;
    if (letIn) await world.read(); // what they did then is what the next start has to show
  }
  const early = random() < 0.3; // people do not wait until it is ready
  site.start();
  if (early) world.open();
  const at = Date.now();
  if (!(await site.ready())) throw new Error(`the server has ended: ${site.said}`);
  state.starts.push(Date.now() - at);
  if (early) return [];
  const problems = await lookAtStart(world, state);
  world.open();
  return problems;
}

const silence_ms = 60_000; // nothing at all for so long: that is no slow machine any more

/** Lets them work; gives a problem when nothing gets an answer any more. */
export async function untilAcknowledged(world, count) {
  const { oracle, site } = world;
  let seen = oracle.acknowledged;
  for (let since = Date.now(); oracle.acknowledged < count; await pause(2)) {
    if (site.ended !== undefined)
      return [{ check: "alive", what: `ended with ${site.ended}: ${site.said}` }];
    if (oracle.acknowledged !== seen) since = Date.now();
    seen = oracle.acknowledged;
    if (Date.now() - since < silence_ms) continue;
    const stuck = world.devices.filter((d) => !d.idle).map((d) => d.waits());
    return [{ check: "waiting", what: `no answers any more: ${stuck.slice(0, 5).join("; ")}` }];
  }
  return [];
}

async function die(world, state) {
  const { random, site } = world;
  const way = random();
  await pause(random() * 3);
  if (way < 0.8) {
    world.shut();
    await site.end("SIGKILL");
    ++state.kills;
    return [];
  }
  const stopped = site.end("SIGTERM"); // people still try
  if (way < 0.9) {
    await pause(random() * 60);
    await site.end("SIGKILL");
    ++state.kills;
    world.shut();
    return [];
  }
  const code = await stopped;
  world.shut();
  ++state.stops;
  return code === 0 ? [] : [{ check: "alive", what: `SIGTERM ended it with ${code}` }];
}

/** Everything that can be said about the folder of a dead server. */
export function judge(world, whole) {
  const { oracle, log } = world;
  return [
    ...log.problems.splice(0),
    ...checks.commands(oracle, log),
    ...checks.told([...world.devices, ...world.passing], log, whole),
    ...checks.seats(oracle, log),
  ];
}

/** A whole cycle; gives the problems found. */
export async function cycle(world, state, commands) {
  const problems = await start(world, state);
  const goal = world.oracle.acknowledged + Math.floor(commands * (0.2 + 1.6 * world.random()));
  const half = (world.oracle.acknowledged + goal) / 2;
  problems.push(...(await untilAcknowledged(world, half)));
  if (world.random() < 0.5) problems.push(...(await lookAtPresence(world)));
  problems.push(...(await untilAcknowledged(world, goal)));
  problems.push(...(await die(world, state)));
  await world.read();
  return [...problems.filter((p) => !checks.overtaken(p, world.log)), ...judge(world, false)];
}

async function stop(world) {
  world.shut();
  await world.site.end("SIGTERM");
  await world.read();
}

/** Whoever has not heard everything comes back once more and must hear it. */
async function tellTheRest(world) {
  const missing = () => checks.told(world.devices, world.log, true).length;
  let before = missing();
  if (before === 0) return;
  world.site.start();
  if (!(await world.site.ready())) throw new Error(`the server has ended: ${world.site.said}`);
  world.open();
  for (let since = Date.now(); before > 0 && Date.now() - since < silence_ms; await pause(50)) {
    const now = missing();
    if (now !== before) since = Date.now();
    before = now;
  }
  await stop(world);
}

/** Everybody finishes and everything is told; then the folder is judged as a whole. */
export async function finish(world, scripts) {
  world.site.start();
  if (!(await world.site.ready())) throw new Error(`the server has ended: ${world.site.said}`);
  world.open();
  return await conclude(world, scripts);
}

/** The same of a server that is up. */
export async function conclude(world, scripts) {
  world.closing = true;
  let over = false;
  scripts.then(() => {
    over = true;
  });
  const end = Date.now() + 2 * silence_ms;
  while (!over && Date.now() < end) await pause(10);
  const problems = await lookAtPresence(world);
  await pause(100); // what is on its way
  await stop(world);
  await tellTheRest(world);
  const stuck = world.devices.filter((d) => !d.idle).map((d) => d.waits());
  if (!over) problems.push({ check: "waiting", what: `scripts do not end: ${stuck.join("; ")}` });
  return [...problems, ...judge(world, over), ...(await world.site.replay())];
}
