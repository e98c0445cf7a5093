/**
 * Which requirement of the dispatcher is proved where: a test names in its title, or in a comment, what it proves. Read it
 * when you change something: `git grep -n DSP-37 packages/executors` finds the tests that may not go red. What is great in
 * number is told in memory besides: 200 deaths (crash), a thousand steps among people (walk), somebody between each read and
 * write (between), and the moments at which a service is told to end (ending).
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RULES = fileURLToPath(new URL("../../src/gitea/", import.meta.url));

/** Every requirement, as its document has them. */
const REQUIREMENTS = [...ids("DSP", "1-3 5-7 10-13 20-40 45-50 55-59 80 85-86 90-102 105"), ...ids("PSM", "1-16")];

/** Over the server's HTTP; those of the first line with git remotes and processes too. */
const REAL = ["service", "results", "rows", "person", "told", "heard", "many", "hosts", "unreliable", "process", "checkouts"];
const HTTP = ["client", "budget", "doctor", "contract", "reconfigure", "many-comments"];

/** Proved without a server, and why that says enough. */
const WITHOUT_SERVER: Readonly<Record<string, string>> = {
  "DSP-5": "it is how variables are read; every other test sets them",
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

/** The names of the tests' files by requirement. */
function files(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>(REQUIREMENTS.map((id) => [id, []]));
  for (const folder of [HERE, RULES])
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".test.ts") && name !== basename(import.meta.url)))
      for (const id of new Set(namedIn(readFileSync(join(folder, file), "utf8")))) found.get(id)?.push(file.replace(".test.ts", ""));
  return found;
}

describe("every requirement of the dispatcher", () => {
  it("is named by a test", () => {
    expect([...files()].filter(([, names]) => names.length === 0).map(([id]) => id)).toEqual([]);
  });

  it("is proved over HTTP, most of them with git and processes, but for those that say why not", () => {
    const served = new Set([...REAL, ...HTTP]);
    const without = [...files()].filter(([, names]) => !names.some((name) => served.has(name))).map(([id]) => id);
    expect(without).toEqual(Object.keys(WITHOUT_SERVER));
  });
});
