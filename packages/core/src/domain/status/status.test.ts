import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FACTS_BY_RULE, agents, finding, mapped, ranAs } from "../../testing/facts-by-rule.ts";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { TEST_NOW, agentTodo, goalFacts, runFact, userTodo } from "../../testing/facts.ts";
import type { FactsOverrides } from "../../testing/facts.ts";
import type { GlobalFinding } from "../goal/global-findings.ts";
import { LOCALES } from "../locale/locale.ts";
import { RULE_NAMES } from "../quota/answers.ts";
import { printedBytes } from "../quota/budget.ts";
import { decide } from "../quota/decide.ts";
import { verdictOf } from "../quota/verdict.ts";
import { attentionFacts, attentionItem, attentionQueue, itemOf, needsAttention } from "./attention.ts";
import type { AttentionItem } from "../payload/attention.ts";
import { contractItem, withGlobalFindings } from "./global-finding.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { quotaPlan } from "./quota-plan.ts";
import { sourceOf } from "./source.ts";

const item = (over: FactsOverrides) => attentionItem(goalFacts(over), TEST_NOW, { locale: "en" });
const shown = (over: FactsOverrides): AttentionItem => {
  const found = item(over);
  if (found === null) throw new Error("no item");
  return found;
};

describe("attention items (DEC-70)", () => {
  it("10: say what the decision says, for any facts", () => {
    fc.assert(
      fc.property(factsArbitrary, fc.constantFrom(...LOCALES), (build, locale) => {
        const facts = attentionFacts(build(TEST_NOW));
        const decision = decide(facts, TEST_NOW);
        const found = attentionItem(facts, TEST_NOW, { locale });
        expect(found !== null).toBe(needsAttention(decision));
        if (found === null) return;
        const verdict = verdictOf(decision, facts, TEST_NOW, { locale, detail: true });
        const {
          rule,
          state,
          status,
          waiting_on,
          severity,
          recommended_action,
          should_run,
          requires_user_action,
          quota,
          lifecycle_phase,
          source,
        } = verdict;
        expect(found).toMatchObject({
          rule,
          state,
          status,
          waiting_on,
          severity,
          recommended_action,
          should_run,
          requires_user_action,
          quota,
          lifecycle_phase,
          source,
        });
        expect(found.handoff_readiness).toEqual(verdict.handoff_readiness);
        expect(found.handoff_delivery_contract).toEqual(verdict.handoff_delivery_contract);
        const { user_todos, agent_todos, execution_profile } = verdict;
        expect(found.project_asset).toMatchObject({
          owner: waiting_on,
          next_action: recommended_action,
          user_todos,
          agent_todos,
          execution_profile,
          quota,
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it("nobody needs to look at a goal that waits for nobody", () => {
    expect(item({ goal: mapped, runs: ranAs("read_only_project_map") })).toBeNull();
    expect(item(FACTS_BY_RULE.paused)).toBeNull();
    expect(item(FACTS_BY_RULE.throttled)).toBeNull();
    expect(item({ ...FACTS_BY_RULE.throttled, user: [userTodo()] })).not.toBeNull();
  });

  it("is the primary's decision, wherever that agent stands, with each agent's own beside", () => {
    const found = shown({
      goal: { coordination: agents("main", "side") },
      agent_id: null,
      workspace: "primary_checkout",
      agent: [agentTodo({ metadata: { claimed_by: "main" } })],
    });
    expect(found.rule).toBe("advance_todo");
    expect(found.agents).toEqual([
      { agent_id: "main", rule: "advance_todo", should_run: true },
      { agent_id: "side", rule: "agent_scope_wait", should_run: false },
    ]);
  });

  it("shows a wanted agent's view only where that agent is registered", () => {
    const facts = goalFacts({ goal: { coordination: agents("main", "side") }, agent: [agentTodo({ metadata: { claimed_by: "main" } })] });
    expect(attentionItem(facts, TEST_NOW, { locale: "en", agent_id: "side" })?.rule).toBe("agent_scope_wait");
    expect(attentionItem(facts, TEST_NOW, { locale: "en", agent_id: "stranger" })?.rule).toBe("advance_todo");
  });

  it.each([
    ["user_gate", "user_todo"],
    ["registry_gate", "registry"],
    ["map_opt_in", "read_only_map_opt_in"],
    ["run_gate", "operator_gate"],
    ["adapter_not_connected", "adapter"],
    ["health_blocked", "health"],
    ["contract_broken", "health"],
    ["advance_todo", "none"],
  ] as const)("%s is the gate %s (DEC-73)", (rule, gate) => {
    expect(shown(FACTS_BY_RULE[rule]).project_asset?.gate).toBe(gate);
  });

  it.each(LOCALES)("a fresh goal's item stays within 2.5 kB, in %s", (locale) => {
    const text = "[P1] Inspect the goal document GOAL.md and write the first bounded plan into this file";
    const zh = "[P1] 阅读目标文档 GOAL.md，并把第一个有界计划写入本文件";
    const fresh = (at: number): FactsOverrides =>
      at % 2 === 0
        ? {
            goal_id: `project-number-${String(at)}-goal`,
            agent: [agentTodo({ todo_id: "todo_0123456789ab", text: locale === "zh" ? zh : text })],
          }
        : { goal_id: `project-number-${String(at)}-goal`, goal: mapped };
    const items = Array.from({ length: 10 }, (_, at) => attentionItem(goalFacts(fresh(at)), TEST_NOW, { locale })).filter(
      (one) => one !== null,
    );
    const payload = { attention_queue: attentionQueue(items) };
    expect(items).toHaveLength(10);
    // 2.5 kB less what `run_history` says of a goal without runs.
    expect(printedBytes(payload)).toBeLessThanOrEqual(400 + 10 * 2_400);
  });
});

describe("the queue (DEC-71)", () => {
  const named = (goal_id: string, over: FactsOverrides) => shown({ ...over, goal_id });
  const items = [
    named("a", FACTS_BY_RULE.monitor_quiet),
    named("b", FACTS_BY_RULE.advance_todo),
    named("c", FACTS_BY_RULE.contract_broken),
    named("d", FACTS_BY_RULE.run_gate),
    named("e", FACTS_BY_RULE.external_evidence_run),
    named("f", FACTS_BY_RULE.health_blocked),
  ];

  it("puts the contract first, then high, action, watch, inside in registry order", () => {
    const contract = contractItem([finding("boundary_hit")]);
    const queue = attentionQueue(contract === null ? [] : [...items, contract]);
    expect(queue.items.map((one) => one.goal_id)).toEqual(["loopx-contract", "c", "f", "b", "d", "a", "e"]);
    expect(queue).toMatchObject({
      available: true,
      item_count: 7,
      needs_user_or_controller: 4,
      needs_controller: 3,
      needs_codex: 1,
      watching_external_evidence: 1,
      watching_monitor: 1,
    });
  });

  it("has no contract item without a finding", () => {
    expect(contractItem([])).toBeNull();
  });

  it("names what each verdict rests on", () => {
    const bySource = new Map(
      [...new Set(RULE_NAMES.map(sourceOf))].map((source) => [source, RULE_NAMES.filter((name) => sourceOf(name) === source)]),
    );
    expect(bySource.get("contract")).toEqual(["contract_broken"]);
    expect(bySource.get("run_history")).toEqual(["health_blocked", "first_map"]);
    expect(bySource.get("registry")).toEqual(["registry_gate", "map_opt_in", "adapter_not_connected", "external_evidence_registered"]);
    expect(bySource.get("latest_run")).toEqual(["run_gate", "approved_command", "external_evidence_run", "mapped_noop", "steering_audit"]);
  });

  it("hangs a global finding on the live goal it names, and shows the others by themselves (DEC-74)", () => {
    const global = (kind: GlobalFinding["kind"], severity: GlobalFinding["severity"], goal_id: string): GlobalFinding => ({
      kind,
      severity,
      goal_id,
      message: kind,
      recommended_action: "loopx sync-global",
    });
    const all = withGlobalFindings(items, [
      global("stale_source_registry", "action", "b"),
      global("source_entry_missing", "action", "gone"),
      global("current_registry_scope_excludes_global_goals", "info", "gone"),
    ]);
    expect(all.find((one) => one.goal_id === "b")?.global_findings).toEqual([
      { kind: "stale_source_registry", severity: "action", message: "stale_source_registry" },
    ]);
    expect(all.slice(items.length)).toMatchObject([
      { goal_id: "gone", status: "source_entry_missing", waiting_on: "controller", severity: "action", project_asset: null },
    ]);
    expect(all.find((one) => one.goal_id === "b")?.rule).toBe("advance_todo");
  });
});

describe("the lifecycle (DEC-72)", () => {
  it.each([
    ["nothing but an entry", { adapter: { kind: "x", status: "odd" } }, null, "registered"],
    ["a connected adapter", {}, null, "connected"],
    ["a planned one", { adapter: { kind: "x", status: "planned" } }, null, "planned"],
    ["a refresh", {}, runFact(), "refreshed"],
    ["a map", {}, runFact({ classification: "read_only_project_map" }), "mapped"],
    ["an adapter's fields", {}, runFact({ classification: "parser", record: { cache_check: "ok" } }), "adapter_inspected"],
    ["a rejected gate", {}, runFact({ classification: "operator_gate_rejected" }), "operator_gated"],
    [
      "missing controller gates",
      {},
      runFact({ classification: "x", record: { controller_readiness: { missing_gates: ["g"] } } }),
      "controller_gated",
    ],
    ["an approval", {}, runFact({ classification: "operator_gate_approved" }), "operator_approved"],
    [
      "a judged run",
      {},
      runFact({ rewards: [{ recorded_at: "2026-11-21T09:00:00+08:00", decision: "d", reward: "mixed", reason_summary: "r" }] }),
      "reward_judged",
    ],
    ["a ready controller", {}, runFact({ classification: "controller_opted_in_waiting_for_run" }), "controller_ready"],
    ["any other run", {}, runFact({ classification: "parser_batch" }), "run_recorded"],
  ] as const)("%s", (_name, goal, run, phase) => {
    const entry = goalFacts({ goal }).goal;
    const lifecycle = lifecycleOf(entry, run);
    expect(lifecycle.phase).toBe(phase);
    expect(lifecycle.flags).toContain(phase);
  });
});

describe("quota status (CMD-82, DEC-24)", () => {
  const decided = (goal_id: string, over: FactsOverrides) => decide(goalFacts({ ...over, goal_id }), TEST_NOW);

  it("groups every goal by the state of its decision and finds the next turn", () => {
    const decisions = [
      decided("run-late", { ...FACTS_BY_RULE.advance_todo, quota: { spent_slots: 5 } }),
      decided("run-b", FACTS_BY_RULE.advance_todo),
      decided("run-a", FACTS_BY_RULE.advance_todo),
      decided("half", { ...FACTS_BY_RULE.advance_todo, quota: { compute: 0.5 } }),
      decided("gate", FACTS_BY_RULE.user_gate),
      decided("broken", FACTS_BY_RULE.contract_broken),
      decided("paused", FACTS_BY_RULE.paused),
      decided("spent", FACTS_BY_RULE.throttled),
      decided("floor", FACTS_BY_RULE.outcome_floor_unavailable),
      decided("wait", FACTS_BY_RULE.external_evidence_run),
    ];
    const plan = quotaPlan(decisions, "en", 5);
    const groups = Object.entries(plan.groups).map(([state, items]) => [state, items.map((one) => one.goal_id)]);
    expect(groups).toEqual([
      ["blocked_health", ["broken"]],
      ["operator_gate", ["gate"]],
      ["focus_wait", ["floor"]],
      ["eligible", ["run-a", "run-b", "run-late", "half"]],
      ["waiting", ["wait"]],
      ["throttled", ["spent"]],
      ["paused", ["paused"]],
      ["unknown", []],
    ]);
    expect(plan.summary).toMatchObject({
      registered_goals: 10,
      health_blockers: 1,
      next_automatic_turn: "run-a",
      states: { eligible: 4, unknown: 0 },
    });
    expect(plan.health_items.map((one) => one.goal_id)).toEqual(["broken"]);
  });

  it("cuts the groups and not the counts", () => {
    const plan = quotaPlan(
      ["a", "b", "c"].map((id) => decided(id, FACTS_BY_RULE.advance_todo)),
      "en",
      1,
    );
    expect(plan.groups.eligible).toHaveLength(1);
    expect(plan.summary.states.eligible).toBe(3);
  });

  it("13: one goal's item does not depend on the others", () => {
    const alone = quotaPlan([decided("a", FACTS_BY_RULE.advance_todo)], "en", 5).groups.eligible[0];
    const among = quotaPlan([decided("z", FACTS_BY_RULE.contract_broken), decided("a", FACTS_BY_RULE.advance_todo)], "en", 5).groups
      .eligible[0];
    expect(among).toEqual(alone);
  });
});

it("an item of every rule can be built in both languages", () => {
  for (const name of RULE_NAMES)
    for (const locale of LOCALES) expect(itemOf(decide(goalFacts(FACTS_BY_RULE[name]), TEST_NOW), TEST_NOW, locale).rule).toBe(name);
});
