/**
 * Which requirement of the dispatcher is proved where: a test names in its title, or in a comment, what it proves. Read it
 * when you change something: `git grep -n DSP-37 packages/executors` finds the tests that may not go red. What needs every
 * point in turn is told in memory besides: 200 deaths at writes (crash), somebody between each read and write (between), and
 * the moments at which a service is told to end (ending).
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RULES = fileURLToPath(new URL("../../src/gitea/", import.meta.url));

/** Every requirement, as its document has them. */
const REQUIREMENTS = [...ids("DSP", "1-3 5-7 10-13 20-40 45-50 55-59 80 85-86 90-102 105"), ...ids("PSM", "1-16")];

/** With the server over HTTP, bare git remotes and agents that are processes: each stands on one of these. */
const GROUNDS = /from "\.\/rig\/(?:works|service)\.ts"|executorGit\(/;

/** Proved in another way, and why that says enough. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "DSP-105": "it is about the server of the tests, which a probe compares over HTTP with what was recorded",
  "PSM-2": "the table is one pure function, and its test goes through all combinations",
  "PSM-8": "the step is pure by what it says; 10,000 sequences are gone through in memory",
};

function ids(word: string, ranges: string): readonly string[] {
  return ranges.split(" ").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => `${word}-${from + at}`);
  });
}

/** The requirements that a text names; `DSP-55 to DSP-59` names five. */
function namedIn(text: string): readonly string[] {
  return [...text.matchAll(/\b(DSP|PSM)-(\d+)(?: to \1-(\d+))?/g)].flatMap(([, word = "", from = "", to = from]) =>
    ids(word, `${from}-${to}`),
  );
}

interface TestFile {
  readonly is_real: boolean;
  readonly named: ReadonlySet<string>;
}

function testFiles(): readonly TestFile[] {
  return [HERE, RULES].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".test.ts") && name !== basename(import.meta.url))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .map((text) => ({ is_real: GROUNDS.test(text), named: new Set(namedIn(text)) })),
  );
}

describe("every requirement of the dispatcher", () => {
  const files = testFiles();

  it("is named by a test", () => {
    expect(REQUIREMENTS.filter((id) => !files.some(({ named }) => named.has(id)))).toEqual([]);
  });

  it("is proved over HTTP with git and processes, but for those that say why not", () => {
    expect(files.filter(({ is_real }) => is_real).length).toBeGreaterThan(10);
    const without = REQUIREMENTS.filter((id) => !files.some(({ is_real, named }) => is_real && named.has(id)));
    expect(without).toEqual(Object.keys(OTHERWISE));
  });
});
