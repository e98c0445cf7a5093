/**
 * Worlds with something wrong in them, and what every answer about them must be: one JSON document in less than a
 * second, a known code with its exit, and a tree in which nothing changed that the command does not own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS, type ErrorCode } from "@loopx/core";
import { expect } from "vitest";
import { cpuMs } from "../../../../test/cpu-time.ts";
import { openSandbox, type Sandbox } from "../rig/sandbox.ts";
import { readTree } from "../rig/tree.ts";

export const REGISTRY = ".loopx/registry.json";
export const stateOf = (goal: string): string => `.codex/goals/${goal}/ACTIVE_GOAL_STATE.md`;
export const indexOf = (goal: string): string => join(".codex", "loopx", "goals", goal, "runs", "index.jsonl");

export interface Answer {
  readonly ok: boolean;
  readonly error?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  readonly [key: string]: unknown;
}

export interface Asked {
  readonly code: number;
  readonly answer: Answer;
  /** Names of what is there now and was not, is gone, or has other bytes. */
  readonly changed: readonly string[];
}

/** The derived cache is the one thing a query may write (design D6). */
const isCache = (path: string): boolean => /(?:^|\/)cache$/.test(path);

export function treeOf(sandbox: Sandbox): Record<string, string> {
  return readTree(sandbox.root, isCache);
}

export function changes(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((path) => before[path] !== after[path]).sort();
}

/** A project with the goals `g` and `other`; `g` has one run. */
export async function connected(goals: readonly string[] = ["g", "other"]): Promise<Sandbox> {
  const sandbox = openSandbox();
  for (const goal of goals) await told(sandbox, ["connect", "-g", goal]);
  await told(sandbox, ["refresh-state", "-g", goals[0] ?? "g"]);
  return sandbox;
}

/** A command that has to succeed. */
export async function told(sandbox: Sandbox, argv: readonly string[]): Promise<Answer> {
  const { code, answer } = await ask(sandbox, argv);
  expect(code, `loopx ${argv.join(" ")}\n${JSON.stringify(answer.error)}`).toBe(0);
  return answer;
}

/** One command with `--json`: its one document, within a second, and what it changed anywhere in the world. */
export async function ask(sandbox: Sandbox, argv: readonly string[]): Promise<Asked> {
  const before = treeOf(sandbox);
  const started = cpuMs();
  const { code, stdout, stderr } = await sandbox.run([...argv, "--json"]);
  expect(cpuMs() - started, `loopx ${argv.join(" ")}`).toBeLessThan(1_000);
  expect(stderr).toBe("");
  return { code, answer: JSON.parse(stdout) as Answer, changed: changes(before, treeOf(sandbox)) };
}

/** A command that is refused: the code, its exit, a message, a next step, and not one byte changed. */
export async function refused(sandbox: Sandbox, argv: readonly string[], code: ErrorCode): Promise<NonNullable<Answer["error"]>> {
  const asked = await ask(sandbox, argv);
  const shown = `loopx ${argv.join(" ")}\n${JSON.stringify(asked.answer, null, 1).slice(0, 800)}`;
  expect(asked.answer.error?.code, shown).toBe(code);
  const error = asked.answer.error;
  if (error === undefined) throw new Error(shown);
  expect([asked.answer.ok, asked.changed], shown).toEqual([false, []]);
  expect(asked.code, shown).toBe(argv[0] === "should-run" && code === "goal_unhealthy" ? 13 : ERRORS[code].exit);
  expect(error.message, shown).not.toBe("");
  expect(error.hint, shown).not.toBe("");
  return error;
}

/** Another goal of the same world works on as if nothing were wrong (design D7). */
export async function worksOn(sandbox: Sandbox, goal = "other"): Promise<void> {
  const { code, answer } = await ask(sandbox, ["should-run", "-g", goal]);
  expect([code, answer["rule"]], JSON.stringify(answer.error)).toEqual([0, "advance_todo"]);
  const status = await ask(sandbox, ["status"]);
  expect(status.code).toBe(0);
  const queue = status.answer["attention_queue"] as { items: readonly { goal_id: string }[] };
  expect(queue.items.map((item) => item.goal_id)).toContain(goal);
}

export interface EntryValue {
  [key: string]: unknown;
}

/** Rewrites the registry by hand, as a person would. */
export function editRegistry(sandbox: Sandbox, edit: (goals: EntryValue[]) => void): void {
  const file = join(sandbox.project, REGISTRY);
  const registry = JSON.parse(readFileSync(file, "utf8")) as { goals: EntryValue[] };
  edit(registry.goals);
  writeFileSync(file, `${JSON.stringify(registry, null, 2)}\n`);
}
