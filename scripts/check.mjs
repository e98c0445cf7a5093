// `npm run check`: types, lint, format, unused code, and the tests of the house (floors, schema drift, names, root).
import { bin, build, install } from "./steps.mjs";

/** @type {readonly [string, () => void][]} */
const STEPS = [
  ["types", () => bin("tsc", ["-p", "tsconfig.check.json"])],
  ["lint", () => bin("oxlint", ["--type-aware", "--deny-warnings"])],
  ["format", () => bin("oxfmt", ["--check", "."])],
  ["unused code", () => bin("knip", [])],
  ["house", () => bin("vitest", ["run", "--reporter=dot", "test"])],
];

install();
build();
for (const [name, step] of STEPS) {
  process.stdout.write(`check: ${name}\n`);
  step();
}
process.stdout.write("check: clean\n");
