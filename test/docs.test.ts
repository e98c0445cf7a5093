/** What the pages say is true: commands exist and parse, links and paths lead somewhere, lists are those of the code. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import * as core from "@loopx/core";
import * as domain from "@loopx/core/domain";
import * as testing from "@loopx/core/testing";
import { describe, expect, it } from "vitest";
import { LOOPX } from "../packages/cli/src/options/commands.ts";
import { GLOBAL_FLAGS } from "../packages/cli/src/options/global.ts";
import { findCommand } from "../packages/cli/src/options/program.ts";
import { readLine } from "../packages/cli/src/parse/line.ts";
import { flagNamed } from "../packages/cli/src/parse/spelling.ts";
import { anchors, codeSpans, fencedBlocks, firstColumn, localLinks } from "./markdown.ts";
import { callsOf } from "./shell-lines.ts";
import { ROOT, sources, type Source } from "./sources.ts";

const page = (path: string): Source => ({ path, text: readFileSync(join(ROOT, path), "utf8") });
const GUIDES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(page);
const DOCS = sources("docs", ".md");
const SKILLS = sources("skills", ".md");
const ERRORS = "docs/errors.md";
/** `errors.md` is generated and names commands of later versions as repairs. */
const TAUGHT = [...GUIDES, ...DOCS.filter(({ path }) => path !== ERRORS), ...SKILLS];
const PAGES = [...GUIDES, ...DOCS, ...SKILLS];
const EXAMPLES = sources("examples", "");
const OWN_PLACE = /^(?:packages|examples|docs|schemas|scripts|skills|test)\/[\w./-]+$/;

/** The commands of a page as one would type them: `sh` blocks, and the `$` lines of transcripts. */
function typedLines({ path, text }: Source): string {
  if (path.endsWith(".sh")) return text;
  const typed = fencedBlocks(text, "console").flatMap((block) =>
    block
      .split("\n")
      .filter((line) => line.startsWith("$ "))
      .map((line) => line.slice(2)),
  );
  return [...fencedBlocks(text, "sh"), ...typed].join("\n");
}

/** Why the table refuses a whole line; variables of the shell stand for some value. */
function refusalOf(words: readonly string[], path: string): readonly string[] {
  const shown = `${path}: loopx ${words.join(" ")}`;
  try {
    const { kind } = readLine(
      words.map((word) => word.replace(/\$\w+/g, "value")),
      { cwd: "/", env: {} },
      LOOPX,
    );
    return kind === "outside" ? [`${shown}: no such command`] : [];
  } catch (error) {
    return [`${shown}: ${String(error)}`];
  }
}

/** The words of a shortened line (`loopx todo add`) that are no command or no flag of it. */
function unknownIn(code: string): readonly string[] {
  const words = (callsOf("loopx", code)[0] ?? []).map((word) => word.replace(/^-g$/, "--goal-id"));
  const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const found = findCommand(end === -1 ? words : words.slice(0, end), LOOPX);
  if (found.kind !== "row") return [words.join(" ")];
  const flags = { ...GLOBAL_FLAGS, ...found.row.flags };
  return words.filter((word) => word.startsWith("--") && flagNamed(flags, word.slice(2).split("=", 1)[0] ?? "") === undefined);
}

describe("commands", () => {
  it("are found in the pages at all", () => {
    expect(callsOf("loopx", typedLines(page("README.md"))).length).toBeGreaterThan(12);
    expect(callsOf("loopx", typedLines(page("skills/loopx-project/SKILL.md"))).length).toBeGreaterThan(20);
    expect(callsOf("loopx", typedLines(page("examples/shell-loop.sh"))).length).toBe(3);
  });

  it("parse against the command table, on every page and in every example", () => {
    const wrong = [...TAUGHT, ...EXAMPLES].flatMap((source) =>
      callsOf("loopx", typedLines(source)).flatMap((words) => refusalOf(words, source.path)),
    );
    expect(wrong).toEqual([]);
  });

  it("named in prose exist, with their flags", () => {
    const wrong = TAUGHT.flatMap(({ path, text }) =>
      codeSpans(text)
        .filter((code) => /^loopx [a-z]/.test(code))
        .flatMap((code) => unknownIn(code).map((word) => `${path}: ${code}: ${word}`)),
    );
    expect(wrong).toEqual([]);
  });

  it("of the README's first section are scripts of the project", () => {
    const { scripts } = JSON.parse(page("package.json").text) as { scripts: Record<string, string> };
    expect(fencedBlocks(page("README.md").text, "sh")[0]).toMatch(/^npm start .*\nnpm test /);
    const named = TAUGHT.flatMap(({ text }) =>
      [...text.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[a-z]+)\b/g)].map(([, name = ""]) => name),
    );
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
    expect(named).toContain("bench");
  });
});

