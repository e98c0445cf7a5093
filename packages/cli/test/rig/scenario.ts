/**
 * Scenarios: a registry, files and history, then command lines with what their JSON answers must hold.
 * The format is `scenario_fixture_v1`; every instant of a scenario is counted from one fixed now.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { openSandbox, START_MS, writeFile, type Sandbox } from "./sandbox.ts";
import { CREDENTIAL } from "@loopx/core/testing";

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly format: "scenario_fixture_v1";
  readonly setup: {
    readonly git: "none" | "with_worktree";
    readonly registry: unknown;
    readonly files: Readonly<Record<string, string>>;
    readonly index_jsonl: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  };
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioStep {
  readonly argv: readonly string[];
  readonly cwd: "outside" | "project" | "worktree";
  readonly exit_code: number;
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly expect_contains?: Readonly<Record<string, string | readonly string[]>>;
  readonly expect_absent?: readonly string[];
  readonly note?: string;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The scenario's world, ready for its steps. */
export function setUp(scenario: Scenario): Sandbox {
  const sandbox = openSandbox();
  const { setup } = scenario;
  const fill = (text: string): string => expand(text, sandbox);
  writeFile(join(sandbox.project, ".loopx", "registry.json"), fill(JSON.stringify(setup.registry, null, 2)));
  for (const [path, text] of Object.entries(setup.files)) {
    const place = path.startsWith("public/") ? join(sandbox.public, path.slice("public/".length)) : join(sandbox.project, path);
    writeFile(place, fill(text));
  }
  for (const [goalId, rows] of Object.entries(setup.index_jsonl)) writeHistory(sandbox, goalId, rows, fill);
  if (setup.git === "with_worktree") makeWorktree(sandbox);
  return sandbox;
}

/** Runs one step and holds its answer against what the step expects. */
export async function runStep(step: ScenarioStep, sandbox: Sandbox): Promise<void> {
  const roots = ["--registry", join(sandbox.project, ".loopx", "registry.json"), "--runtime-root", sandbox.runtime, "--format", "json"];
  const argv = step.argv.map((word) => expand(word, sandbox));
  const printed = await sandbox.run([...roots, ...argv], { cwd: folderOf(step.cwd, sandbox) });
  const answer: unknown = JSON.parse(printed.stdout);
  const shown = `loopx ${argv.join(" ")}\n${printed.stdout}${printed.stderr}`;
  for (const [path, value] of Object.entries(step.expect ?? {}))
    expect(valueAt(answer, path), `${path} of ${shown}`).toEqual(expandDeep(value, sandbox));
  for (const [path, part] of Object.entries(step.expect_contains ?? {})) expectPart(valueAt(answer, path), part, `${path} of ${shown}`);
  for (const path of step.expect_absent ?? []) expect(valueAt(answer, path) ?? null, `${path} of ${shown}`).toBeNull();
  expect(printed.code, shown).toBe(step.exit_code);
}

function writeHistory(
  sandbox: Sandbox,
  goalId: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  fill: (text: string) => string,
): void {
  const runs = join(sandbox.runtime, "goals", goalId, "runs");
  const lines = rows.map((row, index) => {
    const stem = typeof row["_stem"] === "string" ? row["_stem"] : `run-${String(index).padStart(3, "0")}`;
    const written = Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith("_")));
    const [json, markdown] = [join(runs, `${stem}.json`), join(runs, `${stem}.md`)];
    const record = JSON.parse(fill(JSON.stringify({ ...written, goal_id: goalId, json_path: json, markdown_path: markdown }))) as unknown;
    if (row["_artifacts"] !== false) {
      writeFile(json, `${JSON.stringify(record, null, 2)}\n`);
      writeFile(markdown, "# Run\n");
    }
    return `${JSON.stringify(record)}\n`;
  });
  writeFile(join(runs, "index.jsonl"), lines.join(""));
}

function makeWorktree(sandbox: Sandbox): void {
  writeFile(join(sandbox.project, ".gitignore"), ".loopx/\n.codex/goals/\n");
  const git = (...words: string[]): void => {
    const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
    const { status, stderr } = spawnSync("git", [...identity, ...words], {
      cwd: sandbox.project,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: sandbox.home },
    });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  };
  git("init", "--quiet");
  git("add", ".gitignore");
  git("commit", "--quiet", "--message", "start");
  git("worktree", "add", "--quiet", worktreeOf(sandbox));
}

function worktreeOf(sandbox: Sandbox): string {
  return join(sandbox.root, "worktree");
}

function folderOf(name: ScenarioStep["cwd"], sandbox: Sandbox): string {
  return name === "worktree" ? worktreeOf(sandbox) : sandbox[name];
}

/** Places and instants written into a text. */
function expand(text: string, sandbox: Sandbox): string {
  return text
    .replaceAll("${PROJECT}", sandbox.project)
    .replaceAll("${RUNTIME}", sandbox.runtime)
    .replaceAll("${WORKTREE}", worktreeOf(sandbox))
    .replaceAll("${PUBLIC}", sandbox.public)
    .replaceAll("${CREDENTIAL}", CREDENTIAL)
    .replace(/@now(?:([+-])(\d+)([smhd]))?/g, (_all, sign?: string, amount?: string, unit?: keyof typeof UNIT_MS) => {
      const shift = unit === undefined ? 0 : (sign === "-" ? -1 : 1) * Number(amount) * UNIT_MS[unit];
      return new Date(START_MS + shift).toISOString().slice(0, 19) + "+00:00";
    });
}

function expandDeep(value: unknown, sandbox: Sandbox): unknown {
  return JSON.parse(expand(JSON.stringify(value), sandbox));
}

/** `a.b[0].c` in an answer; undefined where nothing is. */
export function valueAt(answer: unknown, path: string): unknown {
  const keys = path.split(/\.|\[(\d+)\]/).filter((key) => key !== undefined && key !== "");
  return keys.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    answer,
  );
}

function expectPart(value: unknown, part: string | readonly string[], where: string): void {
  if (typeof part === "string") expect(typeof value === "string" ? value : JSON.stringify(value ?? null), where).toContain(part);
  else expect(value, where).toEqual(expect.arrayContaining([...part]));
}
