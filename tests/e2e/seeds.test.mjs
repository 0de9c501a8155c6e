// The clients of the first documents, run unchanged: only host, port and the names of things that
// the documents leave to the reader (token, session) are filled in.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { blocks, curlLines, noSeeds, requests, seed } from "./seed_text.mjs";
import { until } from "./until.mjs";
import { suite } from "./world.mjs";

const inWorld = suite();
const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const presence = seed("000");
const signalling = seed("004");

inWorld("scripts/test-websocket connects, pings and says so", async (w) => {
  const script = path.join(repo, "scripts/test-websocket");
  const good = spawnSync(script, [w.server.url, "1000"], { encoding: "utf8" });
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /^Connected .*extension 1000/m);
  assert.match(good.stdout, /^OK: /m);
  const bad = spawnSync(script, [w.server.url, "4711"], { encoding: "utf8" });
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /^FAILED: /);
});

if (presence) {
  inWorld("the curl lines of the troubleshooting guide answer as it says", async (w) => {
    await w.phone("admin", "the calling device");
    const callee = await w.phone("1001", "the called device");
    const lines = curlLines(presence);
    assert.ok(lines.length >= 7, `${lines.length} curl lines found`);
    const login = lines.find((line) => line.includes("/api/login"));
    const token = (await curl(w, login, "")).token;
    for (const line of lines) {
      const answer = await curl(w, line, token);
      const say = `${line}\n${JSON.stringify(answer)}`;
      if (line.includes("/health")) assert.equal(answer.status, "ok", say);
      else if (line.includes("/api/login")) assert.equal(answer.user.username, "admin", say);
      else if (line.includes("/extensions/status")) {
        const row = answer.extensions.find((each) => each.extension === "1001");
        assert.deepEqual(
          [row.status, row.ws_connected, row.client_count],
          ["online", true, 1],
          say,
        );
      } else if (line.includes("/extensions/connected")) {
        const connected = answer.extensions.map((each) => each.extension).sort();
        assert.deepEqual(connected, ["1001", "999"], say);
      } else if (line.includes("/admin/stats")) assert.equal(typeof answer, "object", say);
      else if (line.includes("/call/initiate")) {
        assert.equal(answer.success, true, say);
        assert.equal(answer.devices_notified, 1, say);
        await callee.rings("999");
        assert.equal(await callee.callId(), answer.call_id);
      } else assert.fail(`no expectation for: ${line}`);
    }
    for (const said of ["Client registered: ", "WebSocket client connected: "]) {
      assert.ok(w.server.log.includes(said), `the log has "${said}"`);
    }
  });
} else
  test("the curl lines of the troubleshooting guide answer as it says", {
    skip: noSeeds,
  }, () => {});

async function curl(w, line, token) {
  const here = line
    .replace(/(localhost|SERVER_IP):8080/, `127.0.0.1:${w.server.port}`)
    .replace("YOUR_TOKEN", token);
  const done = spawnSync("bash", ["-c", here.replace(/^curl /, "curl -sS ")], { encoding: "utf8" });
  assert.equal(done.status, 0, `${line}\n${done.stderr}`);
  return JSON.parse(done.stdout);
}

async function signedInPage(w, username) {
  const context = await w.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${w.server.url}/check`);
  const status = await page.evaluate(async (name) => {
    const answer = await fetch("/api/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: name, password: "password" }),
    });
    return answer.status;
  }, username);
  assert.equal(status, 200);
  return page;
}

if (signalling) {
  inWorld("the browser client class of the signalling guide places its call", async (w) => {
    const callee = await w.phone("1002", "the called device");
    const page = await signedInPage(w, "1001");
    await page.evaluate(() => {
      window.answers = []; // what the class was told, which it does not read itself
      const original = window.fetch;
      window.fetch = async (...request) => {
        const response = await original(...request);
        const body = await response.clone().json();
        const at = new URL(response.url).pathname.replace("/api/webrtc/", "");
        window.answers.push({ at, status: response.status, body });
        return response;
      };
    });
    const code = blocks(signalling, "javascript")
      .find((block) => block.includes("class PBXWebRTCClient"))
      .replace("http://pbx-server:8080", w.server.url);
    await page.evaluate(`(async () => {
      const audio = document.createElement("audio");
      audio.id = "remoteAudio";
      document.body.append(audio);
      ${code}
    })()`);
    await callee.rings("1001");
    const named = async (at) =>
      (await page.evaluate(() => window.answers)).filter((answer) => !at || answer.at === at);
    await until("candidates were sent", async () => (await named("ice-candidate")).length > 0);
    const refused = (await named()).filter((each) => each.status !== 200 || !each.body.success);
    assert.deepEqual(refused, []);
    assert.equal(await callee.callId(), (await named("call"))[0].body.call_id);
    assert.equal((await named("session"))[0].body.session.extension, "1001");
    await page.context().close();
  });

  inWorld("the requests of the signalling guide get answers of the documented shape", async (w) => {
    await w.phone("1002", "the called device");
    const page = await signedInPage(w, "admin");
    const sdp = await page.evaluate(async () => {
      const pc = new RTCPeerConnection();
      pc.addTransceiver("audio");
      const { sdp } = await pc.createOffer();
      pc.close();
      return sdp;
    });
    const all = requests(signalling);
    assert.equal(all.length, 7, "the seven requests that stand with their answers");
    let session = "";
    for (const { method, at, body, answer } of all) {
      const sent = body && { ...body };
      if (sent?.session_id) sent.session_id = session;
      if (sent?.sdp) sent.sdp = sdp; // the document abbreviates it
      const got = await page.evaluate(
        async ([verb, path, json]) => {
          const response = await fetch(path, {
            method: verb,
            headers: { "Content-Type": "application/json" },
            ...(json ? { body: JSON.stringify(json) } : {}),
          });
          return { status: response.status, body: await response.json() };
        },
        [method, at, sent],
      );
      const say = `${method} ${at}: ${JSON.stringify(got)}`;
      assert.equal(got.status, 200, say);
      sameShape(answer, got.body, say);
      session ||= got.body.session?.session_id;
    }
    await page.context().close();
  });
} else test("the browser client of the signalling guide", { skip: noSeeds }, () => {});

/** Every field of the document is there, with the same type; constant texts are the same. */
function sameShape(wanted, got, say) {
  assert.equal(Array.isArray(got), Array.isArray(wanted), say);
  if (Array.isArray(wanted)) {
    if (got.length > 0) sameShape(wanted[0], got[0], say);
    return;
  }
  for (const [key, value] of Object.entries(wanted)) {
    assert.equal(typeof got[key], typeof value, `${key} in ${say}`);
    if (key === "message" || key === "success") assert.equal(got[key], value, say);
    if (typeof value === "object") sameShape(value, got[key], say);
  }
}
