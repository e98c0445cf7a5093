/**
 * `loopx why` names one command for each verdict; here that command is pasted into a shell and asked again (DEC-40 to
 * DEC-42, property 8 of the decisions): the verdict is another one, or names another todo, and is the one foretold.
 */
import fc from "fast-check";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULE_NAMES, type RuleName } from "../../core/src/domain/quota/answers.ts";
import { paste } from "./rig/paste.ts";
import type { Sandbox } from "./rig/sandbox.ts";
import { at, CALM, GOAL, placeOf, runLine, settle, todoLine, worldArbitrary, type World } from "./rig/world.ts";

interface Why {
  readonly rule: RuleName;
  readonly to_change: readonly [{ readonly verdict: string; readonly actor: string; readonly command: string }];
}

async function why(sandbox: Sandbox, cwd: string, agent: string | undefined): Promise<Why> {
  const roots = ["--registry", join(sandbox.project, ".loopx", "registry.json"), "--runtime-root", sandbox.runtime];
  const asked = [...roots, "why", "-g", GOAL, ...(agent === undefined ? [] : ["--agent-id", agent]), "--json"];
  const { stdout } = await sandbox.run(asked, { cwd });
  return JSON.parse(stdout) as Why;
}

const EXPECTED_OF_FRESH_FILES = new Set(["eligible", "unknown"]);

/** Asks, pastes, asks again; returns the rule that answered first. */
async function changed(world: World): Promise<RuleName> {
  const sandbox = await settle(world);
  try {
    const cwd = placeOf(world, sandbox);
    const first = await why(sandbox, cwd, world.asks);
    const [{ command, verdict }] = first.to_change;
    const done = await paste(sandbox, command, cwd);
    const shown = `${first.rule}: ${command}\n${done.stdout}${done.stderr}`;
    const asksAgain = done.words?.includes("should-run") === true;
    if (!asksAgain) expect(done.code, shown).toBe(0);
    const agent = asksAgain ? done.words?.[done.words.indexOf("--agent-id") + 1] : world.asks;
    const second = await why(sandbox, done.cwd, agent);
    expect(`${second.rule} ${second.to_change[0].command}`, shown).not.toBe(`${first.rule} ${command}`);
    // What is left of an unregistered goal, or of one nobody could read, is only known once it is connected.
    if (first.rule !== "goal_not_found" && !EXPECTED_OF_FRESH_FILES.has(verdict)) expect(second.rule, shown).toBe(verdict);
    return first.rule;
  } finally {
    sandbox.remove();
  }
}

const TEAM = { coordination: { registered_agents: ["main", "side"], primary_agent: "main", write_scope: ["src/**"] } };
const WORK = [todoLine("[P1] Write the parser")];
const MAP = { adapter: { kind: "read_only_project_map_v0", status: "connected-read-only" } };
const SURFACE = [runLine("forecast_c", -30), runLine("runbook_b", -20), runLine("queue_a", -10)];
const GATE = [todoLine("[P0] Choose a name", { task_class: "user_gate", unblocks_todo_id: "todo_aa1" })];

/** For each rule a world in which it answers; the two others are below. */
const WORLDS: Readonly<Record<Exclude<RuleName, "registry_unreadable" | "boundary_scan_hit">, Partial<World>>> = {
  goal_not_found: { entry: { id: "somebody", state_file: "STATE.md" } },
  paused: { entry: { status: "paused", quota: { compute: 0 } }, agent: WORK },
  agent_not_registered: { entry: TEAM, asks: "ghost", stands: "worktree" },
  contract_broken: { state: "missing" },
  health_blocked: { runs: [runLine("parser_result", -60, {}, false)] },
  identity_required: { entry: TEAM, agent: WORK },
  user_gate: { user: [todoLine("[P0] Choose a name")], agent: WORK },
  registry_gate: { entry: { waiting_on: "controller" } },
  map_opt_in: { entry: { adapter: { kind: "read_only_project_map_v0", status: "planned" } } },
  run_gate: { runs: [runLine("needs_human_reward")] },
  adapter_not_connected: { entry: { adapter: { kind: "generic_project_goal_v0", status: "planned" } } },
  throttled: { entry: { quota: { allowed_slots: 0 } }, agent: WORK },
  workspace_guard: { entry: TEAM, asks: "side", agent: WORK },
  external_evidence_registered: { entry: { waiting_on: "external_evidence" } },
  approved_command: {
    runs: [runLine("operator_gate_approved", -60, { operator_gate: { gate: "publish", agent_command: "make publish" } })],
  },
  first_map: { entry: MAP },
  outcome_floor: { runs: SURFACE, agent: WORK },
  outcome_floor_unavailable: { runs: SURFACE, agent: WORK, entry: { execution_profile: { outcome_floor: { must_advance: [] } } } },
  due_monitor: { agent: [todoLine("[P1] Watch", { task_class: "continuous_monitor", next_due_at: at(-5) })] },
  gates_block_all: { user: GATE, agent: WORK },
  agent_scope_wait: {
    entry: TEAM,
    asks: "side",
    stands: "worktree",
    agent: [todoLine("[P1] Parse", { claimed_by: "main", claimed_at: at(-5) })],
  },
  boundary_gap: { agent: [todoLine("[P1] Parse", { required_write_scopes: "infra/**" })] },
  gate_fallback: { user: GATE, agent: [...WORK, todoLine("[P2] Test it")] },
  advance_todo: { entry: TEAM, asks: "side", stands: "worktree", agent: WORK },
  external_evidence_run: { runs: [runLine("await_numbers")] },
  blockers_only: { agent: [todoLine("[P1] Deploy", { status: "blocked" })] },
  monitor_quiet: { agent: [todoLine("[P1] Watch", { task_class: "continuous_monitor" })] },
  agent_scope_exhausted: { entry: TEAM, asks: "side", stands: "worktree" },
  projection_gap: { next_action: "- Write the parser" },
  mapped_noop: { entry: MAP, runs: [runLine("read_only_project_map")] },
  steering_audit: {},
  nothing_to_do: { entry: { adapter: { kind: "generic_project_goal_v0", status: "read-only-map-ready" } } },
};

