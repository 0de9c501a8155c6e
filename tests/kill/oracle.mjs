// What was asked and what was promised, kept outside the server: the judge of what its log holds.

// What a successful command of this kind must have written, exactly once. `hangup` is judged by the
// state of its call: a call that was over already is no error.
export const effect = {
  "call:dial": "call.placed.v1",
  "call:answer": "call.answered.v1",
  "call:hangup": undefined,
  "call:reject": undefined,
  "call:hold": "call.held.v1",
  "call:unhold": "call.resumed.v1",
  "call:mute": "call.muted.v1",
  "call:dtmf": "call.dtmf_sent.v1",
  "call:transfer": "call.transfer_started.v1",
  "call:transfer-cancel": "call.transfer_failed.v1",
  "webrtc:offer": "call.offer_sent.v1",
  "webrtc:answer": "call.answer_sent.v1",
  "webrtc:ice-candidate": "call.candidate_sent.v1",
  "rest:session": "session.opened.v1",
  "rest:offer": "session.offer_set.v1",
  "rest:candidate": "session.candidate_added.v1",
  "rest:call": "call.placed.v1",
  "rest:initiate": "call.placed.v1",
  "rest:dtmf": "call.dtmf_sent.v1",
  "rest:hangup": undefined,
  "rest:close": "session.closed.v1",
  "rest:register": "agent.registered.v1",
};

// What the server promises about a command, in a form that two answers can be compared by.
const essence = (data) =>
  data.success
    ? `${data.callId ?? data.call_id ?? ""}/${data.session?.session_id ?? data.agent_id ?? ""}`
    : "refused";

export class Oracle {
  commands = new Map(); // id -> command
  logins = []; // {agent, session, seats}: sign-ins that were answered
  logouts = []; // {agent, session, token}: sign-outs that were answered
  acknowledged = 0;
  refused = 0;
  refusals = new Map(); // "type code" -> count
  #next = 1;

  constructor(prefix) {
    this.prefix = prefix;
  }

  begin(who, type, data) {
    const id = `${this.prefix}-${this.#next++}`;
    const command = { id, type, agent: who.agent, tenant: who.tenant, call: data.callId };
    this.commands.set(id, command);
    return command;
  }

  /** A definite answer. */
  answered(command, data) {
    // "invitation-failed": placed and recorded, but nobody could be rung.
    const happened = data.success || data.code === "invitation-failed";
    command.answer = happened ? "done" : "refused";
    command.code = data.code;
    command.essence = essence(data);
    command.stream = data.callId ?? data.call_id ?? data.session?.session_id ?? data.agent_id;
    if (data.success) ++this.acknowledged;
    else {
      ++this.refused;
      const what = `${command.type} ${data.code}`;
      this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
    }
  }

  login(who) {
    this.logins.push(who);
    ++this.acknowledged;
  }

  /** Before it is asked for: from now on it may be so. */
  logout(who) {
    const entry = { ...who, done: false };
    this.logouts.push(entry);
    return entry;
  }

  loggedOut(entry) {
    entry.done = true;
    ++this.acknowledged;
  }

  /** A second answer to a command; a sentence when it is not the first one. */
  differs(id, data) {
    const command = this.commands.get(id);
    if (!command?.answer) return;
    if (["outcome-unknown", "busy", "hub-not-available", "storage-failed"].includes(data.code))
      return;
    const now = essence(data);
    if (now !== command.essence)
      return `was answered "${command.essence}", then "${now}" to ${command.type} ${id}`;
  }
}
