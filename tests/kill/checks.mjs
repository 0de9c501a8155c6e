// Compares what was promised with what the log says. Every check gives problems: {check, what}.
// Checks: lost, doubled, refused, gaps, told, presence, seats, history, tokens, replay, waiting.
import { effect } from "./oracle.mjs";

/** Acknowledged commands that the log does not have, and commands with more than one effect. */
export function commands(oracle, log) {
  const problems = [];
  const say = (check, c, what) => problems.push({ check, what: `${c.type} ${c.id} ${what}` });
  for (const c of oracle.commands.values()) {
    const written = log.byCommand.get(c.id) ?? [];
    const tag = effect[c.type];
    if (tag === undefined) {
      if (c.answer === "done" && c.call && !left(log, c)) say("lost", c, "left no trace");
    } else {
      const found = written.filter((w) => w.tag === tag);
      if (c.answer === "done" && found.length === 0) say("lost", c, `has no ${tag}`);
      else if (c.answer === "done" && c.stream && c.stream !== found[0].stream)
        say("lost", c, `was promised ${c.stream} and is in ${found[0].stream}`);
      if (found.length > 1) say("doubled", c, `has ${tag} at ${found.map((w) => w.at)}`);
    }
    if (c.answer === "refused" && written.length > 0)
      say("refused", c, `(${c.code}) is in the log at ${written[0].at}`);
    const heads = new Map(); // stream -> version: what one command writes is one append
    for (const w of written) {
      const head = heads.get(w.stream);
      if (head !== undefined && w.version !== head + 1)
        say("doubled", c, `has effects at versions ${head} and ${w.version} of ${w.stream}`);
      heads.set(w.stream, w.version);
    }
  }
  return problems;
}

/** Whether the device of this hang-up is out of its call. */
function left(log, c) {
  if ((log.byCommand.get(c.id) ?? []).length > 0) return true;
  return log.calls.all.get(c.call)?.phase === "ended";
}

/** What each device was told, against what the log has for it after its first position. With
 *  `whole` nothing may be missing at the end either. */
export function told(devices, log, whole) {
  const problems = [];
  const say = (device, what) => problems.push({ check: "told", what: `${device.name} ${what}` });
  for (const device of devices) {
    for (const fault of device.faults) problems.push({ check: "told", what: fault });
    const due = (log.calls.told.get(device.id) ?? []).filter((m) => m.position > device.since);
    const got = device.pushed;
    for (let i = 0; i < Math.max(due.length, got.length); ++i) {
      const [want, have] = [due[i], got[i]];
      if (!have && (!whole || device.partial)) break; // it will come, or its session is over
      const same = want && have && want.position === have.position && want.type === have.type;
      if (same && want.call === have.call) continue;
      const text = (m) => (m ? `${m.type} at ${m.position}` : "nothing");
      say(device, `was told ${text(have)} where the log has ${text(want)}`);
      break;
    }
  }
  return problems;
}

/** Sign-ins that were answered hold their seat until their sign-out; never more than there are. */
export function seats(oracle, log) {
  const problems = [];
  const gone = new Set(oracle.logouts.map((x) => x.session));
  for (const { tenant, agent, session } of oracle.logins) {
    const held = log.seats.get(tenant)?.get(agent)?.has(session) ?? false;
    if (!held && !gone.has(session))
      problems.push({ check: "seats", what: `the session ${session} has lost its seat` });
  }
  for (const { session, jti, done } of oracle.logouts) {
    if (!done) continue;
    if (!log.revoked.has(jti)) problems.push({ check: "lost", what: `the logout of ${jti}` });
    if (session && log.sessions.has(session))
      problems.push({ check: "seats", what: `the session ${session} outlives its logout` });
  }
  return problems;
}

/** The number of seats that the server counts after a start, before anybody is there. */
export function seatsInUse(used, log, tenant) {
  const { taken, open } = log.seatsOf(tenant);
  if (used >= open && used <= taken) return [];
  const due = open === taken ? taken : `${open} to ${taken}`;
  return [{ check: "seats", what: `${used} seats in use, really ${due}` }];
}

/** The rows of /protected/call/history against the calls of the log, for the calls named. */
export function history(rows, log, wanted) {
  const problems = [];
  const byId = new Map(rows.map((row) => [row.call_id, row]));
  if (byId.size !== rows.length) problems.push({ check: "history", what: "a call has two rows" });
  for (const id of wanted) {
    const call = log.calls.all.get(id);
    if (!call) continue; // `commands` says so
    const { state } = call;
    const shown = byId.get(id)?.state;
    const what = `${id} is ${shown}, the log says ${state}`;
    if (shown !== state) problems.push({ check: "history", what, id, shown, before: log.last });
  }
  return problems;
}

/** Whether a problem of `history` is none, now that more of the log is known: the server itself
 *  ended the call after its start, because nobody had answered in time. */
export function overtaken({ check, id, shown, before }, log) {
  if (check !== "history" || !id) return false;
  const { state, end } = log.calls.all.get(id);
  return shown === state && end?.at > before && end.by.startsWith("system/");
}

/** Rows of /protected/extensions/connected against the devices that are there. */
export function presence(rows, devices) {
  const due = new Map();
  for (const d of devices) due.set(d.who.number, (due.get(d.who.number) ?? 0) + 1);
  const got = new Map(rows.map((row) => [row.extension, row.client_count]));
  const problems = [];
  for (const number of new Set([...due.keys(), ...got.keys()])) {
    const [want, have] = [due.get(number) ?? 0, got.get(number) ?? 0];
    if (want !== have)
      problems.push({ check: "presence", what: `${number} has ${have} devices, really ${want}` });
  }
  return problems;
}
