/**
 * A wake-up as its agent lives it: the prompt's commands are pasted into `sh`, far from the project, with a blank and a
 * quote in every path (HBT section 9).
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, type Ended, type Yard } from "./built.ts";

const GOAL = "My.Goal-1";
const FORMS = [[], ["--compact"], ["--brief"], ["--thin"]] as const;

let yard: Yard;
let project: string;
let elsewhere: string;
const roots = (): string[] => ["--registry", join(project, ".loopx/registry.json"), "--runtime-root", join(yard.root, "run time's")];
const told = (...argv: string[]): Record<string, unknown> => {
  const ended = yard.run(elsewhere, ...roots(), ...argv, "--json");
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};
const prompt = (...argv: string[]): Record<string, string> => told("heartbeat-prompt", "-g", GOAL, ...argv) as Record<string, string>;
const pasted = (line: string | undefined): Ended => yard.shell(elsewhere, line ?? "exit 99");

beforeAll(() => {
  yard = openYard();
  project = join(yard.folder("my pro'ject"), "sub folder");
  mkdirSync(project);
  elsewhere = yard.folder("elsewhere");
  told("connect", "--project", project, "-g", GOAL, "--write-scope", "src/**");
});
afterAll(() => yard.remove());

/** What the body's fences hold, without comments. */
function commandsOf(body: string): string[] {
  const fences = [...body.matchAll(/```sh\n([^`]*)\n```/g)].map(([, lines = ""]) => lines);
  return fences.flatMap((lines) => lines.split("\n").filter((line) => !line.startsWith("#")));
}

describe.each(FORMS.map((form) => [form.join("") || "full", form] as const))("the %s form", (_name, form) => {
  test("its preflight and guard run as pasted, wherever the agent stands (HBT-7, HBT-12)", () => {
    const { task_body: body = "", quota_guard_command: guard = "" } = prompt(...form);
    expect(body).toContain(guard);
    const [first = ""] = [...body.matchAll(/```sh\n([^`]*)\n```/g)].map(([, lines = ""]) => lines);
    const { code, stdout, stderr } = pasted(first);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ goal_id: GOAL, should_run: true, rule: "advance_todo" });
    expect(body).not.toMatch(/\b(undefined|(?<!dev\/)null|None|NaN)\b|\$HOME\/\.codex|~\//);
  });

  test("each of its commands is one the program knows, and the spend comes after the record (HBT-66)", () => {
    const commands = commandsOf(prompt(...form)["task_body"] ?? "").filter((line) => line.startsWith("loopx "));
    for (const command of commands) {
      // A placeholder is no todo and no scale; the word has to be understood, and nothing may be written.
      const { code, stdout } = pasted(
        `${command} --dry-run --json`.replace("--execute --dry-run", "").replace("--format json --dry-run", ""),
      );
      const answer = JSON.parse(stdout) as { error?: { code: string } };
      expect(["unknown_command", "usage", "internal"], `${command}\n${stdout}`).not.toContain(answer.error?.code);
      expect([0, 1, 2], command).toContain(code);
    }
    const [spend, record] = ["quota spend-slot", "refresh-state"].map((word) => commands.findIndex((line) => line.includes(word)));
    if (spend !== -1 && record !== -1) expect(spend).toBeGreaterThan(record ?? 0);
  });
});

test("the record and the spend work as pasted, and the spend is accepted once (HBT-13)", () => {
  const { progress_refresh_state_command: progress = "", quota_spend_command: spend } = prompt();
  const filled = progress
    .replace("<PROGRESS>", "parser_result")
    .replace("<SCALE>", "implementation")
    .replace("<OUTCOME>", "outcome_progress")
    .replace("<PATH>", "src/parser.ts")
    .replace("<CHECK AND RESULT>", "12 of 12 tests pass");
  expect(pasted(filled)).toMatchObject({ code: 0, stderr: "" });
  expect(pasted(spend).code).toBe(0);
  const again = pasted(`${spend ?? ""} --json`);
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([
    1,
    { error: { code: "spend_refused", details: { reason: "record_already_spent" } } },
  ]);
  expect(told("quota", "should-run", "-g", GOAL)).toMatchObject({ quota: { spent_slots: 1 } });
});

test("a prompt generated twice is the same, and leaves every file as it was (HBT-10)", () => {
  const [first, second] = [prompt("--compact"), prompt("--compact")];
  expect(second).toEqual(first);
});

describe("the form that costs no token (HBT-42, HBT-44)", () => {
  const awake = (): string => join(yard.root, "awake");
  const wake = (): Ended => pasted(prompt("--thin")["zero_token_command"]);
  beforeAll(() => {
    writeFileSync(join(yard.root, "bin", "codex"), `#!/bin/sh\ncat >"${awake()}"\n`, { mode: 0o755 });
  });

  test.each([
    ["is paused", ["configure-goal", "-g", GOAL, "--quota-compute", "0", "--execute"], 12],
    ["has spent its window", ["configure-goal", "-g", GOAL, "--quota-compute", "1", "--quota-allowed-slots", "1", "--execute"], 12],
    [
      "waits for the controller",
      ["configure-goal", "-g", GOAL, "--quota-allowed-slots", "9", "--waiting-on", "controller", "--execute"],
      11,
    ],
  ] as const)("starts no agent for a goal that %s", (_name, argv, code) => {
    told(...argv);
    expect(wake().code).toBe(code);
    expect(existsSync(awake())).toBe(false);
  });

  test("hands a goal that may run its prompt by stdin", () => {
    told("configure-goal", "-g", GOAL, "--clear-waiting-on", "--execute");
    expect(wake().code).toBe(0);
    expect(yard.read("awake").trimEnd()).toBe(prompt("--thin")["task_body"]?.trimEnd());
  });

  test("starts no agent for a goal whose state is gone, and the prompt itself is refused (HBT-65)", () => {
    const line = prompt("--thin")["zero_token_command"];
    const { active_state: state = "" } = prompt();
    const text = yard.shell(elsewhere, `mv '${state.replaceAll("'", "'\\''")}' '${join(yard.root, "kept.md")}' && rm '${awake()}'`);
    expect(text.code, text.stderr).toBe(0);
    expect(pasted(line).code).toBe(13);
    expect(existsSync(awake())).toBe(false);
    const refused = yard.run(elsewhere, ...roots(), "heartbeat-prompt", "-g", GOAL, "--quiet");
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("ACTIVE_GOAL_STATE.md");
  });
});
