// Reads the documents this product grew from, where they are: their requests and their client class
// run unchanged as tests. Their text is never copied into this repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const folder = path.resolve(process.env.SEEDS ?? path.join(repo, "../shared/seeds"));

/** The seed's text, or undefined where the folder is not there. */
export function seed(number) {
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder).find((each) => each.startsWith(`${number}_`));
  return name && readFileSync(path.join(folder, name), "utf8");
}

export const noSeeds = `skipped: the seed documents are not at ${folder}`;

/** The fenced blocks of a language, without their indentation. */
export function blocks(text, language) {
  const fence = new RegExp(`^([ \\t]*)\`\`\`${language}\\n([\\s\\S]*?)^[ \\t]*\`\`\``, "gm");
  return [...text.matchAll(fence)].map(([, indent, body]) =>
    body
      .split("\n")
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join("\n"),
  );
}

/** Every curl command line of the shell blocks, continuation lines joined. */
export function curlLines(text) {
  return blocks(text, "bash")
    .join("\n")
    .replace(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.startsWith("curl "));
}

/** "**Request:** METHOD /path ... {json}" and "**Response:** json" pairs. */
export function requests(text) {
  const pattern =
    /\*\*Request:\*\*\n```bash\n(\w+) (\S+)\n([\s\S]*?)```\s*\n\*\*Response:\*\*\n```json\n([\s\S]*?)```/g;
  return [...text.matchAll(pattern)].map(([, method, at, rest, answer]) => {
    const brace = rest.indexOf("{");
    return {
      method,
      at,
      body: brace < 0 ? undefined : JSON.parse(rest.slice(brace)),
      answer: JSON.parse(answer),
    };
  });
}
