/** Answers of commands that really write, refuse and judge, each against its schema (CMD-7); dry runs are in `every-command`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemaOf, SCHEMAS, schemaFaults } from "@loopx/core/domain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, writeFile, type Sandbox } from "./rig/sandbox.ts";
import { runStep, setUp, type Scenario } from "./rig/scenario.ts";
import { CREDENTIAL } from "@loopx/core/testing";

type Answer = { readonly ok: boolean; readonly schema_version?: string; readonly error?: { readonly code: string } } & Readonly<
  Record<string, unknown>
>;

/** The file in `schemas/` that an answer names; a failure without a payload names none. */
function schemaName({ schema_version }: Answer): string {
  return schema_version === undefined ? "error" : schema_version.replace(/^loopx_|_v1$/g, "").replaceAll("_", "-");
}

/** What is wrong with an answer: it does not fit its schema, or its keys stand in another order. */
function faultsOf(answer: Answer): readonly string[] {
  const name = schemaName(answer);
  const schema = SCHEMAS[name];
  if (schema === undefined) return [`there is no schema ${name}`];
  const faults = schemaFaults(schema, answer);
  return faults.length > 0 || formsOf(name).some((keys) => inOrder(Object.keys(answer), keys))
    ? faults
    : [`${name}: the keys stand in another order: ${Object.keys(answer).join(" ")}`];
}

/** The keys of each form of an answer, as the published schema lists them. */
function formsOf(name: string): readonly (readonly string[])[] {
  const schema = SCHEMAS[name];
  const published =
    schema === undefined ? {} : (jsonSchemaOf(schema, name) as { anyOf?: readonly { properties: object }[]; properties?: object });
  return (published.anyOf ?? [{ properties: published.properties ?? {} }]).map((form) => Object.keys(form.properties));
}

function inOrder(keys: readonly string[], wanted: readonly string[]): boolean {
  const places = keys.map((key) => wanted.indexOf(key));
  return places.every((place, at) => place >= 0 && place > (places[at - 1] ?? -1));
}

let sandbox: Sandbox;
const fitting: string[] = [];

beforeEach(() => {
  sandbox = openSandbox();
  fitting.length = 0;
});

afterEach(() => sandbox.remove());

/** Runs a line for its JSON, which has to fit; its error code, else its schema. */
async function ask(...argv: readonly string[]): Promise<Answer> {
  const { stdout } = await sandbox.run([...argv, "--runtime-root", sandbox.runtime, "--json"]);
  const answer = JSON.parse(stdout) as Answer;
  expect(faultsOf(answer), `loopx ${argv.join(" ")}\n${stdout}`).toEqual([]);
  fitting.push(`${argv.slice(0, 2).join(" ")}: ${answer.error?.code ?? "ok"}`);
  return answer;
}

