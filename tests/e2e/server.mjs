// One server under test: its own data folder and port, killed by its own pid and nothing else.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = path.resolve(
  process.env.STROWGER_BIN ?? path.join(repo, "build/release/strowger"),
);

export class Server {
  #process;
  #output = "";

  static async start(options = {}) {
    const server = new Server();
    server.data = mkdtempSync(path.join(os.tmpdir(), "strowger-e2e-"));
    server.port = await freePort();
    server.options = options;
    await server.up();
    return server;
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  // Node 18 takes "localhost" for ::1 alone.
  get #api() {
    return `http://127.0.0.1:${this.port}`;
  }

  get log() {
    return this.#output;
  }

  /** Also after `kill9`: the same port and data folder. */
  async up() {
    const ports = ["--port", String(this.port), "--stun-port", String(this.port)]; // TCP, UDP
    const folders = ["--data", this.data, "--web", path.join(repo, "web/dist")];
    const args = ["serve", "--dev", ...folders, ...ports];
    this.#output = "";
    const child = spawn(binary, [...args, ...(this.options.args ?? [])], {
      cwd: repo,
      env: { ...process.env, SSL_CERT_FILE: "", ...this.options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const keep = (chunk) => {
      this.#output = (this.#output + chunk).slice(-400_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    let ended;
    child.on("exit", (code, signal) => {
      ended = `the server ended with ${signal ?? code}:\n${this.#output.slice(-2_000)}`;
    });
    child.on("error", (error) => {
      ended = String(error);
    });
    await until(
      "the server is ready",
      async () => {
        if (ended) throw new Error(ended);
        return this.#output.includes("is ready") && (await fetch(`${this.#api}/ready`)).ok;
      },
      30_000,
    );
  }

  async kill9() {
    await this.#end("SIGKILL");
  }

  /** As `stop`, but the data folder stays. */
  async end(signal = "SIGTERM") {
    await this.#end(signal);
  }

  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const hard = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await gone;
    clearTimeout(hard);
  }

  /** One HTTP request; gives {status, body}. */
  async request(method, at, { token, body } = {}) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(this.#api + at, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  }

  async login(username, password = "password") {
    const answer = await this.request("POST", "/api/login", { body: { username, password } });
    if (answer.status !== 200) throw new Error(`login: ${JSON.stringify(answer)}`);
    return answer.body.token;
  }

  /** The ended calls of an extension, newest first. */
  async history(extension) {
    const token = await this.login(extension);
    const answer = await this.request("GET", "/protected/call/history", { token });
    if (answer.status !== 200) throw new Error(`history: ${JSON.stringify(answer)}`);
    return answer.body.calls;
  }

  /** The one and only call of this extension, once it has ended. */
  async onlyRecord(extension) {
    const calls = await until("the call has ended in the history", async () => {
      const rows = await this.history(extension);
      return rows.length > 0 && rows.every((row) => row.ended_at) && rows;
    });
    if (calls.length !== 1) throw new Error(`one call expected: ${JSON.stringify(calls)}`);
    return calls[0];
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
