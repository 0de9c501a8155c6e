// One start of the binary with any arguments, for tests of how it starts and how it ends.
import { spawn } from "node:child_process";
import http from "node:http";
import https from "node:https";
import { binary } from "./server.mjs";
import { until } from "./until.mjs";

export class Started {
  out = "";
  code; // once it has ended: exit code or signal

  constructor(args, env = {}) {
    this.child = spawn(binary, args, {
      env: { ...process.env, SSL_CERT_FILE: "", JWT_SECRET: "", ADMIN_PASSWORD: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk) => {
      this.out += chunk;
    };
    this.child.stdout.on("data", keep);
    this.child.stderr.on("data", keep);
    this.ended = new Promise((resolve) =>
      this.child.on("close", (code, signal) => {
        this.code = signal ?? code;
        resolve(this.code);
      }),
    );
  }

  async ready() {
    await until("the server is ready", () => {
      if (this.code !== undefined) throw new Error(`it ended with ${this.code}: ${this.out}`);
      return this.out.includes("is ready") && this.out.includes("\n", this.out.indexOf("token of"));
    });
    return this;
  }

  /** Ends it and gives the exit code. */
  async stop(signal = "SIGTERM") {
    if (this.code === undefined) this.child.kill(signal);
    return await this.ended;
  }
}

/** One request to 127.0.0.1, whatever its certificate; {status, headers, body}, or undefined when
 *  nothing listens there. */
export function ask(port, method, path, { body, token, tls = false } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (text) headers["Content-Length"] = Buffer.byteLength(text);
  const options = { host: "127.0.0.1", port, method, path, headers, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const request = (tls ? https : http).request({ ...options, agent: false }, (answer) => {
      let all = "";
      answer.on("data", (chunk) => {
        all += chunk;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: parsed(all) }),
      );
    });
    request.on("error", () => resolve(undefined));
    request.end(text);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