describe("answers fit their schemas", () => {
  test("through a goal's whole life, refusals included", async () => {
    await ask("connect", "-g", "parser", "--goal-doc", "GOAL.md", "--parent-goal-id", "above", "--write-scope", "src/**");
    await ask("connect", "-g", "parser", "--objective", "Something else");
    await ask("connect", "-g", "parser", "--force");
    const added = await ask(
      "todo",
      "add",
      "-g",
      "parser",
      "--role",
      "agent",
      "--text",
      "[P1] Read nested lists",
      "--required-write-scope",
      "src/**",
      "--note",
      "by hand",
    );
    const todo = ["--todo-id", String(added["todo_id"])];
    await ask("todo", "add", "-g", "parser", "--role", "agent", "--text", "[P1] Read nested lists", "--action-kind", "build");
    await ask("todo", "claim", "-g", "parser", ...todo, "--claimed-by", "codex-1");
    await ask("todo", "claim", "-g", "parser", ...todo, "--claimed-by", "codex-2");
    await ask("todo", "update", "-g", "parser", ...todo, "--reason", "no manifest");
    await ask(
      "todo",
      "complete",
      "-g",
      "parser",
      ...todo,
      "--claimed-by",
      "codex-1",
      "--evidence",
      "12 tests",
      "--next-agent-todo",
      "Write the tree",
    );
    const next = await ask("todo", "add", "-g", "parser", "--role", "agent", "--text", "Read two grammars");
    await ask("todo", "supersede", "-g", "parser", "--todo-id", String(next["todo_id"]), "--reason", "one is enough", "--no-follow-up");
    await ask(
      "todo",
      "capture-followups",
      "-g",
      "parser",
      "--follow-up",
      "Read nothing",
      "--follow-up",
      "Read two grammars",
      "--note",
      "x",
    );
    await ask("todo", "archive-completed", "-g", "parser", "--max-active-done", "0", "--execute");
    const { todos } = (await ask("todo", "list", "-g", "parser")) as unknown as { todos: { todo_id: string }[] };
    const lease = ["-g", "parser", "--todo-id", String(todos.at(-1)?.todo_id), "--holder", "codex-1"];
    await ask("lease", "acquire", ...lease, "--write-scope", "src/**");
    await ask("lease", "acquire", ...lease);
    await ask("status");
    await ask("why");
    for (const verb of ["renew", "verify", "release", "release", "verify"]) await ask("lease", verb, ...lease, "--token", "1");
    await ask("todo", "update", "-g", "parser", ...lease.slice(2, 4), "--claimed-by", "codex-1", "--note", "x", "--lease-token", "1");
    await ask("lease", "list", "-g", "parser", "--all");
    await ask(
      "refresh-state",
      "-g",
      "parser",
      "--next-action",
      "Write the tree",
      "--delivery-outcome",
      "outcome_progress",
      "--delivery-batch-scale",
      "implementation",
      "--artifact",
      "src/a.ts",
      "--validation",
      "12 tests",
    );
    const spent = await ask("quota", "spend-slot", "-g", "parser", "--execute");
    await ask("quota", "spend-slot", "-g", "parser", "--execute");
    await ask(
      "quota",
      "void-slot",
      "-g",
      "parser",
      "--run-id",
      String(spent["run_id"]),
      "--reason-summary",
      "paid by mistake",
      "--execute",
    );
    await ask("quota", "void-slot", "-g", "parser", "--run-id", String(spent["run_id"]), "--reason-summary", "again", "--execute");
    for (const query of [
      ["history"],
      ["status"],
      ["registry"],
      ["why"],
      ["review-packet", "--agent-id", "codex-1"],
      ["review-packet", "--handoff-only", "--action-kind", "reward"],
      ["quota", "plan"],
      ["quota", "should-run", "--detail"],
      ["heartbeat-prompt", "--agent-id", "codex-1"],
      ["sync-global", "--prune"],
      ["check", "--scan-root", "."],
      ["new-project-prompt", "--goal-doc", "GOAL.md"],
      ["archive-runtime", "-g", "parser"],
      ["archive-runtime", "-g", "parser", "--allow-registered", "--execute"],
    ])
      await ask(...query);
    expect(fitting.filter((line) => !line.endsWith(": ok"))).toEqual([
      "todo claim: claim_conflict",
      "lease acquire: lease_conflict",
      "lease verify: lease_not_active",
      "todo update: lease_fenced",
      "quota spend-slot: spend_refused",
      "quota void-slot: void_refused",
      "archive-runtime -g: goal_registered",
    ]);
  });

  test("of a goal that is watched, judged, gated and configured", async () => {
    const goal = ["-g", "parser"];
    await ask("connect", ...goal);
    await ask("quota", "monitor-poll", ...goal, "--todo-id", "todo_000000000001", "--execute");
    await ask("todo", "complete", ...goal, "--todo-id", "todo_000000000001", "--evidence", "read");
    const watch = await ask("todo", "add", ...goal, "--role", "agent", "--text", "Watch the board", "--task-class", "continuous_monitor");
    const poll = ["quota", "monitor-poll", ...goal, "--todo-id", String(watch["todo_id"])];
    await ask(...poll);
    await ask(...poll, "--result-hash", "abc", "--cadence", "1h", "--execute");
    await ask(...poll, "--material-change", "--next-agent-todo", "Read the board", "--execute");
    const reward = ["reward", ...goal, "--decision", "go_on", "--reward", "mixed", "--reason-summary", "agreed"];
    await ask(...reward);
    await ask("refresh-state", ...goal);
    const lesson = ["--lesson-kind", "route", "--lesson-summary", "Look first", "--lesson-avoid", "guessing", "--follow-up", "look"];
    await ask(...reward, ...lesson, "--write-active-state-summary", "--dry-run");
    await ask(...reward, ...lesson, "--write-active-state-summary");
    await ask(...reward, ...lesson, "--write-active-state-summary");
    await ask(...reward, "--run-id", "run_nowhere");
    const gate = ["operator-gate", ...goal, "--reason-summary", "agreed", "--decision"];
    await ask(...gate, "approve", "--follow-up", "look", "--dry-run");
    await ask(...gate, "reject");
    await ask(...gate, "reject", "--agent-command", "loopx status");
    await ask("configure-goal", ...goal, "--quota-compute", "0.5");
    await ask("configure-goal", ...goal, "--quota-compute", "0.5", "--execute");
    await ask("configure-goal", ...goal, "--quota-compute", "2", "--execute");
    await ask("register-agent", ...goal, "--agent-id", "codex-main", "--primary-agent", "codex-main", "--execute");
    expect(fitting.filter((line) => !line.endsWith(": ok"))).toEqual([
      "quota monitor-poll: poll_refused",
      "reward -g: run_not_found",
      "reward -g: run_not_found",
      "operator-gate -g: usage",
      "configure-goal -g: invalid_value",
    ]);
  });

  test("of a project that leaves and comes back", async () => {
    await ask("connect", "-g", "parser");
    await ask("connect", "-g", "atlas");
    await ask("disconnect");
    const left = await ask("disconnect", "--archive-state", "--remove-empty-registry", "--execute");
    const restore = ["disconnect", "--restore", String(left["stamp"])];
    await ask("disconnect", "--list");
    await ask(...restore);
    await ask(...restore, "--execute");
    await ask("refresh-state", "-g", "parser");
    await ask("disconnect", "-g", "parser", "--execute");
    await ask(...restore, "--execute");
    expect(fitting.filter((line) => !line.endsWith(": ok"))).toEqual(["disconnect --restore: restore_refused"]);
  });

  test("of goals that ask a person, wait for an agent or are unwell", async () => {
    await ask("connect", "-g", "parser");
    await ask("todo", "add", "-g", "parser", "--role", "user", "--text", "Which format?");
    await ask("should-run", "-g", "parser");
    writeFile(
      join(sandbox.runtime, "goals", "parser", "runs", "index.jsonl"),
      '{"generated_at":"2026-11-21T08:00:00Z","goal_id":"parser","classification":"x","delivery_outcome":7,"human_reward":1}\nno json\n',
    );
    writeFile(join(sandbox.runtime, "goals", "stray", "runs", "index.jsonl"), "{}\n");
    writeFile(join(sandbox.project, "leak.md"), `Authorization: ${CREDENTIAL}\n`);
    for (const query of [
      ["history"],
      ["check", "--scan-path", "leak.md"],
      ["status", "--scan-path", "leak.md"],
      ["should-run", "-g", "parser", "--scan-path", "leak.md", "--detail"],
      ["why"],
      ["review-packet"],
      ["quota"],
    ])
      await ask(...query);
    writeFile(join(sandbox.project, ".codex", "goals", "parser", "ACTIVE_GOAL_STATE.md"), "# Nothing\n");
    await ask("todo", "list", "-g", "parser");
    const registry = join(sandbox.project, ".loopx", "registry.json");
    const text = readFileSync(registry, "utf8");
    const edited = JSON.parse(text) as { goals: Record<string, unknown>[] };
    edited.goals.push(
      { id: "half" },
      { ...edited.goals[0] },
      { ...edited.goals[0], id: "agents", coordination: { registered_agents: ["codex-1", "codex-2"], primary_agent: "codex-1" } },
    );
    writeFile(registry, JSON.stringify(edited));
    for (const query of [
      ["registry"],
      ["status"],
      ["quota"],
      ["should-run", "-g", "half"],
      ["should-run", "-g", "agents", "--agent-id", "nobody"],
      ["why", "-g", "half"],
      ["why", "-g", "nobody"],
      ["why", "-g", "agents"],
      ["sync-global"],
      ["history", "-g", "half"],
    ])
      await ask(...query);
    writeFile(registry, "{");
    for (const query of [["registry"], ["status"], ["should-run", "-g", "parser"], ["why", "-g", "parser"]]) await ask(...query);
    expect(fitting.filter((line) => !line.endsWith(": ok"))).toEqual([
      "check --scan-path: check_failed",
      "should-run -g: goal_unhealthy",
      "registry: registry_unhealthy",
      "should-run -g: goal_unhealthy",
      "should-run -g: agent_not_registered",
      "why -g: goal_not_found",
      "registry: registry_invalid",
      "status: registry_invalid",
      "should-run -g: registry_invalid",
      "why -g: registry_invalid",
    ]);
  });

  test("of the program itself", async () => {
    for (const line of [
      ["demo"],
      ["doctor"],
      ["config", "list", "--show-origin"],
      ["config", "get", "locale", "--show-origin"],
      ["config", "get", "nothing"],
      ["exit-codes"],
      ["version"],
      ["--version"],
      ["--help"],
      ["connect", "--help"],
      ["staus"],
    ])
      await ask(...line);
    // Whether doctor finds fault depends on the machine.
    expect(fitting.filter((line) => !line.endsWith(": ok") && !line.startsWith("doctor"))).toEqual([
      "config get: invalid_value",
      "staus: unknown_command",
    ]);
  });
});

describe("answers of the scenarios fit their schemas", () => {
  const folder = new URL("scenarios/", import.meta.url);
  const scenarios = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Scenario);

  test.each(scenarios.map((scenario) => [scenario.id, scenario] as const))("%s", async (_id, scenario) => {
    const world = setUp(scenario);
    const run: Sandbox["run"] = async (argv, options) => {
      const printed = await world.run(argv, options);
      expect(faultsOf(JSON.parse(printed.stdout) as Answer), `loopx ${argv.join(" ")}\n${printed.stdout}`).toEqual([]);
      return printed;
    };
    try {
      for (const step of scenario.steps) await runStep(step, { ...world, run });
    } finally {
      world.remove();
    }
  });
});
