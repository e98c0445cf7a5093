import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOOPX } from "../options/commands.ts";
import { commandName } from "../options/program.ts";
import type { Flag } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { bindValues } from "./bind.ts";
import { WAKE_UP } from "../options/wake-up.ts";
import { helpText } from "./help.ts";
import { parseHot } from "./hot.ts";
import { readLine, readQuickLine } from "./line.ts";
import { tableSpelling } from "./spelling.ts";
import { parseWithYargs } from "./yargs.ts";

const spelling = tableSpelling(LOOPX);

/** Both parsers' reading of one line. */
async function both(argv: readonly string[]) {
  const bound = bindValues(argv, spelling);
  return { hot: parseHot(bound, spelling), yargs: await parseWithYargs(bound.argv, LOOPX.commands) };
}

const CORPUS: string[][] = [
  [],
  ["--version"],
  ["-hV"],
  ["status"],
  ["status", "--json", "-g", "My.Goal-1"],
  ["-qC", "/tmp/a b", "quota", "should-run", "--goal-id=g1", "--agent-id", "codex-1", "--exit-code"],
  ["should-run", "-g", "007", "--detail=false"],
  ["history", "--limit", "-3"],
  ["connect", "--goal-id="],
  ["disconnect", "-g", "a", "-g", ""],
  ["todo", "add", "--text", "- [ ] a=b --json", "--role=user", "--note", ""],
  ["todo", "add", "--text=line\nline", "--required-write-scope", "src/**", "--required-write-scope", "-x", "--required-write-scope="],
  ["refresh-state", "--artifact=a", "--artifact", "b c", "--validation", "--", "--artifact", "word"],
  ["heartbeat-prompt", "--thin", "--cli-bin", "loopx-canary", "--quiet"],
  ["connect", "--no-global-sync", "--no-onboarding-scan", "--spawn-allowed", "--max-children", "1e3"],
  ["quota", "spend-slot", "--execute", "--execute", "--slots", "1", "--slots", "2"],
  ["status", "--unknown", "word", "--unknown=x", "-z"],
];

describe("the two parsers (PRF-2)", () => {
  test.each(CORPUS.map((argv) => [argv]))("read %j alike", async (argv) => {
    const { hot, yargs } = await both(argv);
    expect(withoutLetters(yargs.flags)).toEqual(hot.flags);
    expect(yargs.words).toEqual(hot.words);
  });

  test("read random lines of the table's flags alike", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(commandWords(), flagWords()), { maxLength: 6 }), async (parts) => {
        const { hot, yargs } = await both(parts.flat());
        expect(withoutLetters(yargs.flags)).toEqual(hot.flags);
        expect(yargs.words).toEqual(hot.words);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the rows of a wake-up (PRF-2)", () => {
  const io = { cwd: "/work/here", env: {} };
  const quick = (argv: readonly string[]) => readQuickLine(argv, io, WAKE_UP);

  test.each(CORPUS.map((argv) => [argv]))("read %j as the whole table does, or not at all", (argv) => {
    const line = quick(argv);
    if (line !== null) expect(line).toEqual(readLine(argv, io, LOOPX));
  });

  test.each([
    [["should-run", "-g", "parser"]],
    [["--json", "quota", "should-run", "--goal-id=parser", "--detail", "--scan-path", "a", "--scan-path=-b"]],
    [["status", "--limit", "7", "-q"]],
    [["todo", "list", "-g", "parser", "--role", "agent"]],
    [["should-run", "--available-capability", "x"]],
  ])("read %j", (argv) => expect(quick(argv)).toEqual(readLine(argv, io, LOOPX)));

  // Whether a word with a dash is a value depends on all flags there are.
  test.each([
    [["should-run", "-g", "--objective"]],
    [["should-run", "-g", "-n"]],
    [["should-run", "--help"]],
    [["quota"]],
    [["todo", "add"]],
    [["should-run", "--", "x"]],
  ])("leave %j to the whole table", (argv) => expect(quick(argv)).toBeNull());

  test("read random lines as the whole table does, or not at all", () => {
    let read = 0;
    const words = fc.constantFrom(...WAKE_UP.commands).map((row) => [...row.path]);
    const own = flagWords([GLOBAL_FLAGS, ...WAKE_UP.commands.map((row) => row.flags)]);
    fc.assert(
      fc.property(
        words,
        fc.array(fc.oneof({ weight: 4, arbitrary: own }, flagWords()), { maxLength: 3 }),
        fc.boolean(),
        (row, flags, ahead) => {
          const argv = ahead ? [...flags.flat(), ...row] : [...row, ...flags.flat()];
          const line = quick(argv);
          if (line === null) return;
          read += 1;
          expect(line).toEqual(readLine(argv, io, LOOPX));
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

describe("help (CMD-13)", () => {
  test.each(LOOPX.commands.map((row) => [commandName(row), row] as const))(
    "%s shows examples, flags, reads, writes and exit codes in that order",
    async (_name, row) => {
      const text = await helpText(LOOPX, row, null);
      const marks = ["Examples:", "Global flags:", "Reads:", "Writes:", "Exit codes:"].map((mark) => text.indexOf(mark));
      expect(marks).toEqual([...marks].sort((a, b) => a - b));
      expect(marks[0]).toBeGreaterThan(0);
      for (const name of Object.keys(row.flags)) expect(text).toContain(`--${name}`);
      for (const name of Object.keys(row.legacy ?? {})) expect(text).not.toContain(`--${name.replace("*", "")}`);
    },
  );

  test("the overview names every command and a group only its own", async () => {
    const all = await helpText(LOOPX, null, null);
    for (const row of LOOPX.commands) expect(all).toContain(`  ${commandName(row)}`);
    expect(await helpText(LOOPX, null, "todo")).not.toContain("heartbeat-prompt");
  });
});

function commandWords(): fc.Arbitrary<string[]> {
  return fc.constantFrom(...LOOPX.commands).map((row) => [...row.path]);
}

function flagWords(sets = [GLOBAL_FLAGS, ...LOOPX.commands.map((row) => row.flags)]): fc.Arbitrary<string[]> {
  const flags = sets.flatMap((set) => Object.entries(set) as [string, Flag][]);
  return fc.constantFrom(...flags).chain(([name, flag]) => {
    const spelled = fc.constantFrom(`--${name}`, ...(flag.alias === undefined ? [] : [`-${flag.alias}`]));
    if (flag.kind === "switch") return spelled.map((word) => [word]);
    return fc
      .tuple(spelled, fc.string({ maxLength: 8 }), fc.boolean())
      .map(([word, value, joined]) => (joined ? [`${word}=${value}`] : [word, value]));
  });
}

/** yargs also answers under the letters and fills flags that were not given; the fast parser only names what was. */
function withoutLetters(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => name.length > 1 || spelling.nameOf(name) === null));
}
