/**
 * REL-1, REL-2 and REL-164 on the command as it is built: real processes that are killed at drawn calls of every command
 * that writes. What stands is old or new, what was said to be stored is there, and the same command run again goes
 * through and adds nothing twice. LOOPX_SEED replays.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomFrom } from "../../../../scripts/soak/random.mjs";
import { restore, snapshotOf, type Snapshot } from "../../../../test/snapshot.ts";
import { openYard, type Ended, type Yard } from "./built.ts";

const DYING = fileURLToPath(new URL("./children/dying.cjs", import.meta.url));
const KILLS = 2;
const seed = Number(process.env["LOOPX_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const INDEX = "home/.codex/loopx/goals/main/runs/index.jsonl";
const STATE = "project/.codex/goals/main/ACTIVE_GOAL_STATE.md";
const REGISTRIES = ["project/.loopx/registry.json", "home/.codex/loopx/registry.global.json"];

interface Writing {
  readonly argv: readonly string[];
  /** How often what it writes stands there: once it is done 1, or for a command that may be repeated 1 or 2. */
  readonly done: (yard: Yard) => number;
  readonly repeats?: true;
  /** What a second run may answer when the first had come through. */
  readonly refusals?: readonly string[];
}

const rows = (yard: Yard): string[] => (has(yard, INDEX) ? yard.read(INDEX).split("\n").filter(isRecord) : []);
const inRows = (yard: Yard, text: string): number => rows(yard).filter((line) => line.includes(text)).length;
const inState = (yard: Yard, text: string): number => yard.read(STATE).split(text).length - 1;

const WRITINGS: readonly Writing[] = [
  { argv: ["todo", "add", "--role", "agent", "--text", "[P2] Print lists"], done: (yard) => inState(yard, "Print lists") },
  { argv: ["todo", "complete", "--todo-id", "todo_0", "--evidence", "read"], done: (yard) => inState(yard, "- [x] [P1] Inspect") },
  { argv: ["refresh-state", "--classification", "second_run"], done: (yard) => inRows(yard, "second_run"), repeats: true },
  {
    argv: ["reward", "--decision", "go_on", "--reward", "positive", "--reason-summary", "it reads well", "--write-active-state-summary"],
    done: (yard) => Math.max(inRows(yard, "it reads well"), inState(yard, "it reads well")),
  },
  {
    argv: ["operator-gate", "--gate", "publish", "--decision", "approve", "--reason-summary", "go on", "--agent-command", "npm test"],
    done: (yard) => inRows(yard, "operator_gate_approved"),
    repeats: true,
  },
  { argv: ["quota", "spend-slot", "--execute"], done: (yard) => inRows(yard, "delivery_run_id"), refusals: ["spend_refused"] },
  {
    argv: ["lease", "acquire", "--todo-id", "todo_0", "--holder", "codex", "--idempotency-key", "one"],
    done: (yard) => Number(readIfThere(yard, `home/.codex/loopx/goals/main/leases/${todo}.json`).includes("idempotency_key")),
  },
  {
    argv: ["configure-goal", "--quota-compute", "0.5", "--execute"],
    done: (yard) => Number(yard.read(REGISTRIES[0] ?? "").includes("0.5")),
  },
  { argv: ["sync-global"], done: () => 1 },
  {
    argv: ["archive-runtime", "--allow-registered", "--execute"],
    done: (yard) => [...snapshotOf(yard.root).keys()].filter((path) => /archived-goals\/[^/]+\/runs\/index\.jsonl$/.test(path)).length,
    refusals: ["goal_not_found"],
  },
  {
    argv: ["disconnect", "--archive-state", "--execute"],
    done: (yard) => Number(!yard.read(REGISTRIES[0] ?? "").includes('"main"')),
    refusals: ["goal_not_found", "registry_not_found"],
  },
];

let yard: Yard;
let old: Snapshot;
let todo: string;
beforeAll(() => {
  yard = openYard();
  const project = yard.folder("project");
  yard.run(project, "connect", "--goal-id", "main");
  yard.run(
    project,
    "refresh-state",
    "--goal-id",
    "main",
    "--delivery-outcome",
    "outcome_progress",
    "--delivery-batch-scale",
    "multi_surface",
  );
  todo = /todo_id=(\S+)/.exec(yard.read(STATE))?.[1] ?? "";
  old = worldOf();
});
afterAll(() => yard.remove());

