// Runs the browser tests, one file after the other, and prints Node's summary.
//   node tests/e2e/run.mjs [word in the file name ...]
//   STROWGER_BIN=path  server to test (default build/release/strowger)
//   CHROMIUM=path      browser (default /usr/bin/chromium)
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { binary } from "./server.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const web = path.resolve(here, "../../web");
for (const [needed, how] of [
  [path.join(web, "node_modules/playwright-core"), "npm ci --prefix web"],
  [path.join(web, "dist/index.html"), "npm run build --prefix web"],
  [binary, "scripts/build.sh"],
]) {
  if (existsSync(needed)) continue;
  console.error(`${path.relative(process.cwd(), needed)} is missing: run "${how}" first.`);
  process.exit(2);
}

const words = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
  .map((name) => path.join(here, name));

run({ files, concurrency: 1, timeout: 600_000 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
