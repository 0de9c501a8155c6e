// Who takes part: agents of two tenants, made once per run and copied with the folder, because a
// password costs 50 ms. Tokens are signed here with the server's own secret.
import { createHmac, randomBytes } from "node:crypto";
import path from "node:path";
import { pause, Site } from "./site.mjs";

export const password = "password";
const base64 = (what) => Buffer.from(what).toString("base64url");

export function token(secret, claims) {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now - 10, exp: now + 36_000 };
  const whole = { roles: ["agent"], ...times, ...claims };
  const text = `${base64('{"alg":"HS256"}')}.${base64(JSON.stringify(whole))}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** Somebody's token with an id of its own, which can be revoked alone. */
export function freshToken(secret, who) {
  const jti = randomBytes(12).toString("hex");
  const claims = { sub: who.agent, tenant: who.tenant, ext: who.number, jti };
  return { ...who, jti, token: token(secret, claims) };
}

export function admin(secret, tenant) {
  const claims = { sub: `admin of ${tenant}`, tenant, ext: "999", roles: ["admin"], jti: tenant };
  return token(secret, claims);
}

async function enrol(site, as, { number, tenant, typology }) {
  const about = { username: number, email: "somebody@host.test", extension: number, password };
  const body = { ...about, tenant, typology };
  const ask = () => site.ask("POST", "/api/register", { token: as, body, key: number });
  let made = await ask();
  for (; (made?.status ?? 503) === 503; made = await ask()) {
    if (site.ended !== undefined) throw new Error(site.said);
    await pause(50);
  }
  if (made.status !== 201) throw new Error(`register: ${JSON.stringify(made)}`);
}

/** A folder with `numbers` of the tenant "second" and `licensed` agents beside the sample agents
 *  1000 to 1020 of --dev. Gives {site, people}: people[tenant][number] = {agent, number, ...}. */
export async function settle(secret, { numbers = [], licensed = 0, others = [] }) {
  const site = await Site.make({ secret });
  site.start();
  if (!(await site.ready())) throw new Error(site.said);
  const as = admin(secret, "default");
  const wanted = numbers.map((number) => ({ number, tenant: "second", typology: "agent" }));
  for (const number of others) wanted.push({ number, tenant: "default", typology: "agent" });
  for (let i = 0; i < licensed; ++i)
    wanted.push({ number: String(3000 + i), tenant: "default", typology: "webrtc_appbar" });
  const lanes = Array.from({ length: 8 }, async () => {
    for (let next = wanted.pop(); next; next = wanted.pop()) await enrol(site, as, next);
  });
  await Promise.all(lanes);
  await site.end("SIGTERM");
  const people = { default: {}, second: {} };
  await site.events(1, (e) => {
    if (e.event !== "agent.registered.v1") return;
    const { number, typology } = e.data;
    const who = { agent: e.stream, tenant: e.tenant, number, typology };
    people[e.tenant][number] = freshToken(secret, who);
  });
  return { site, template: path.join(site.folder, "data"), people };
}
