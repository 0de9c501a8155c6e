// Compiles every src/**/*.test.ts and runs them with Node's own test runner.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const out = path.join(web, "node_modules/.cache/unit-tests");

function testsUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return testsUnder(at);
    return /\.test\.tsx?$/.test(entry.name) ? [at] : [];
  });
}

rmSync(out, { recursive: true, force: true });
const tests = testsUnder(path.join(web, "src"));
await esbuild.build({
  entryPoints: tests,
  outdir: out,
  outbase: path.join(web, "src"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node18",
  sourcemap: "inline",
  logLevel: "warning",
});
const built = tests.map((at) =>
  path.join(out, path.relative(path.join(web, "src"), at).replace(/\.tsx?$/, ".mjs")),
);
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...built], {
  stdio: "inherit",
});
process.exit(run.status ?? 1);
