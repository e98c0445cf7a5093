import { describe, expect, it } from "vitest";
import { FACTS_BY_RULE, agents, finding, monitor, ranAs, surface } from "../../testing/facts-by-rule.ts";
import { TEST_NOW, agentTodo, goalFacts, hoursFromNow, userTodo } from "../../testing/facts.ts";
import type { FactsOverrides } from "../../testing/facts.ts";
import { RULE_NAMES } from "./answers.ts";
import type { RuleName } from "./answers.ts";
import { decide } from "./decide.ts";
import { explain } from "./why.ts";

function why(over: FactsOverrides, locale: "en" | "zh" = "en") {
  const facts = goalFacts(over);
  return explain(decide(facts, TEST_NOW), facts, TEST_NOW, locale);
}
function change(over: FactsOverrides) {
  const [first] = why(over).to_change;
  if (first === undefined) throw new Error("nothing to change");
  return first;
}

const G = "--goal-id project-goal";
const DELIVERY = "--delivery-outcome primary_goal_outcome --delivery-batch-scale implementation";

/** DEC-40, row by row: who, and which command. */
const COMMANDS: Readonly<Record<RuleName, readonly [string, string]>> = {
  registry_unreadable: ["user", '"${EDITOR:-vi}" /srv/project/.loopx/registry.json'],
  goal_not_found: ["user", `loopx connect --project . ${G}`],
  paused: ["user", `loopx configure-goal ${G} --quota-compute 1 --execute`],
  agent_not_registered: ["controller", `loopx register-agent ${G} --agent-id ghost --execute`],
  contract_broken: ["user", `loopx connect --project /srv/project ${G}`],
  boundary_scan_hit: ["user", '"${EDITOR:-vi}" /srv/project/.loopx/registry.json'],
  health_blocked: ["controller", `loopx operator-gate ${G} --gate safety --decision approve --reason-summary "<why>"`],
  identity_required: ["user", `loopx should-run ${G} --agent-id main`],
  user_gate: ["user", `loopx todo complete ${G} --todo-id todo_us0001 --evidence "<answer>"`],
  registry_gate: ["controller", `loopx configure-goal ${G} --clear-waiting-on --execute`],
  map_opt_in: ["user", `loopx operator-gate ${G} --gate read_only_map_opt_in --decision approve --reason-summary "<why>"`],
  run_gate: ["user", `loopx operator-gate ${G} --gate operator_gate_deferred --decision approve --reason-summary "<why>"`],
  adapter_not_connected: ["controller", `loopx configure-goal ${G} --adapter-status connected --execute`],
  throttled: ["controller", `loopx configure-goal ${G} --quota-allowed-slots 3 --execute`],
  workspace_guard: ["codex", "git -C /srv/project worktree add /srv/project-side -b side && cd /srv/project-side"],
  external_evidence_registered: ["controller", `loopx configure-goal ${G} --clear-waiting-on --execute`],
  approved_command: ["codex", `loopx refresh-state ${G}`],
  first_map: ["codex", `loopx read-only-map ${G}`],
  outcome_floor: ["codex", `loopx refresh-state ${G} ${DELIVERY} --artifact "<path>" --validation "<check>"`],
  outcome_floor_unavailable: ["codex", `loopx refresh-state ${G} ${DELIVERY} --artifact "<path>" --validation "<check>"`],
  due_monitor: ["codex", `loopx quota monitor-poll ${G} --todo-id todo_mon001 --next-due-at 2026-11-22T10:00:00+08:00 --execute`],
  gates_block_all: ["user", `loopx todo complete ${G} --todo-id todo_us0001 --evidence "<answer>"`],
  agent_scope_wait: ["main", `loopx todo update ${G} --todo-id todo_ag0001 --clear-claim`],
  boundary_gap: [
    "controller",
    `loopx configure-goal ${G} --write-scope 'src/**' --write-scope 'docs/**' --write-scope 'infra/**' --execute`,
  ],
  gate_fallback: ["user", `loopx todo complete ${G} --todo-id todo_us0001 --evidence "<answer>"`],
  advance_todo: ["codex", `loopx todo complete ${G} --todo-id todo_ag0001 --evidence "<what was done>"`],
  external_evidence_run: ["codex", `loopx refresh-state ${G}`],
  blockers_only: ["user", `loopx todo complete ${G} --todo-id todo_ag0001 --evidence "<answer>"`],
  monitor_quiet: ["user", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
  agent_scope_exhausted: ["user", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
  projection_gap: ["codex", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
  mapped_noop: ["user", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
  steering_audit: ["codex", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
  nothing_to_do: ["user", `loopx todo add ${G} --role agent --text "<next bounded step>"`],
};

describe("why (DEC-40)", () => {
  it.each(RULE_NAMES)("%s: one actor, one command, another verdict after it", (name) => {
    const explained = why(FACTS_BY_RULE[name]);
    expect(explained.rule).toBe(name);
    expect(explained.trace.at(-1)).toMatchObject({ rule: name, matched: true });
    expect(explained.trace.filter((step) => step.matched)).toHaveLength(1);
    const [only, ...others] = explained.to_change;
    expect(others).toEqual([]);
    expect([only?.actor, only?.command]).toEqual(COMMANDS[name]);
    expect(only?.verdict).not.toBe(name);
  });

  it("names the facts each rule looked at", () => {
    expect(why(FACTS_BY_RULE.throttled).trace.at(-1)?.facts).toEqual({ quota_state: "throttled", spent_slots: 2, allowed_slots: 2 });
  });

  it("names the registry and runtime root in use, quoted", () => {
    const invocation = { cli_bin: "loopx", registry: "/srv/o'hara/registry.json", runtime_root: "/srv/rt" };
    expect(change({ agent: [agentTodo()], invocation }).command).toBe(
      `loopx --registry '/srv/o'\\''hara/registry.json' --runtime-root /srv/rt todo complete ${G} --todo-id todo_ag0001 --evidence "<what was done>"`,
    );
  });

  it("speaks Chinese in its placeholders only", () => {
    expect(why({ agent: [agentTodo()] }, "zh").to_change[0]?.command).toBe(
      `loopx todo complete ${G} --todo-id todo_ag0001 --evidence "<完成了什么>"`,
    );
  });
});

describe("what depends on the case", () => {
  const team = { coordination: agents("main", "side") };
  it.each<[string, FactsOverrides, string, string]>([
    [
      "a paused status needs only the status",
      { goal: { status: "Paused" }, quota: { state: "paused" } },
      "user",
      `loopx configure-goal ${G} --status active --execute`,
    ],
    [
      "a missing registry is connected",
      { goal: null, registry_fault: finding("registry_missing") },
      "user",
      `loopx connect --project . ${G}`,
    ],
    [
      "a bad line opens at its place",
      { goal: null, registry_fault: { ...finding("registry_invalid"), file: "/srv/my reg.json", line: 7 } },
      "user",
      `"\${EDITOR:-vi}" +7 '/srv/my reg.json'`,
    ],
    [
      "a missing artifact is refreshed",
      { runs: { ...ranAs("parser"), status_run_artifact_missing: true } },
      "controller",
      `loopx refresh-state ${G}`,
    ],
    [
      "and by the primary, for a lane moves nothing",
      { goal: team, agent_id: "side", runs: { ...ranAs("parser"), status_run_artifact_missing: true } },
      "controller",
      `loopx refresh-state ${G} --agent-id main`,
    ],
    [
      "a run gate is named as recorded",
      { runs: ranAs("operator_gate_rejected", { operator_gate: { gate: "publish" } }) },
      "user",
      `loopx operator-gate ${G} --gate publish --decision approve --reason-summary "<why>"`,
    ],
    [
      "a monitor with a cadence needs no time",
      { agent: [monitor({ next_due_at: hoursFromNow(-1), cadence: "2h" })] },
      "codex",
      `loopx quota monitor-poll ${G} --todo-id todo_mon001 --execute`,
    ],
    [
      "a review of the caller's work is completed by its claimant",
      { goal: team, agent_id: "side", agent: [agentTodo({ metadata: { blocks_agent: "side", claimed_by: "main" } })] },
      "main",
      `loopx todo complete ${G} --todo-id todo_ag0001 --claimed-by main --evidence "<review>"`,
    ],
    [
      "leased work ends with its holder",
      {
        goal: team,
        agent_id: "side",
        agent: [agentTodo()],
        leases: [{ todo_id: "todo_ag0001", holder: "main", expires_at_ms: TEST_NOW.ms + 60_000 }],
      },
      "main",
      `loopx todo complete ${G} --todo-id todo_ag0001 --claimed-by main --evidence "<review>"`,
    ],
    [
      "a side agent hands on a review",
      { goal: team, agent_id: "side", agent: [agentTodo()] },
      "codex",
      `loopx todo complete ${G} --todo-id todo_ag0001 --claimed-by side --evidence "<what was done>" --next-agent-todo "<review>"`,
    ],
    [
      "and names the reviewer where a completion has no default one",
      {
        goal: { coordination: { ...agents("ghost", "side", "third"), registered_agents: ["side", "third"] } },
        agent_id: "side",
        agent: [agentTodo()],
      },
      "codex",
      `loopx todo complete ${G} --todo-id todo_ag0001 --claimed-by side --evidence "<what was done>" --next-agent-todo "<review>" --next-claimed-by third`,
    ],
    [
      "a label that no command takes is left out",
      { agent_id: "Bad Id!!", runs: ranAs("await_numbers") },
      "codex",
      `loopx refresh-state ${G}`,
    ],
    [
      "a blocked todo is reopened",
      { agent: [agentTodo({ status: "blocked" })] },
      "user",
      `loopx todo update ${G} --todo-id todo_ag0001 --status open`,
    ],
    [
      "without a primary only a person ends the floor",
      { goal: { coordination: { ...agents("main"), primary_agent: null } }, agent_id: "main", runs: surface, agent: [agentTodo()] },
      "user",
      `loopx operator-gate ${G} --gate outcome_floor --decision approve --reason-summary "<why>"`,
    ],
    [
      "the first gate by rank is answered first",
      { user: [userTodo({ text: "[P2] Later", todo_id: "todo_later" }), userTodo({ text: "[P0] First", todo_id: "todo_first" })] },
      "user",
      `loopx todo complete ${G} --todo-id todo_first --evidence "<answer>"`,
    ],
  ])("%s", (_name, over, actor, command) => {
    expect(change(over)).toMatchObject({ actor, command });
  });
});

describe("a broken contract is repaired by its kind (DEC-41, DEC-42)", () => {
  const connect = `loopx connect --project /srv/project ${G}`;
  it.each([
    ["state_file_missing", connect],
    ["goal_field_missing", `${connect} --force`],
    ["state_file_shared", "loopx disconnect --goal-id other --execute"],
    ["goal_id_duplicate", `loopx disconnect ${G} --execute`],
    ["goal_id_case_collision", `loopx disconnect ${G} --execute`],
    ["goal_entry_invalid", `loopx disconnect ${G} --execute`],
    ["repo_missing", `loopx disconnect ${G} --execute`],
    ["waiting_on_unknown", `loopx configure-goal ${G} --clear-waiting-on --execute`],
    ["history_unreadable", `loopx archive-runtime ${G} --allow-registered --execute`],
  ])("%s", (code, command) => {
    const goal_ids = ["project-goal", "other"];
    expect(change({ health: [{ ...finding(code), goal_ids }] })).toMatchObject({ actor: "user", command });
  });

  it.each(["state_file_unreadable", "too_large", "not_a_regular_file"])(
    "%s: the file is moved aside, never written over (REL-42)",
    (code) => {
      const command = `mv -n '/srv/a b.md' '/srv/a b.md.unreadable' && ${connect}`;
      expect(change({ health: [{ ...finding(code), file: "/srv/a b.md" }] })).toMatchObject({ actor: "user", command });
    },
  );

  it("a link at the usual place is moved aside; another place is rewritten", () => {
    const file = "/srv/project/.codex/goals/project-goal/ACTIVE_GOAL_STATE.md";
    const over = { health: [{ ...finding("path_outside_root"), file }] };
    expect(change({ ...over, goal: { state_file: ".codex/goals/project-goal/ACTIVE_GOAL_STATE.md" } })).toMatchObject({
      command: `mv -n ${file} ${file}.unreadable && ${connect}`,
    });
    expect(change({ ...over, goal: { state_file: "../out.md" } })).toMatchObject({ command: `${connect} --force` });
  });

  it("a bad history line is accepted by a person", () => {
    const over = { runs: { unaccepted_bad_lines: [{ line: 7, offset: 120 }] }, agent: [agentTodo()] };
    expect(change(over)).toEqual({
      actor: "user",
      verdict: "advance_todo",
      next_todo: { todo_id: "todo_ag0001", text: "[P1] Implement the parser" },
      command: `loopx operator-gate ${G} --gate history_line_bad --decision approve --reason-summary "<why>"`,
    });
  });
});
