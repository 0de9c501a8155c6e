// Runs the end-to-end tests and prints Node's summaries. Files that drive browsers run one after
// the other; the others, which mostly wait, one after the other beside them.
//   node tests/e2e/run.mjs [word in the file name ...]
//   STROWGER_BIN=path  server to test (default build/release/strowger)
//   CHROMIUM=path      browser (default /usr/bin/chromium)
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

const drivesBrowsers = (file) =>
  /from "\.\/(browser|world|\w+_page)\.mjs"/.test(readFileSync(file, "utf8"));
const lanes = [files.filter(drivesBrowsers), files.filter((file) => !drivesBrowsers(file))];

const reports = lanes
  .filter((lane) => lane.length > 0)
  .map(async (lane) => {
    const told = run({ files: lane, concurrency: 1, timeout: 600_000 })
      .on("test:fail", () => {
        process.exitCode = 1;
      })
      .compose(new spec());
    let text = "";
    for await (const chunk of told) text += chunk;
    process.stdout.write(text); // whole, so that the lanes' lines do not mix
  });
await Promise.all(reports);
