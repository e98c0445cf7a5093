/** The list of `npm run mutants` is true to the source: each piece of care stands once where the list says it does. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MUTANTS } from "../scripts/mutants/list.mjs";
import { ROOT } from "./sources.ts";

const PAGE = readFileSync(join(ROOT, "docs/reliability.md"), "utf8");

test.each(MUTANTS)("$name", ({ name, noticed, file, from, to, tests }) => {
  expect(PAGE).toMatch(new RegExp(`^\\| ${name} \\| .*${noticed}`, "m"));
  expect(readFileSync(join(ROOT, file), "utf8").split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
  for (const path of tests.split(" ")) expect(existsSync(join(ROOT, path)), path).toBe(true);
});
