// The server that is killed: its folder, its process, and what `events` and `replay` say of it.
import { execFile, spawn } from "node:child_process";
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { binary, freePort } from "../e2e/server.mjs";

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const running = new Set(); // none may outlive the test
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Site {
  #process;
  #gone;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  static async make({ secret, template }) {
    const site = new Site();
    site.secret = secret;
    site.folder = mkdtempSync(path.join(os.tmpdir(), "strowger-kill-"));
    site.data = path.join(site.folder, "data");
    if (template) cpSync(template, site.data, { recursive: true });
    site.port = await freePort();
    return site;
  }

  get said() {
    return readFileSync(path.join(this.folder, "out"), "utf8").slice(-4_000);
  }

  start() {
    const port = String(this.port);
    const ports = ["--port", port, "--stun-port", port];
    const out = openSync(path.join(this.folder, "out"), "w");
    const child = spawn(binary, ["serve", "--dev", "--data", this.data, ...ports], {
      env: { ...process.env, SSL_CERT_FILE: "", JWT_SECRET: this.secret },
      stdio: ["ignore", out, out],
    });
    closeSync(out);
    this.#process = child;
    running.add(child);
    this.ended = undefined;
    this.#gone = new Promise((resolve) =>
      child.once("exit", (code, signal) => {
        running.delete(child);
        this.ended = signal ?? code;
        resolve(this.ended);
      }),
    );
  }

  /** Gives false when it has ended instead. */
  async ready() {
    for (let i = 0; i < 6_000; ++i) {
      if (this.ended !== undefined) return false;
      if ((await this.ask("GET", "/ready"))?.status === 200) return true;
      await pause(3);
    }
    throw new Error(`the server does not get ready:\n${this.said}`);
  }

  /** Ends it and gives how it ended: a signal or an exit code. */
  async end(signal = "SIGKILL") {
    if (this.ended === undefined) this.#process.kill(signal);
    return await this.#gone;
  }

  remove() {
    this.#agent.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** {status, body}, or undefined when there was no answer. */
  ask(method, at, { token, body, key } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { Host: `127.0.0.1:${this.port}` };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (text) headers["Content-Type"] = "application/json";
    if (text) headers["Content-Length"] = Buffer.byteLength(text);
    const where = { host: "127.0.0.1", port: this.port, method, path: at, headers };
    return new Promise((resolve) => {
      const sent = http.request({ ...where, agent: this.#agent }, (answer) => {
        let all = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          all += chunk;
        });
        answer.on("error", () => resolve(undefined));
        answer.on("aborted", () => resolve(undefined));
        answer.on("end", () => {
          try {
            resolve({ status: answer.statusCode, body: JSON.parse(all) });
          } catch {
            resolve(answer.complete ? { status: answer.statusCode, body: all } : undefined);
          }
        });
      });
      sent.on("error", () => resolve(undefined));
      sent.setTimeout(60_000, () => sent.destroy());
      sent.end(text);
    });
  }

  /** Gives the events from a position on to `take`, parsed, as `strowger events` prints them. */
  async events(from, take) {
    const args = ["events", "--data", this.data, "--from", String(from), "--reveal"];
    const tool = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => tool.once("exit", resolve));
    for await (const line of createInterface({ input: tool.stdout })) take(JSON.parse(line));
    const code = await ended;
    if (code !== 0) throw new Error(`events ended with ${code}`);
  }

  /** Problems that `strowger replay` finds. */
  async replay() {
    const args = ["replay", "--quiet", "--data", this.data];
    const [code, said] = await new Promise((resolve) =>
      execFile(binary, args, (error, out, err) => resolve([error ? error.code : 0, out + err])),
    );
    return code === 0 ? [] : [{ check: "replay", what: `ended with ${code}: ${said}` }];
  }
}