test.each(Object.entries(WORLDS))("%s is changed by the command that why names", async (rule, over) => {
  expect(await changed({ ...CALM, ...over })).toBe(rule);
});

test("every rule that `why` can answer stands in that table", () => {
  expect([...Object.keys(WORLDS), "registry_unreadable", "boundary_scan_hit"].sort()).toEqual([...RULE_NAMES].sort());
});

const UNSOUND: Readonly<Record<string, Partial<World>>> = {
  "a state file that is no text": { state: "no_text" },
  "a state file over its limit": { state: "too_large" },
  "a bad line": { runs: [runLine("state_refreshed")], bad_line: true, agent: WORK },
  "a field that is missing": { entry: { domain: undefined }, agent: WORK },
  "a repository that is gone": { entry: { repo: "/nowhere/at/all" } },
  "a state file outside": { entry: { state_file: "../outside.md" } },
  "a state file of two": { beside: [{ state_file: ".codex/goals/g/ACTIVE_GOAL_STATE.md" }], agent: WORK },
  "two entries of one id": { beside: [{ id: GOAL }] },
  "two ids that differ in case": { beside: [{ id: "G" }] },
  "a wait for nobody": { entry: { waiting_on: "nobody" }, agent: WORK },
};

test.each(Object.entries(UNSOUND))("%s is repaired by the command that why names (DEC-41)", async (_name, over) => {
  expect(await changed({ ...CALM, ...over })).toBe("contract_broken");
});

const RECENT = { claimed_at: at(-5) };
const DUE = { task_class: "continuous_monitor", next_due_at: at(-5) };

/** Whoever holds what stands in the way: the command says in whose name it is run. */
const HELD: Readonly<Record<string, [RuleName, Partial<World>]>> = {
  "a blocked todo of a side agent": [
    "blockers_only",
    { entry: TEAM, asks: "main", agent: [todoLine("[P1] Deploy", { status: "blocked", claimed_by: "side", ...RECENT })] },
  ],
  "a blocker of a side agent": [
    "blockers_only",
    { entry: TEAM, asks: "main", agent: [todoLine("[P1] Deploy", { task_class: "blocker", claimed_by: "side", ...RECENT })] },
  ],
  "leased work of a side agent": [
    "agent_scope_wait",
    { entry: TEAM, asks: "main", agent: WORK, leases: [{ todo_id: "todo_aa1", holder: "side" }] },
  ],
  "a stale claim of another": [
    "advance_todo",
    { entry: TEAM, asks: "main", agent: [todoLine("[P1] Parse", { claimed_by: "side", claimed_at: at(-500) })] },
  ],
  "work that another label claims": ["advance_todo", { asks: "side", agent: [todoLine("[P1] Parse", { claimed_by: "main", ...RECENT })] }],
  "a due look that another label claims": [
    "due_monitor",
    { asks: "side", agent: [todoLine("[P1] Watch", { ...DUE, claimed_by: "main", ...RECENT })] },
  ],
  "a due look that another label leases": [
    "due_monitor",
    { asks: "side", agent: [todoLine("[P1] Watch", DUE)], leases: [{ todo_id: "todo_aa1", holder: "main" }] },
  ],
  "the work that Next Action names": ["advance_todo", { agent: WORK, next_action: "- Write the parser" }],
};

test.each(Object.entries(HELD))("%s is moved on by the command that why names", async (_name, [rule, over]) => {
  expect(await changed({ ...CALM, ...over })).toBe(rule);
});

test("an unreadable registry opens in the editor, at the fault", async () => {
  const sandbox = await settle(CALM);
  const registry = join(sandbox.project, ".loopx", "registry.json");
  const sound = readFileSync(registry, "utf8");
  writeFileSync(registry, sound.replace('\n  "goals"', '\n  ,"goals"'));
  const first = await why(sandbox, sandbox.project, undefined);
  expect(first.rule).toBe("registry_unreadable");
  const editor = join(sandbox.home, "editor");
  writeFileSync(editor, `#!/bin/sh\n[ "$1" = +4 ] && sed 4s/,// "$2" >"$2.new" && mv "$2.new" "$2"\n`, { mode: 0o755 });
  expect((await paste(sandbox, first.to_change[0].command, sandbox.outside, { EDITOR: editor })).code).toBe(0);
  expect((await why(sandbox, sandbox.project, undefined)).rule).toBe("steering_audit");
  sandbox.remove();
});

test("whatever a goal looks like, the command that why names changes its verdict", async () => {
  await fc.assert(
    fc.asyncProperty(worldArbitrary, async (world) => {
      expect(RULE_NAMES).toContain(await changed(world));
    }),
    { numRuns: 25 },
  );
});
