// A page that runs the gateway guide's own client (seed 003) with the stock mediasoup-client and
// socket.io-client. gateway_fill.mjs holds what the guide leaves open.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rememberPeers } from "./browser.mjs";
import { after, before, placeholders } from "./gateway_fill.mjs";
import { blocks, seed } from "./seed_text.mjs";
import { until } from "./until.mjs";

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../web");
const require = createRequire(path.join(web, "package.json"));
const ts = require("typescript");
const esbuild = require("esbuild");

export const guide = seed("003");

// Every statement of the guide up to its advice, each name as it was first declared.
function statements(text) {
  const names = new Set();
  const out = [];
  for (const block of blocks(text.slice(0, text.indexOf("\n## Best Practices")), "typescript")) {
    const file = ts.createSourceFile("guide.ts", block, ts.ScriptTarget.Latest, true);
    for (const statement of file.statements) {
      const name = statement.declarationList
        ? statement.declarationList.declarations[0].name.text
        : statement.name?.text;
      if (name && names.has(name)) continue;
      names.add(name ?? "");
      out.push(statement.getText(file));
    }
  }
  return out;
}

function filled(statement) {
  return placeholders.reduce((text, [open, content]) => text.replace(open, content), statement);
}

let bundle;

/** The page's script, made once. */
async function script() {
  if (bundle) return bundle;
  const all = statements(guide).map(filled);
  const imports = all.filter((each) => each.startsWith("import "));
  const rest = all.filter((each) => !each.startsWith("import "));
  for (const [open] of placeholders) {
    if (!guide.includes(open)) throw new Error(`the guide has no ${open} any more`);
  }
  const made = await esbuild.build({
    stdin: {
      contents: [...imports, before, ...rest, after].join("\n"),
      resolveDir: web,
      loader: "ts",
    },
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  bundle = made.outputFiles[0].text;
  return bundle;
}

export class GatewayPage {
  static async open(browser, server, username, transports = ["websocket", "polling"]) {
    const phone = new GatewayPage();
    phone.name = username;
    const answer = await server.request("POST", "/api/login", {
      body: { username, password: "password" },
    });
    const { token, user } = answer.body;
    phone.context = await browser.newContext();
    await phone.context.addInitScript(rememberPeers);
    phone.page = await phone.context.newPage();
    phone.errors = [];
    phone.page.on("pageerror", (error) => phone.errors.push(String(error)));
    phone.console = [];
    phone.page.on("console", (message) => phone.console.push(message.text()));
    await phone.page.goto(`${server.url}/health`);
    await phone.page.evaluate(
      (fill) => {
        window.fill = fill;
      },
      {
        url: server.url,
        token,
        agentId: user.agent_id,
        tenantId: user.tenant_id,
        userId: user.id,
        transports,
      },
    );
    await phone.page.evaluate(await script());
    await phone.until("the device is loaded", () => phone.page.evaluate(() => phone.ready()));
    return phone;
  }

  until(what, holds, ms) {
    return until(`${this.name}: ${what}`, holds, ms);
  }

  /** Calls one of the guide's functions. */
  do(name, ...args) {
    return this.page.evaluate(([each, given]) => window.phone[each](...given), [name, args]);
  }

  seen() {
    return this.page.evaluate(() => window.seen);
  }

  callId() {
    return this.page.evaluate(() => window.phone.callId());
  }

  transport() {
    return this.page.evaluate(() => window.phone.socket.io.engine.transport.name);
  }

  /** The next call that rings here. */
  async rings() {
    return this.until("rings", () => this.page.evaluate(() => window.seen.incoming.shift()));
  }

  async told(name, fits = () => true) {
    return this.until(`is told ${name}`, async () =>
      (await this.seen()).told.find((each) => each.name === name && fits(each)),
    );
  }

  stats() {
    return this.page.evaluate(() => window.audioStats());
  }

  /** Sound arrives: packets and energy grow. */
  async hears(what = "sound") {
    const from = await this.stats();
    await this.until(`hears ${what}`, async () => {
      const now = await this.stats();
      return now.received > from.received + 25 && now.energy > from.energy + 0.0005;
    });
  }

  /** Nothing arrives, for a second. */
  async hearsNothing() {
    await this.until("hears nothing", async () => {
      const from = await this.stats();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return (await this.stats()).received - from.received < 3;
    });
  }

  async shown() {
    const seen = await this.seen().catch((error) => String(error));
    return JSON.stringify(seen) + "\n" + this.console.slice(-30).join("\n");
  }

  assertNoErrors() {
    if (this.errors.length > 0) throw new Error(`${this.name}: ${this.errors.join("\n")}`);
  }

  close() {
    return this.context.close();
  }
}
