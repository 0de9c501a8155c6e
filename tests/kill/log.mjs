// The server's log as `strowger events` prints it, folded by rules of our own: streams, commands,
// seats, and calls (calls.mjs).
import { Calls } from "./calls.mjs";

const mark = "#"; // between a command's name and the digest of what it said

/** The client's own name of a command, out of "<principal>/<name>[#digest]". */
function named(principal, id) {
  const name = id.startsWith(`${principal}/`) ? id.slice(principal.length + 1) : id;
  const at = name.lastIndexOf(mark);
  return at < 0 ? name : name.slice(0, at);
}

export class Log {
  last = 0; // position
  events = 0;
  problems = []; // of the chain, the seats and the calls themselves
  byCommand = new Map(); // name -> [{at, kind, stream, version, tag}]
  seats = new Map(); // tenant -> agent -> Set of sessions
  seatsMax = new Map(); // tenant -> number
  revoked = new Set(); // jti
  sessions = new Map(); // open session -> agent
  calls = new Calls(this.problems);
  #streams = new Map();
  #tenants = new Map();
  #epoch = 0;

  /** One event, parsed. */
  take(e) {
    ++this.events;
    this.#chain(e);
    if (e.command_id) {
      const name = named(e.principal, e.command_id);
      const entry = { at: e.position, stream: e.stream, version: e.version, tag: e.event };
      const known = this.byCommand.get(name);
      if (known) known.push(entry);
      else this.byCommand.set(name, [entry]);
    }
    if (e.kind === "call") this.calls.take(e);
    else if (e.kind === "license") this.#seat(e);
    else if (e.event === "agent.token_revoked.v1") this.revoked.add(e.data.jti);
    else if (e.event === "session.opened.v1") this.sessions.set(e.stream, e.data.agent);
    else if (e.event === "session.closed.v1") this.sessions.delete(e.stream);
  }

  /** Seats of a tenant: those taken, and of them those whose session is open. What a closed session
   *  leaves is given back by a reactor, which may have been killed before it came to that. */
  seatsOf(tenant) {
    const held = [...(this.seats.get(tenant)?.values() ?? [])];
    const inUse = (of) => [...of].some((session) => this.sessions.has(session));
    return { taken: held.length, open: held.filter(inUse).length };
  }

  #wrong(e, what) {
    this.problems.push({ check: "gaps", what: `position ${e.position}: ${what}` });
  }

  #chain(e) {
    if (e.position !== this.last + 1) this.#wrong(e, `follows ${this.last}`);
    this.last = e.position;
    const key = `${e.tenant}/${e.kind}/${e.stream}`;
    const head = this.#streams.get(key) ?? { version: 0, at: 0 };
    if (e.version !== head.version + 1) this.#wrong(e, `version ${e.version} of ${key}`);
    if (e.previous !== head.at) this.#wrong(e, `its stream's previous is ${e.previous}`);
    this.#streams.set(key, { version: e.version, at: e.position });
    const before = this.#tenants.get(e.tenant) ?? 0;
    if (e.tenant_sequence !== before + 1) this.#wrong(e, `sequence ${e.tenant_sequence}`);
    this.#tenants.set(e.tenant, e.tenant_sequence);
    if (e.epoch < this.#epoch) this.#wrong(e, "an older owner wrote after a newer one");
    this.#epoch = e.epoch;
  }

  #seat(e) {
    if (!this.seats.has(e.tenant)) this.seats.set(e.tenant, new Map());
    const held = this.seats.get(e.tenant);
    const { holder, session } = e.data;
    if (e.event === "license.issued.v1") this.seatsMax.set(e.tenant, e.data.webrtc_max_users);
    else if (e.event === "license.seat_taken.v1") held.set(holder, new Set([session]));
    else if (e.event === "license.seat_shared.v1") held.get(holder)?.add(session);
    else if (e.event === "license.seat_left.v1") held.get(holder)?.delete(session);
    else if (e.event === "license.seat_released.v1") held.delete(holder);
    if (held.size > (this.seatsMax.get(e.tenant) ?? 0))
      this.problems.push({ check: "seats", what: `${held.size} seats at ${e.position}` });
  }
}
