// Builds web/dist: the two pages and their hashed assets. `--watch` builds again on every change.
// No inline script or style, so that the server can forbid them.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const pages = path.join(web, "src/pages");
const dist = path.join(web, "dist");

const options = {
  absWorkingDir: web,
  entryPoints: {
    softphone: "src/pages/softphone/main.tsx",
    check: "src/pages/check/main.tsx",
    style: "src/pages/shared/style.css",
  },
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  metafile: true,
  logLevel: "warning",
};

async function writePages({ metafile }) {
  const address = {}; // entry name -> the address of its hashed file
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const entry = Object.entries(options.entryPoints).find(([, at]) => at === output.entryPoint);
    if (entry) address[entry[0]] = `/${path.relative("dist", file)}`;
  }
  for (const name of ["index.html", "check.html"]) {
    const template = await readFile(path.join(pages, name), "utf8");
    const html = template.replace(/\{\{(\w+)\}\}/g, (_, entry) => address[entry]);
    await writeFile(path.join(dist, name), html);
  }
  await cp(path.join(pages, "shared/favicon.svg"), path.join(dist, "assets/favicon.svg"));
}

await rm(dist, { recursive: true, force: true });
await mkdir(path.join(dist, "assets"), { recursive: true });
if (process.argv.includes("--watch")) {
  const plugin = {
    name: "pages",
    setup: (build) => build.onEnd((result) => result.errors.length || writePages(result)),
  };
  await (await esbuild.context({ ...options, plugins: [plugin] })).watch();
} else {
  await writePages(await esbuild.build(options));
}
