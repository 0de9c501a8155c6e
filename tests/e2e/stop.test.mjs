// How a server ends: with everybody still there, it says goodbye, exits with 0, and loses nothing.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Line } from "./errors_client.mjs";
import { Started } from "./process.mjs";
import { freePort } from "./server.mjs";

test("SIGTERM with twenty open lines ends with 0, ten times over", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "strowger-stop-"));
  try {
    for (let round = 0; round < 10; ++round) {
      const port = String(await freePort());
      const data = ["--data", path.join(folder, String(round))];
      const server = new Started(["serve", "--dev", "--port", port, "--stun-port", port, ...data]);
      await server.ready();
      const lines = [];
      for (let i = 0; i < 20; ++i) {
        const answer = await Line.open(Number(port), `/ws?extension=${1000 + (i % 7)}`);
        assert.ok(answer instanceof Line, JSON.stringify(answer));
        lines.push(answer);
      }
      assert.equal(await server.stop(), 0, server.out.slice(-1_000));
      for (const line of lines) line.drop();
      const replay = new Started(["replay", ...data]);
      assert.equal(await replay.ended, 0, replay.out);
      assert.match(replay.out, /no difference, live views compared/);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