describe(`the built command, killed (LOOPX_SEED=${seed})`, () => {
  test.each(WRITINGS.map((writing) => [writing.argv.slice(0, 2).join(" "), writing] as const))("%s", (name, writing) => {
    const random = randomFrom(seed + WRITINGS.indexOf(writing));
    reset();
    const whole = run(writing, {});
    const calls = Number(readFileSync(join(yard.root, "count"), "utf8"));
    expect([whole.code, whole.stderr, writing.done(yard)], name).toEqual([0, "", 1]);
    expect(calls, "calls that change something").toBeGreaterThan(8);
    const now = worldOf();
    for (let kill = 0; kill < KILLS; kill += 1) {
      reset();
      const at = 1 + Math.floor(random() * calls);
      const where = `${name} killed at call ${at} of ${calls}, LOOPX_SEED=${seed}`;
      const killed = run(writing, { LOOPX_TEST_DIE: String(at) });
      expect(killed.code, where).toBe(null);
      assertWhole(now, where);
      const told = killed.stdout.endsWith("}\n");
      expect(writing.done(yard), where).toBeLessThanOrEqual(1);
      if (told) expect(writing.done(yard), `${where}: told ${killed.stdout}`).toBe(1);
      assertRepeats(writing, where);
    }
  });
});

/** The same command again: it goes through the locks of the dead, and nothing stands there twice. */
function assertRepeats(writing: Writing, where: string): void {
  const again = run(writing, {});
  if (again.code !== 0) {
    const { error } = JSON.parse(again.stdout) as { error: { code: string } };
    expect(writing.refusals ?? [], `${where}: ${again.stdout}`).toContain(error.code);
  }
  expect(writing.done(yard), `${where}, and run again`).toBeGreaterThanOrEqual(1);
  expect(writing.done(yard), `${where}, and run again`).toBeLessThanOrEqual(writing.repeats === true ? 2 : 1);
}

/** Each file is the old one, or what a whole run makes of it; ids and instants differ from run to run. */
function assertWhole(now: Snapshot, where: string): void {
  for (const [path, { content }] of worldOf()) {
    if (content === null || content === old.get(path)?.content || /loopx-tmp$|\/locks\/|\/cache\//.test(path)) continue;
    expect(now.has(path) || /\/runs\/|archived|disconnected|backups/.test(path), `${where}: ${path} is expected`).toBe(true);
    if (path.endsWith(".json")) expect(() => JSON.parse(content) as unknown, `${where}: ${path}`).not.toThrow();
    if (path.endsWith("index.jsonl")) {
      expect(content.startsWith(old.get(INDEX)?.content ?? ""), `${where}: ${path} grows`).toBe(true);
      expect(content.split("\n").slice(0, -1).every(isRecord), `${where}: ${path}`).toBe(true);
    }
    if (path.endsWith("ACTIVE_GOAL_STATE.md"))
      expect(content, `${where}: ${path}`).toMatch(/^---\n[\s\S]*\n## Progress Ledger\n[\s\S]*\n$/);
  }
  for (const path of [...REGISTRIES, STATE]) expect(has(yard, path) || !now.has(path), `${where}: ${path} is there`).toBe(true);
}

function run({ argv }: Writing, env: Record<string, string>): Ended {
  const entry = join(yard.root, "program", "bin", "loopx.cjs");
  const goal = argv[0] === "sync-global" ? [] : ["--goal-id", "main"];
  const words = [...argv, ...goal, "--json"].map((word) => (word === "todo_0" ? todo : word));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", DYING, entry, ...words], {
    cwd: join(yard.root, "project"),
    env: { PATH: process.env["PATH"], HOME: yard.home, TZ: "UTC", LOOPX_TEST_COUNT: join(yard.root, "count"), ...env },
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** Project and home; the program and the count are not of the world. */
function worldOf(): Snapshot {
  return new Map([...snapshotOf(yard.root)].filter(([path]) => /^(?:project|home)(?:\/|$)/.test(path)));
}

function reset(): void {
  for (const part of ["project", "home"]) {
    const below = [...old].flatMap(([path, entry]) => (path.startsWith(`${part}/`) ? [[path.slice(part.length + 1), entry] as const] : []));
    restore(join(yard.root, part), new Map(below));
  }
}

function has({ root }: Yard, path: string): boolean {
  return (
    snapshotOf(join(root, "home")).has(path.replace(/^home\//, "")) || snapshotOf(join(root, "project")).has(path.replace(/^project\//, ""))
  );
}

function readIfThere(from: Yard, path: string): string {
  return has(from, path) ? from.read(path) : "";
}

function isRecord(line: string): boolean {
  try {
    return JSON.parse(line) !== null;
  } catch {
    return false;
  }
}
