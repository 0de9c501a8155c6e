// The server that is shown bad input, and who talks to it: tokens of two tenants, keys to forge
// tokens with, and the calls that were promised, to be found in the history at the end.
import { createHmac, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Line, request } from "./errors_client.mjs";
import { Server } from "./server.mjs";
import { until } from "./until.mjs";

export const listed = "https://pages.test"; // the foreign origin that is allowed
export const foreign = "https://elsewhere.test";
export const sdp = [
  "v=0",
  "o=- 1 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "",
].join("\r\n");
export const candidate = (n = 1) => ({
  candidate: `candidate:${n} 1 UDP 2130706431 192.0.2.1 54321 typ host`,
  sdpMid: "0",
  sdpMLineIndex: 0,
});

const base64 = (what) => Buffer.from(what).toString("base64url");

export class World {
  tokens = {};
  promised = new Set(); // call ids that a success reply named
  answered = new Set(); // "GET /path 200" of every request
  #lines = [];
  #sessions = [];

  static async start({ env = {}, config = "" } = {}) {
    const world = new World();
    world.folder = mkdtempSync(path.join(os.tmpdir(), "strowger-e2e-errors-"));
    world.secret = randomBytes(48).toString("base64url");
    world.issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
    world.pem = world.issuer.publicKey.export({ type: "spki", format: "pem" });
    const pem = path.join(world.folder, "issuer.pem");
    writeFileSync(pem, world.pem);
    const file = path.join(world.folder, "config.yml");
    writeFileSync(file, config);
    world.server = await Server.start({
      args: ["--config", file],
      env: {
        JWT_SECRET: world.secret,
        JWT_PUBLIC_KEY_FILE: pem,
        CORS_ORIGINS: listed,
        DEVICE_GRACE_MS: "5000", // what is lost makes room soon
        ...env,
      },
    });
    return world;
  }

  get port() {
    return this.server.port;
  }

  /** Ends every line and REST session, and waits until nobody is online. */
  async leave() {
    for (const line of this.#lines.splice(0)) line.drop();
    for (const [id, as] of this.#sessions.splice(0))
      await this.ask("DELETE", `/api/webrtc/session/${id}`, { as });
    await until("nobody is online", async () => {
      const { body } = await this.ask("GET", "/protected/extensions/connected", { as: "admin" });
      return body.count === 0;
    });
  }

  /** Stops the server with SIGTERM; its data folder stays until `end`, and is given. */
  async stop() {
    const { data } = this.server;
    this.data = data;
    this.server.data = path.join(this.folder, "nothing"); // what `Server.stop` takes away
    await this.server.stop();
    return data;
  }

  async end() {
    for (const line of this.#lines) line.drop();
    await this.server.stop();
    for (const folder of [this.folder, this.data])
      if (folder) rmSync(folder, { recursive: true, force: true });
  }

  /** A token with these claims; an undefined one is left out. */
  token(claims = {}, { alg = "HS256", header = {}, key = this.secret } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const whole = {
      sub: "somebody",
      tenant: "default",
      ext: "1000",
      roles: ["agent"],
      iat: now,
      exp: now + 3600,
      jti: randomBytes(8).toString("hex"),
      ...claims,
    };
    const text = `${base64(JSON.stringify({ alg, ...header }))}.${base64(JSON.stringify(whole))}`;
    return `${text}.${this.sign(text, alg, key)}`;
  }

  sign(text, alg, key) {
    if (alg === "HS256") return createHmac("sha256", key).update(text).digest("base64url");
    if (alg === "RS256") return createSign("sha256").update(text).sign(key, "base64url");
    return "";
  }

  /** Signs in for real and remembers the token by `as`. */
  async signIn(username, tenant = "default", as = username) {
    const body = { username, password: "password", tenant };
    const got = await this.post("/api/login", body);
    if (got.status !== 200) throw new Error(`login: ${JSON.stringify(got.body)}`);
    this.tokens[as] = got.body.token;
    return got.body;
  }

  /** A request; `as` names who asks, `bytes` goes out untouched. */
  async ask(method, at, { as, token, headers = {}, body, bytes } = {}) {
    const fields = { ...headers };
    const bearer = token ?? this.tokens[as];
    if (bearer !== undefined) fields.Authorization = `Bearer ${bearer}`;
    if (body !== undefined) fields["Content-Type"] = "application/json";
    const sent = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    const got = await request(this.port, method, at, { headers: fields, bytes: sent });
    if (got.status === 200 && got.body?.call_id) this.promised.add(got.body.call_id);
    this.answered.add(`${method} ${at.split("?")[0]} ${got.status}`);
    return got;
  }

  post(at, body, options = {}) {
    return this.ask("POST", at, { body, ...options });
  }

  /** A REST session's id. */
  async session(extension, options = {}) {
    const got = await this.post("/api/webrtc/session", { extension }, options);
    if (got.status !== 200) throw new Error(`session: ${JSON.stringify(got.body)}`);
    const id = got.body.session.session_id;
    this.#sessions.push([id, options.as]);
    return id;
  }

  /** A device on /ws, after its `connected` (which stands in `connected`). */
  async line(extension, { as = extension, query = "", ...options } = {}) {
    const token = this.tokens[as] ?? this.token({ sub: `agent of ${as}`, ext: extension });
    const at = `/ws?extension=${encodeURIComponent(extension)}${query}`;
    const headers = { Authorization: `Bearer ${token}` };
    const line = await Line.open(this.port, at, { headers, ...options });
    if (line.refused) throw new Error(`/ws: ${JSON.stringify(line.refused)}`);
    this.#lines.push(line);
    line.connected = (await line.push("connected")).data;
    return line;
  }

  /** Dials from a line and gives the call id. */
  async dial(line, phoneNumber, more = {}) {
    const data = await line.ask("call:dial", { phoneNumber, ...more });
    if (!data.success) throw new Error(`dial: ${JSON.stringify(data)}`);
    this.promised.add(data.callId);
    return data.callId;
  }
}
