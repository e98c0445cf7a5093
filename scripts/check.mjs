// `npm run check`: types, lint, format, unused code, and the tests of the house (floors, schema drift, names, root).
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bin, build, install, ROOT } from "./steps.mjs";

/** By name: a folder as filter would match the tests of every package too. */
const HOUSE = readdirSync(join(ROOT, "test"))
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => join("test", name));

/** @type {readonly [string, () => void][]} */
const STEPS = [
  ["types", () => bin("tsc", ["-p", "tsconfig.check.json"])],
  ["types of the page", () => bin("tsc", ["-p", "packages/dashboard/tsconfig.json"])],
  ["lint", () => bin("oxlint", ["--type-aware", "--deny-warnings"])],
  ["format", () => bin("oxfmt", ["--check", "."])],
  ["unused code", () => bin("knip", [])],
  ["house", () => bin("vitest", ["run", "--reporter=dot", ...HOUSE])],
];

install();
build();
for (const [name, step] of STEPS) {
  process.stdout.write(`check: ${name}\n`);
  step();
}
process.stdout.write("check: clean\n");
