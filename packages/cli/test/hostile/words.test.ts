/**
 * REL-170, the command line: any words in any order are answered with a known code; with `--json` by one JSON document. What
 * is refused writes nothing, and nothing is ever written outside the project and the runtime root. LOOPX_SEED replays a
 * printed seed; LOOPX_FUZZ_RUNS makes it longer.
 */
import { existsSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { differences, restore, snapshotOf, type Snapshot } from "../../../../test/snapshot.ts";
import { LOOPX } from "../../src/options/commands.ts";
import type { Sandbox } from "../rig/sandbox.ts";
import { connected } from "./rig.ts";

const RUNS = Number(process.env["LOOPX_FUZZ_RUNS"] ?? 800);
const SEED = process.env["LOOPX_SEED"];
const REPLAY = SEED === undefined ? {} : { seed: Number(SEED) };
const CODES = [0, 1, 2, 3, 10, 11, 12, 13];
const OWN = /^(?:project\/(?:\.loopx|\.codex|\.gitignore|\.claude|\.agents)|home\/\.codex|home\/\.claude|home\/\.agents|runtime)(?:\/|$)/;
/** Plays in a folder of its own, and takes its time; it has its own tests. */
const LEFT_OUT = ["demo"];

let sandbox: Sandbox;
let sound: Snapshot;
beforeAll(async () => {
  if (existsSync("/dev/shm")) vi.stubEnv("TMPDIR", "/dev/shm");
  sandbox = await connected(["g", "other"]);
  sound = snapshotOf(sandbox.root);
});
afterAll(() => sandbox.remove());

const rows = LOOPX.commands.filter(({ path }) => !LEFT_OUT.includes(path[0] ?? ""));
const VALUES = [
  "",
  " ",
  "g",
  "other",
  "G",
  "__proto__",
  "constructor",
  "../../x",
  "/etc/passwd",
  "/dev/zero",
  "a\0b",
  "a\nb",
  "-",
  "--",
  "-1",
  "1e999",
  "0x10",
  "NaN",
  "9999999999999999999",
  "0",
  "1",
  "true",
  "null",
  "{}",
  "$(touch pwned)",
  "`id`",
  "\u001b[2J",
  "\ufeff",
  "\u202e",
  "é",
  "日本",
  "x".repeat(5_000),
  "todo_000000000001",
  "run_00000000000000000000000001",
  "2026-11-21T09:00:00Z",
  "codex-1",
  "src/**",
  "open",
  "user",
  "agent",
  "approve",
  "positive",
  "20261121T000000Z",
];
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);

/** A command with flags of its own and of others, given, doubled, cut short, or with values that mean something else. */
const line = fc.constantFrom(...rows).chain(({ path, flags }) => {
  // A folder that is named may be any of this machine, and is written to as it was told: places have tests of their own.
  const own = Object.entries(flags).flatMap(([name, flag]) => (flag.value === "DIR" || flag.value === "PATH" ? [] : [name]));
  const all = [...own, ...own, ...own, "goal-id", "json", "locale", "format", "color", "dry-run", "execute", "no-json", "proto"];
  const word = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...all), value).map(([name, text]) => [`--${name}`, text]) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...all), value).map(([name, text]) => [`--${name}=${text}`]) },
    { weight: 1, arbitrary: fc.constantFrom(...all).map((name) => [`--${name}`]) },
    { weight: 1, arbitrary: value.map((text) => [text]) },
    { weight: 1, arbitrary: fc.constantFrom("-g", "-h", "-q", "-v", "-x", "--", "--help").map((text) => [text]) },
  );
  return fc
    .tuple(fc.boolean(), fc.array(word, { maxLength: 6 }))
    .map(([goal, words]) => [...path, ...(goal ? ["-g", "g"] : []), ...words.flat()]);
});

/** Lines that once ended with 70; whatever a run finds is added. */
const CORPUS: readonly (readonly string[])[] = [["register-agent", "-g", "g"]];

const words = fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: fc.array(value, { maxLength: 5 }) });

test("any words are answered", async () => {
  await fc.assert(
    fc.asyncProperty(words, async (argv) => {
      const { code, stdout, stderr } = await sandbox.run([...argv, "--json"]);
      const changed = differences(sound, snapshotOf(sandbox.root));
      if (changed.length > 0) restore(sandbox.root, sound);
      expect(CODES, `${code}: ${stdout.slice(0, 500)} ${stderr.slice(0, 500)}`).toContain(code);
      expect(
        changed.filter((path) => !OWN.test(path)),
        "written outside",
      ).toEqual([]);
      if (code === 2) expect(changed.filter((path) => !path.includes("/cache"))).toEqual([]);
      const document = /^\s*[{[]/.test(stdout) ? (JSON.parse(stdout) as unknown) : null;
      if (stderr === "" && code !== 0) expect(document).toMatchObject({ ok: false });
    }),
    { ...REPLAY, numRuns: RUNS, examples: CORPUS.map((argv) => [[...argv]]) },
  );
});
