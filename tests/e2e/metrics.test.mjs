// What docs/metrics.md promises is what a running server shows, and all of it moves with calls.
import assert from "node:assert/strict";
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import http from "node:http";
import { after, before, test } from "node:test";
import { World } from "./errors_world.mjs";
import { until } from "./until.mjs";

const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
/** name -> {type, label, values} of the table. */
const documented = new Map(
  [...page.matchAll(/^\| `(strowger_\w+)` \| (\w+) \| (?:`(\w+)`: ([^|]+) )?\| [^|]+ \|$/gm)].map(
    ([, name, type, label, values]) => [name, { type, label, values: values?.split(" ") ?? [] }],
  ),
);

// What a healthy server without load leaves at 0.
const still = [
  "strowger_slow_sockets_closed_total",
  "strowger_append_failures_total",
  "strowger_overload_refusals_total",
  "strowger_journal_waiting",
  "strowger_publisher_lag_events",
  "strowger_log_lines_dropped",
  "strowger_password_jobs_waiting",
  // These calls go from browser to browser; gateway.test.mjs has the others.
  "strowger_media_packets_total",
  "strowger_media_dropped_total",
  "strowger_media_handshakes_total",
  "strowger_media_transports",
  "strowger_media_producers",
  "strowger_media_consumers",
  "strowger_media_legs_rated",
  "strowger_media_mos",
  "strowger_media_jitter_seconds",
  "strowger_media_rtt_seconds",
  "strowger_media_loss_ratio",
];

let w;
before(async () => {
  w = await World.start();
});
after(() => w?.end());

/** {types: name -> type, series: 'name{label="value"}' -> number} */
async function scraped() {
  const { status, text } = await w.ask("GET", "/metrics");
  assert.equal(status, 200);
  const types = new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
  );
  const series = new Map(
    [...text.matchAll(/^(\w+(?:\{[^}]*\})?) (\S+)$/gm)].map(([, name, n]) => [name, Number(n)]),
  );
  return { types, series };
}

/** The series of a documented metric, without the one for unlisted label values. */
const seriesOf = (name, { type, label, values }) =>
  label
    ? values.map((value) => `${name}{${label}="${value}"}`)
    : [type === "histogram" ? `${name}_count` : name];

test("the documented metrics are those that are shown", async () => {
  const { types, series } = await scraped();
  assert.ok(documented.size > 20);
  const shown = [...types].map(([name, type]) => `${name} ${type}`);
  assert.deepEqual(
    shown.sort(),
    [...documented].map(([name, { type }]) => `${name} ${type}`).sort(),
  );
  for (const [name, row] of documented) {
    const all = [...series.keys()].filter((key) => key.startsWith(`${name}{`));
    const own = row.label ? [...seriesOf(name, row), `${name}{${row.label}="other"}`] : [];
    if (row.type !== "histogram") assert.deepEqual(all.sort(), own.sort(), name);
  }
});

test("after calls every one of them has moved", async () => {
  const [a, b] = await Promise.all(["1000", "1001"].map(licensed));
  const id = await w.session("1002"); // without a token
  const events = http.get({
    host: "127.0.0.1",
    port: w.port,
    path: `/api/webrtc/session/${id}/events`,
    agent: false,
  });
  await new Promise((resolve) => events.on("response", resolve));
  for (const outcome of ["answered", "rejected", "cancelled", "live"]) await call(a, b, outcome);
  assert.equal((await w.post("/api/login", { username: "1000", password: "x" })).status, 401);
  await bindingRequest();
  await until("all metrics have moved", async () => {
    const { series } = await scraped();
    const zero = [...documented]
      .filter(([name, row]) => !seriesOf(name, row).some((key) => series.get(key) > 0))
      .map(([name]) => name);
    assert.deepEqual(
      zero.filter((name) => !still.includes(name)),
      [],
    );
    return true;
  });
  const { series } = await scraped();
  const of = (name, label) => series.get(`strowger_${name}{${label}}`);
  for (const kind of ["agent", "call", "extension", "license", "session"]) {
    assert.ok(of("commands_total", `kind="${kind}"`) > 0, kind);
    assert.ok(of("actors_live", `kind="${kind}"`) > 0, kind);
  }
  for (const outcome of ["answered", "rejected", "cancelled"])
    assert.equal(of("calls_ended_total", `outcome="${outcome}"`), 1, outcome);
  assert.deepEqual(
    [of("logins_total", 'outcome="refused"'), of("commands_refused_total", 'kind="call"')],
    [1, 4],
  );
  assert.equal(series.get("strowger_calls_live"), 1);
  assert.equal(series.get("strowger_seats_used"), 2);
  assert.equal(series.get("strowger_sockets_open"), 3);
  const committed = series.get("strowger_events_committed_total");
  assert.equal(series.get("strowger_group_events_sum"), committed);
  for (const name of ["groups_committed_total", "commit_seconds_count"])
    assert.ok(series.get(`strowger_${name}`) <= committed, name);
  events.destroy();
});

test("sign-ins that wait for password work are seen", async () => {
  const waiting = [];
  for (let i = 0; i < 16; ++i)
    waiting.push(w.post("/api/login", { username: String(1000 + i), password: "password" }));
  await until("somebody waits", async () => {
    return (await scraped()).series.get("strowger_password_jobs_waiting") > 0;
  });
  await Promise.all(waiting);
  await until("nobody waits", async () => {
    return (await scraped()).series.get("strowger_password_jobs_waiting") === 0;
  });
});

/** The line of a new agent that takes a seat. */
async function licensed(ext) {
  const extension = `2${ext}`;
  const agent = { username: `seat ${ext}`, password: "something", email: "s@host.test" };
  const body = { ...agent, extension, typology: "chrome_softphone" };
  const made = await w.post("/api/register", body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const got = await w.post("/api/login", agent);
  assert.equal(got.status, 200, JSON.stringify(got.body));
  w.tokens[extension] = got.body.token;
  return w.line(extension);
}

/** A call from a to b; somebody also asks for what may not be. */
async function call(a, b, outcome) {
  const callId = await w.dial(a, "21001");
  await b.push("call:incoming");
  assert.equal((await a.ask("call:answer", { callId })).code, "call-not-ringing");
  if (outcome === "cancelled") await a.ask("call:hangup", { callId });
  else if (outcome === "rejected") await b.ask("call:reject", { callId });
  else await b.ask("call:answer", { callId });
  if (outcome === "answered") await b.ask("call:hangup", { callId });
}

/** One STUN request (RFC 8489), until it is answered. */
function bindingRequest() {
  const socket = dgram.createSocket("udp4");
  const bytes = Buffer.from("000100002112a442000102030405060708090a0b", "hex");
  return new Promise((resolve) => {
    const ask = setInterval(() => socket.send(bytes, w.port, "127.0.0.1"), 50);
    socket.on("message", () => {
      clearInterval(ask);
      socket.close();
      resolve();
    });
  });
}
