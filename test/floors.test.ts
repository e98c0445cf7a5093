/** The house of the architecture page: imports go down only, and each floor keeps to what it may touch. */
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { imports, sources, type Source } from "./sources.ts";

const FLOORS = ["domain", "ports", "store", "node", "actions", "telemetry", "testing"] as const;
type Floor = (typeof FLOORS)[number];

/** What each floor of core may import from core. */
const MAY_IMPORT: Record<Floor, readonly Floor[]> = {
  domain: ["domain"],
  ports: ["ports", "domain"],
  store: ["store", "ports", "domain"],
  node: ["node", "ports", "domain"],
  actions: ["actions", "store", "ports", "domain"],
  telemetry: ["telemetry", "ports", "domain"],
  testing: ["testing", "actions", "store", "node", "ports", "domain"],
};

/** Packages from outside that a floor may use; `node:` stands for the platform. */
const MAY_USE: Record<Floor, readonly string[]> = {
  domain: ["zod/mini"],
  ports: [],
  store: ["gray-matter", "jsonc-parser"],
  node: ["node:", "zod/mini", "proper-lockfile", "execa", "fast-glob"],
  actions: ["zod/mini"],
  telemetry: ["@opentelemetry/api"],
  testing: ["node:", "zod/mini", "fast-check"],
};

const core = sources("packages/core/src", ".ts").filter((source) => !source.path.endsWith(".test.ts"));

function floorOf(path: string): Floor | null {
  const name = path.split("/")[3] ?? "";
  return FLOORS.find((floor) => floor === name) ?? null;
}

describe("floors of core", () => {
  it("import only floors below them", () => {
    const wrong = core.flatMap((source) => {
      const floor = floorOf(source.path);
      if (floor === null) return [];
      return relativeTargets(source)
        .filter((target) => !MAY_IMPORT[floor].some((allowed) => allowed === floorOf(target)))
        .map((target) => `${source.path} -> ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it("use only the packages of their floor (REL-53)", () => {
    const wrong = core.flatMap((source) => {
      const floor = floorOf(source.path);
      if (floor === null) return [];
      return imports(source.text)
        .filter((name) => !name.startsWith("."))
        .filter((name) => !MAY_USE[floor].some((allowed) => name === allowed || (allowed.endsWith(":") && name.startsWith(allowed))))
        .map((name) => `${source.path} -> ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it("have no cycle between files", () => {
    const graph = new Map(core.map((source) => [source.path, relativeTargets(source)]));
    expect(cycleOf(graph)).toEqual([]);
  });

  it("read no clock and no randomness below node (REL-90)", () => {
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(?:env|cwd|exit)\b/;
    const wrong = core
      .filter((source) => ["domain", "ports", "store", "actions", "telemetry"].includes(floorOf(source.path) ?? ""))
      .filter((source) => impure.test(source.text));
    expect(wrong.map((source) => source.path)).toEqual([]);
  });

  it("write files in node only (REL-28, REL-173)", () => {
    const writing = /\b(?:writeFileSync|writeSync|appendFileSync|createWriteStream|renameSync|rename)\(/;
    const everywhere = sources("packages", ".ts").filter((source) => source.path.includes("/src/") && !source.path.endsWith(".test.ts"));
    const allowed = /^packages\/(?:core\/src\/node\/|cli\/src\/(?:demo\/|skills\/|http\/token\.ts|output\.ts)|executors\/src\/drivers\/)/;
    expect(everywhere.filter((source) => writing.test(source.text) && !allowed.test(source.path)).map((source) => source.path)).toEqual([]);
  });
});

describe("the command package", () => {
  it("reaches core only through its public doors", () => {
    const cli = sources("packages/cli/src", ".ts");
    const wrong = cli.flatMap((source) =>
      imports(source.text)
        .filter((name) => name.includes("core/src") || name.startsWith("@loopx/core/dist"))
        .map((name) => `${source.path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the card package", () => {
  const cards = sources("packages/lark-card/src", ".ts").filter((source) => !source.path.endsWith(".test.ts"));
  const places: Readonly<Record<string, RegExp>> = {
    "zod/mini": /^packages\/lark-card\/src\/schema\//,
    "node:crypto": /^packages\/lark-card\/src\/crypto\//,
    "@loopx/core/domain": /./,
  };

  it("uses the schema library in one room and the platform in another", () => {
    const wrong = cards.flatMap((source) =>
      imports(source.text)
        .filter((name) => !name.startsWith(".") && !(places[name]?.test(source.path) ?? false))
        .map((name) => `${source.path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("has types of the domain only, and types of those two rooms only (LRK-9)", () => {
    const values = /^(?:import|export) (?!type\b)[^;]*from "(?:@loopx\/core\/domain|\.{1,2}\/(?:schema|crypto)\/[^"]+)";/m;
    const inRoom = /^packages\/lark-card\/src\/(?:schema|crypto)\//;
    const wrong = cards.filter(({ path, text }) => values.test(text) && !inRoom.test(path));
    expect(wrong.map(({ path }) => path)).toEqual([]);
    expect(cards.some(({ text }) => text.includes('import type { Locale } from "@loopx/core/domain";'))).toBe(true);
  });

  it("reads no clock, no randomness and nothing of the process (LRK-3)", () => {
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandom(?:Bytes|UUID)\b|\bprocess\./;
    expect(cards.filter(({ text }) => impure.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("has no cycle between files", () => {
    expect(cycleOf(new Map(cards.map((source) => [source.path, relativeTargets(source)])))).toEqual([]);
  });
});

describe("the executors", () => {
  const executors = sources("packages/executors/src", ".ts").filter((source) => !source.path.endsWith(".test.ts"));
  const outside = /^(?:node:|execa$)/;

  it("talk to the outside in drivers only", () => {
    const wrong = executors
      .filter(({ path }) => !path.startsWith("packages/executors/src/drivers/"))
      .flatMap((source) =>
        imports(source.text)
          .filter((name) => outside.test(name))
          .map((name) => `${source.path} -> ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  it("keep every machine pure: it imports core's domain and other pure files of its room only", () => {
    const machines = executors.filter(({ path }) => path.endsWith("/machine.ts"));
    const pure = (name: string): boolean =>
      name.startsWith("./") || name === "../machine.ts" || name === "@loopx/core/domain" || name === "zod/mini";
    expect(machines.length).toBeGreaterThan(0);
    expect(
      machines.flatMap((source) =>
        imports(source.text)
          .filter((name) => !pure(name))
          .map((name) => `${source.path} -> ${name}`),
      ),
    ).toEqual([]);
  });

  it("read no clock and no randomness outside drivers", () => {
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(?:env|cwd|exit)\b/;
    const wrong = executors.filter(({ path, text }) => !path.startsWith("packages/executors/src/drivers/") && impure.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("use no shell and never add everything to a commit", () => {
    const wrong = executors.filter(({ text }) => /shell:\s*true|\bexecSync?\(|"add",\s*"(?:-A|--all|\.)"|"commit",\s*"-a/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("reach core and the command package only through their public doors", () => {
    const wrong = executors.flatMap((source) =>
      imports(source.text)
        .filter((name) => /(?:core|cli)\/(?:src|dist)/.test(name))
        .map((name) => `${source.path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

function relativeTargets(source: Source): readonly string[] {
  return imports(source.text)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(source.path), name));
}

/** The files of one import cycle, or none. */
function cycleOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return [];
}