describe("places", () => {
  it("that pages link to exist, with the heading that is meant", () => {
    const links = PAGES.flatMap(({ path, text }) => localLinks(text).map((link) => ({ path, link })));
    expect(links.length).toBeGreaterThan(40);
    const broken = links.filter(({ path, link }) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? join(ROOT, path) : join(ROOT, dirname(path), file);
      return !existsSync(target) || (anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("of the project that pages name exist", () => {
    const named = PAGES.flatMap(({ path, text }) =>
      codeSpans(text)
        .filter((code) => OWN_PLACE.test(code))
        .map((place) => ({ path, place })),
    );
    expect(named.length).toBeGreaterThan(12);
    expect(named.filter(({ place }) => !existsSync(join(ROOT, place)))).toEqual([]);
  });

  it("of the architecture's tables exist", () => {
    const rows = [...firstColumn(page("ARCHITECTURE.md").text, "Rooms"), ...firstColumn(page("ARCHITECTURE.md").text, "Tests")];
    const named = rows.flatMap(codeSpans).filter((code) => code.includes("/"));
    expect(named.length).toBeGreaterThan(20);
    const roots = ["", "packages", "packages/core/src"];
    expect(named.filter((place) => !roots.some((root) => existsSync(join(ROOT, root, place.replace(/\*.*$/, "")))))).toEqual([]);
  });

  it("of the domain are all on the architecture's map", () => {
    const folder = join(ROOT, "packages", "core", "src", "domain");
    const rooms = readdirSync(folder).filter(
      (name) => statSync(join(folder, name)).isDirectory() && readdirSync(join(folder, name)).length > 0,
    );
    const mapped = firstColumn(page("ARCHITECTURE.md").text, "Rooms");
    expect(rooms.filter((room) => !mapped.includes(`\`domain/${room}/\``))).toEqual([]);
  });

  it("of decisions are all in their list", () => {
    const listed = localLinks(page("docs/decisions/README.md").text);
    expect([...listed].sort()).toEqual(
      readdirSync(join(ROOT, "docs", "decisions"))
        .filter((name) => name !== "README.md")
        .sort(),
    );
  });
});

describe("lists", () => {
  const bare = (cells: readonly string[]): readonly string[] => cells.flatMap(codeSpans);

  it("of rules are the rules, in their order", () => {
    expect(bare(firstColumn(page("docs/verdict.md").text, "The rules, in order", 2))).toEqual(domain.RULE_NAMES);
  });

  it("of the verdict's keys are its keys, in their order, without what --detail adds", () => {
    const keys = Object.keys(domain.VerdictSchema.shape);
    expect(bare(firstColumn(page("docs/verdict.md").text, "The keys"))).toEqual(keys.slice(0, keys.indexOf("trace")));
  });

  it("of refusals are the refusals, in their order", () => {
    expect(bare(firstColumn(page("docs/quota.md").text, "Refusals"))).toEqual(domain.SPEND_REFUSALS);
  });

  it("of exit codes are those a verdict can end with", () => {
    expect(firstColumn(page("docs/verdict.md").text, "Exit codes")).toEqual(["0", "10", "11", "12", "13", "2"]);
  });

  it("of actions are all of the library's", () => {
    const exported = [...page("packages/core/src/actions/index.ts").text.matchAll(/^export \{([^}]+)\} from/gm)].flatMap(([, names = ""]) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type ")),
    );
    expect([...bare(firstColumn(page("docs/library.md").text, "The actions", 2))].sort()).toEqual([...exported].sort());
  });
});

describe("blocks", () => {
  const doors: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    "@loopx/core": core,
    "@loopx/core/domain": domain,
    "@loopx/core/testing": testing,
  };
  const written = new Set(EXAMPLES.flatMap(({ text }) => text.split("\n").map((line) => line.trim())));

  it.each(["README.md", "docs/library.md"])("of code in %s are taken from the examples", (path) => {
    const lines = fencedBlocks(page(path).text, "js")
      .flatMap((block) => block.split("\n").map((line) => line.trim()))
      .filter((line) => line !== "");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => !line.startsWith("import ") && !written.has(line))).toEqual([]);
    for (const [, names = "", door = ""] of lines.join("\n").matchAll(/^import \{ (.+) \} from "(.+)";$/gm)) {
      expect(names.split(", ").filter((name) => !(name in (doors[door] ?? {})))).toEqual([]);
    }
  });

  it("of a goal state are read as the page says", () => {
    const [text = ""] = fencedBlocks(page("docs/goal-state.md").text, "md");
    const state = domain.parseGoalState(text, { digest: () => "0".repeat(40), file: "docs/goal-state.md" });
    expect(state.findings).toEqual([]);
    expect(state.todos.map(({ role, status, priority, task_class }) => [role, status, priority, task_class])).toEqual([
      ["user", "open", null, "user_gate"],
      ["user", "open", null, "user_action"],
      ["agent", "open", "P1", "advancement_task"],
      ["agent", "open", "P2", "advancement_task"],
      ["agent", "done", "P1", "advancement_task"],
    ]);
    expect(state.next_action).toEqual(["Add the test for the empty input."]);
  });
});
