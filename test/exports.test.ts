/** Whoever imports the library reads what he gets where he gets it: every public export has a docstring. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, sources } from "./sources.ts";

const DOORS = [
  "packages/core/src/index.ts",
  "packages/core/src/domain/index.ts",
  "packages/core/src/telemetry/index.ts",
  "packages/core/src/testing/index.ts",
  "packages/cli/src/program.ts",
  "packages/lark-card/src/index.ts",
];

/** Where a public name is declared. */
interface Declared {
  readonly name: string;
  readonly file: string;
}

const DECLARATION = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/;
const LIST = /^export (?:type )?\{([^}]*)\}(?: from "([^"]+)")?;/gm;
const IMPORT = /^import (?:type )?\{([^}]*)\} from "(\.[^"]+)";/gm;
const STAR = /^export (?:type )?\* from "([^"]+)";/gm;

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Every name a file exports, followed to the file that declares it. */
function exportsOf(file: string): readonly Declared[] {
  const text = read(file);
  const own = text
    .split("\n")
    .flatMap((line) => DECLARATION.exec(line)?.[1] ?? [])
    .map((name) => ({ name, file }));
  const listed = [...text.matchAll(LIST)].flatMap(([, names = "", from]) =>
    namesOf(names).map((name) => follow(name, from ?? importedFrom(name, text), file)),
  );
  const starred = [...text.matchAll(STAR)].flatMap(([, from = ""]) => exportsOf(target(file, from)));
  return [...own, ...listed, ...starred];
}

/** The names inside the braces as the other file knows them. */
function namesOf(list: string): readonly string[] {
  return list.split(",").flatMap((part) => /^(?:type )?(\w+)/.exec(part.trim())?.[1] ?? []);
}

function follow(name: string, from: string | null, file: string): Declared {
  if (from === null) return { name, file };
  return exportsOf(target(file, from)).find((each) => each.name === name) ?? { name, file };
}

/** Where a file that lists a name without `from` has it from; null when it declares it itself. */
function importedFrom(name: string, text: string): string | null {
  return [...text.matchAll(IMPORT)].find(([, names = ""]) => namesOf(names).includes(name))?.[2] ?? null;
}

function target(file: string, from: string): string {
  return posix.join(posix.dirname(file), from);
}

/** True when a comment that begins with two stars ends on the line above the declaration. */
function isDocumented({ name, file }: Declared): boolean {
  const lines = read(file).split("\n");
  const at = lines.findIndex((line) =>
    new RegExp(`^(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:function\\*?|const|let|class|interface|type) ${name}\\b`).test(line),
  );
  const above = lines.slice(0, Math.max(at, 0));
  if (above.at(-1)?.trimEnd().endsWith("*/") !== true) return false;
  return (
    above
      .findLast((line) => line.trimStart().startsWith("/*"))
      ?.trimStart()
      .startsWith("/**") === true
  );
}

describe("public exports", () => {
  it.each(DOORS)("of %s are all found and all have a docstring", (door) => {
    const found = exportsOf(door);
    expect(found.length).toBeGreaterThan(1);
    expect([...new Set(found.filter((each) => !isDocumented(each)).map(({ name, file }) => `${file}: ${name}`))]).toEqual([]);
  });

  it("are followed through lists, stars and renames to their declaration", () => {
    const names = new Map(exportsOf("packages/core/src/domain/index.ts").map(({ name, file }) => [name, file]));
    expect(names.get("GoalState")).toBe("packages/core/src/domain/goal-state/document.ts");
    expect(names.get("Hit")).toBe("packages/core/src/domain/boundary/hit.ts");
  });
});

describe("payload schemas", () => {
  it("are loaded by the pure door alone: whoever answers knows their types only, so that a wake-up loads no schema library", () => {
    const values = /^(?:import|export) (?!type\b)[^;]*from "[^"]*\/payload\/[^"]+";/m;
    const loading = sources("packages/core/src", ".ts").filter(
      ({ path, text }) => !path.includes("/domain/payload/") && !path.endsWith(".test.ts") && values.test(text),
    );
    expect(loading.map(({ path }) => path)).toEqual(["packages/core/src/domain/index.ts"]);
  });
});
