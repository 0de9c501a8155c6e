// The server that is spoken to, who speaks, and what was found.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ask } from "../e2e/process.mjs";
import { binary, freePort } from "../e2e/server.mjs";
import { freshToken } from "../kill/people.mjs";

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const problems_max = 50;

export class World {
  problems = [];
  ended; // how, once it has
  #said = "";
  #people = {};
  #tokens = {};
  secret = randomBytes(48).toString("base64url");
  key = "SL-key-of-the-test-0123456789abcdef";

  static async start() {
    const world = new World();
    world.data = mkdtempSync(path.join(os.tmpdir(), "strowger-malformed-"));
    world.port = await freePort();
    const port = String(world.port);
    const ports = ["--port", port, "--stun-port", port, "--media-port", "0"];
    world.child = spawn(
      binary,
      ["serve", "--dev", "--role", "master", "--data", world.data, ...ports],
      {
        env: {
          ...process.env,
          ...{ SSL_CERT_FILE: "", JWT_SECRET: world.secret, LICENSE_KEY: world.key },
          SOCKETIO_CONNECT_TIMEOUT_MS: "1500", // so long something of a session stays: settle longer
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    for (const each of [world.child.stdout, world.child.stderr])
      each.on("data", (chunk) => {
        world.#said = (world.#said + chunk).slice(-20_000);
        world.mediaPort ??=
          Number(/Media relay listens.*?port[=":]+(\d+)/.exec(chunk)?.[1]) || undefined;
      });
    world.gone = new Promise((resolve) =>
      world.child.once("exit", (code, signal) => {
        world.ended = signal ?? code;
        resolve();
      }),
    );
    process.once("exit", () => world.child.kill("SIGKILL"));
    await world.#ready();
    return world;
  }

  async #ready() {
    for (let i = 0; (await ask(this.port, "GET", "/ready"))?.status !== 200; ++i) {
      if (this.ended !== undefined || i > 1_000)
        throw new Error(`it does not start: ${this.#said}`);
      await pause(20);
    }
    for (let n = 1000; n <= 1020; ++n) {
      const body = { username: String(n), password: "password" };
      const answer = await ask(this.port, "POST", "/api/login", { body });
      const claims = JSON.parse(Buffer.from(answer.body.token.split(".")[1], "base64url"));
      this.#people[n] = { agent: claims.sub, tenant: claims.tenant, number: String(n) };
    }
  }

  /** A token that nobody else has, which can be revoked alone. */
  fresh(user) {
    return freshToken(this.secret, this.#people[user]).token;
  }
  token(user) {
    this.#tokens[user] ??= this.fresh(user);
    return this.#tokens[user];
  }

  problem(what) {
    if (this.problems.length < problems_max) this.problems.push(what);
    if (this.problems.length <= 10 && !this.quiet) console.error(what);
  }

  get said() {
    return this.#said;
  }

  /** KiB: `resident`, and of that what the log has in its write-ahead files: RocksDB keeps as much in
   *  memory until it makes a table of it, up to 64 MiB. */
  memory() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "latin1");
    const resident = Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
    const files = readdirSync(this.data, { recursive: true }).filter((each) => /\.log$/.test(each));
    const bytes = files.reduce((sum, each) => sum + statSync(path.join(this.data, each)).size, 0);
    return { resident, unwritten: Math.round(bytes / 1024) };
  }

  async stop() {
    if (this.ended === undefined) this.child.kill("SIGTERM");
    await this.gone;
    rmSync(this.data, { recursive: true, force: true });
  }
}
