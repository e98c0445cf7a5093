import { describe, expect, it } from "vitest";
import { FACTS_BY_RULE, agents, finding, mapped, monitor, ranAs, spent, surface } from "../../testing/facts-by-rule.ts";
import { TEST_NOW, agentTodo, goalFacts, hoursFromNow, userTodo } from "../../testing/facts.ts";
import type { FactsOverrides } from "../../testing/facts.ts";
import { ANSWERS, RULE_NAMES } from "./answers.ts";
import { decide } from "./decide.ts";
import { RULES } from "./rules/order.ts";

describe("decide", () => {
  it("asks the rules in the order of the table", () => {
    expect(RULES.map((rule) => rule.name)).toEqual([...RULE_NAMES]);
    expect(RULE_NAMES).toHaveLength(34);
  });

  it.each(RULE_NAMES)("reaches %s and answers its row (DEC-30)", (name) => {
    const decision = decide(goalFacts(FACTS_BY_RULE[name]), TEST_NOW);
    const row = ANSWERS[name];
    expect(decision.rule).toBe(name);
    expect(decision.trace.at(-1)).toEqual({ rule: name, matched: true });
    expect(decision.decision).toBe(row.decision);
    expect(decision.state).toBe(row.state);
    expect(decision.effective_action).toBe(row.effective_action);
    expect(decision.recommended_mode).toBe(row.recommended_mode);
    expect(decision.should_run).toBe(row.work !== "none");
    expect(decision.delivery_allowed).toBe(row.work === "deliver");
    if (row.user === "yes") expect(decision.requires_user_action).toBe(true);
    if (row.user === "no") expect(decision.requires_user_action).toBe(false);
  });

  it.each([
    [
      "registry_gate waits for whom the registry names",
      { goal: { attention: { waiting_on: "controller" } } },
      { waiting_on: "controller" },
    ],
    [
      "blockers are a focus wait while the floor is tripped",
      { runs: surface, agent: [agentTodo({ task_class: "blocker" })] },
      { rule: "blockers_only", state: "focus_wait" },
    ],
    [
      "a due monitor is polled, not delivered",
      FACTS_BY_RULE.due_monitor,
      { obligation_kind: "attempt_due_monitor", spend_policy: "spend_only_for_validated_new_evidence" },
    ],
    [
      "a first map notifies although nobody must act",
      FACTS_BY_RULE.first_map,
      { notify: "NOTIFY", requires_user_action: false, spend_policy: "no_spend", obligation_kind: "run_first_read_only_map" },
    ],
    [
      "a plain skip obliges to nothing",
      FACTS_BY_RULE.monitor_quiet,
      { obligation_kind: "none", quiet: true, notify: "DONT_NOTIFY", severity: "watch" },
    ],
    ["a mapped no-op says so", FACTS_BY_RULE.mapped_noop, { obligation_kind: "quiet_noop_if_unchanged", waiting_on: "none" }],
    [
      "observing is no action for a person (DEC-37)",
      FACTS_BY_RULE.external_evidence_run,
      { severity: "watch", spend_policy: "spend_only_for_validated_new_evidence" },
    ],
  ] as const)("%s", (_name, over, expected) => {
    expect(decide(goalFacts(over as FactsOverrides), TEST_NOW)).toMatchObject(expected);
  });

  describe("gates (DEC-9)", () => {
    const two = [
      agentTodo({ metadata: { required_decision_scopes: ["direction:lane:parser"] } }),
      agentTodo({ todo_id: "todo_ag0002", text: "[P2] Other" }),
    ];
    it.each([
      ["no link stops the goal", {}, "user_gate"],
      ["a global gate stops the goal", { global_gate: true }, "user_gate"],
      ["a global gate with a link stops the goal", { global_gate: true, unblocks_todo_id: "todo_ag0001" }, "user_gate"],
      ["a link to a todo stops that todo", { unblocks_todo_id: "todo_ag0001" }, "gate_fallback"],
      ["a link to an archived todo stops nothing", { unblocks_todo_id: "todo_old001" }, "advance_todo"],
      ["a link to no todo stops the goal", { unblocks_todo_id: "todo_nowhere" }, "user_gate"],
      ["an equal scope stops its todos", { decision_scope: "direction:lane:parser" }, "gate_fallback"],
      ["a wider scope stops narrower requirements", { decision_scope: "direction:goal:*" }, "gate_fallback"],
      ["a narrower scope stops nothing wider", { decision_scope: "direction:action:parser" }, "advance_todo"],
      ["another kind stops nothing", { decision_scope: "production:lane:parser" }, "advance_todo"],
      ["an unreadable scope stops the goal", { decision_scope: "parser" }, "user_gate"],
      ["a link to an unknown agent stops the goal", { blocks_agent: "ghost" }, "user_gate"],
      ["two links stop their union", { unblocks_todo_id: "todo_ag0002", decision_scope: "direction:lane:parser" }, "gates_block_all"],
    ])("%s", (_name, metadata, rule) => {
      expect(decide(goalFacts({ user: [userTodo({ metadata })], agent: two, archived_ids: ["todo_old001"] }), TEST_NOW).rule).toBe(rule);
    });

    it("a gate on one agent stops only that agent", () => {
      const facts = (agent_id: string) =>
        goalFacts({
          goal: { coordination: agents("main", "side") },
          agent_id,
          user: [userTodo({ metadata: { blocks_agent: "side" } })],
          agent: [agentTodo()],
        });
      expect(decide(facts("side"), TEST_NOW).rule).toBe("user_gate");
      expect(decide(facts("main"), TEST_NOW)).toMatchObject({ rule: "advance_todo", requires_user_action: true, notify: "NOTIFY" });
    });

    it.each(["user_action", "continuous_monitor"] as const)("a user todo of class %s informs and never gates (D9)", (task_class) => {
      expect(decide(goalFacts({ user: [userTodo({ task_class })], agent: [agentTodo()] }), TEST_NOW).rule).toBe("advance_todo");
    });

    it("an open gate is asked for when the window is spent, and the rule stays (DEC-31)", () => {
      const decision = decide(goalFacts({ ...FACTS_BY_RULE.gate_fallback, quota: spent }), TEST_NOW);
      expect(decision).toMatchObject({ rule: "throttled", state: "throttled", waiting_on: "controller", requires_user_action: true });
      expect(decision.asks?.todo_id).toBe("todo_us0001");
    });

    it("no gate is put over a health verdict", () => {
      expect(decide(goalFacts({ runs: ranAs("blocked_by_safety"), user: [userTodo()] }), TEST_NOW)).toMatchObject({
        rule: "health_blocked",
        asks: null,
        waiting_on: "controller",
      });
    });
  });

  describe("selection (DEC-11, DEC-83, DEC-85)", () => {
    const goal = { coordination: agents("main", "side") };
    const claimed = (claimed_by: string, hours: number) => ({ claimed_by, claimed_at: hoursFromNow(-hours) });
    const pick = (over: FactsOverrides) => {
      const decision = decide(goalFacts({ goal, agent_id: "side", ...over }), TEST_NOW);
      return "selected" in decision && decision.selected !== null
        ? [decision.selected.todo.todo_id, decision.selected.selected_by]
        : decision.rule;
    };
    const a = (todo_id: string, text: string, metadata = {}) => agentTodo({ todo_id, text, metadata });

    it("prefers the own claim over a better rank", () => {
      expect(pick({ agent: [a("todo_aaa", "[P0] Free"), a("todo_bbb", "[P3] Mine", claimed("side", 0.1))] })).toEqual([
        "todo_bbb",
        "current_agent_claimed_todo",
      ]);
    });
    it("takes a stale claim last, and only then", () => {
      expect(pick({ agent: [a("todo_aaa", "[P0] Stale", claimed("main", 2)), a("todo_bbb", "[P3] Free")] })).toEqual([
        "todo_bbb",
        "unclaimed_todo",
      ]);
      expect(pick({ agent: [a("todo_aaa", "[P0] Stale", claimed("main", 2))] })).toEqual(["todo_aaa", "stale_claim_takeover"]);
    });
    it("never takes another agent's live lease", () => {
      expect(
        pick({ agent: [a("todo_aaa", "[P0] Leased")], leases: [{ todo_id: "todo_aaa", holder: "main", expires_at_ms: TEST_NOW.ms + 1 }] }),
      ).toBe("agent_scope_wait");
      expect(
        pick({ agent: [a("todo_aaa", "[P0] Leased")], leases: [{ todo_id: "todo_aaa", holder: "main", expires_at_ms: TEST_NOW.ms }] }),
      ).toEqual(["todo_aaa", "unclaimed_todo"]);
    });
    it("treats a claim by an unregistered name as void", () => {
      expect(pick({ agent: [a("todo_aaa", "[P0] Void", claimed("ghost", 0.1))] })).toEqual(["todo_aaa", "unclaimed_todo"]);
    });
    it("never hands an agent the review of its own work", () => {
      expect(pick({ agent: [a("todo_aaa", "[P0] Review", { blocks_agent: "side" })] })).toBe("agent_scope_wait");
      expect(pick({ agent: [a("todo_aaa", "[P0] Review", { blocks_agent: "side" }), a("todo_bbb", "[P2] Other")] })).toEqual([
        "todo_bbb",
        "unclaimed_todo",
      ]);
      expect(
        pick({ agent_id: "main", agent: [a("todo_bbb", "[P0] Other"), a("todo_aaa", "[P0] Review", { blocks_agent: "side" })] }),
      ).toEqual(["todo_aaa", "unclaimed_todo"]);
    });
    it("keeps the file's order among equals", () => {
      expect(pick({ agent: [a("todo_bbb", "[P1] First"), a("todo_aaa", "[P1] Second")] })).toEqual(["todo_bbb", "unclaimed_todo"]);
    });
    it("leaves a todo outside the write scope and takes the next", () => {
      expect(
        pick({
          agent: [
            a("todo_aaa", "[P0] Infra", { required_write_scopes: ["infra/**"] }),
            a("todo_bbb", "[P2] Source", { required_write_scopes: ["src/a/b.ts"] }),
          ],
        }),
      ).toEqual(["todo_bbb", "unclaimed_todo"]);
    });
    it("counts an unexpired boundary authority as granted", () => {
      const authority = (expires_at: string) => ({ scopes: ["infra/**"], source: null, decision_id: null, recorded_at: null, expires_at });
      const todos = [a("todo_aaa", "[P0] Infra", { required_write_scopes: ["infra/x"] })];
      expect(pick({ goal: { ...goal, boundary_authority: authority(hoursFromNow(1)) }, agent: todos })).toEqual([
        "todo_aaa",
        "unclaimed_todo",
      ]);
      expect(pick({ goal: { ...goal, boundary_authority: authority(hoursFromNow(-1)) }, agent: todos })).toBe("boundary_gap");
    });
  });

  describe("monitors (DEC-10)", () => {
    it.each([
      ["without a due time it is never due", {}, "monitor_quiet"],
      ["a due one is attempted", { next_due_at: hoursFromNow(-1) }, "due_monitor"],
      ["due exactly now is due", { next_due_at: hoursFromNow(0) }, "due_monitor"],
      ["an expired one is not due", { next_due_at: hoursFromNow(-1), expires_at: hoursFromNow(-0.1) }, "monitor_quiet"],
      ["a later expiry does not matter", { next_due_at: hoursFromNow(-1), expires_at: hoursFromNow(1) }, "due_monitor"],
    ])("%s", (_name, metadata, rule) => {
      expect(decide(goalFacts({ agent: [monitor(metadata)] }), TEST_NOW).rule).toBe(rule);
    });
    it("equal priority does not preempt", () => {
      const due = monitor({ next_due_at: hoursFromNow(-1) });
      expect(decide(goalFacts({ agent: [due, agentTodo({ text: "[P1] Implement y" })] }), TEST_NOW).rule).toBe("advance_todo");
    });
  });

  it("pause beats every other fact", () => {
    for (const over of Object.values(FACTS_BY_RULE)) {
      const facts = goalFacts({ ...over, quota: { state: "paused" } });
      if (facts.registry_fault === null && facts.registered) expect(decide(facts, TEST_NOW).rule).toBe("paused");
    }
  });

  it("a goal without a readable entry or state never runs", () => {
    expect(decide(goalFacts({ goal: null, registered: true }), TEST_NOW).rule).toBe("contract_broken");
    expect(decide(goalFacts({ state: null, agent: [agentTodo()] }), TEST_NOW).rule).toBe("contract_broken");
    expect(decide(goalFacts({ agent: [agentTodo()], runs: { unaccepted_bad_lines: [{ line: 7, offset: 99 }] } }), TEST_NOW).rule).toBe(
      "contract_broken",
    );
  });

  it("a warning finding stops nothing", () => {
    expect(decide(goalFacts({ agent: [agentTodo()], health: [finding("history_line_accepted", "warning")] }), TEST_NOW).rule).toBe(
      "advance_todo",
    );
  });

  it("a missing artifact is told apart from a broken contract, and hides no todo", () => {
    const facts = goalFacts({
      health: [finding("run_artifact_missing")],
      runs: { ...ranAs("state_refreshed"), status_run_artifact_missing: true },
      user: [userTodo()],
    });
    expect(decide(facts, TEST_NOW)).toMatchObject({ rule: "health_blocked", cause: "artifact_missing" });
  });

  it("a map is repeated only after a change", () => {
    const at = (record: object, updated_at: string | null) =>
      decide(goalFacts({ goal: mapped, runs: ranAs("read_only_project_map", record), state: { updated_at } }), TEST_NOW).rule;
    expect(at({ state: { sha256_16: "0123456789abcdef" } }, hoursFromNow(0))).toBe("mapped_noop");
    expect(at({ state: { sha256_16: "fedcba9876543210" } }, hoursFromNow(-24))).toBe("steering_audit");
    expect(at({}, hoursFromNow(0))).toBe("steering_audit");
    expect(at({}, null)).toBe("mapped_noop");
  });

  it("the registry can hand a gated goal to the agent", () => {
    expect(
      decide(goalFacts({ goal: { attention: { waiting_on: "codex" } }, runs: ranAs("needs_human_reward"), agent: [agentTodo()] }), TEST_NOW)
        .rule,
    ).toBe("advance_todo");
  });

  it("a tripped floor lets nobody but a free caller look for work (DEC-54)", () => {
    expect(decide(goalFacts({ runs: surface }), TEST_NOW)).toMatchObject({ rule: "outcome_floor", selected: null });
    expect(decide(goalFacts({ runs: surface, goal: { coordination: agents("main", "side") }, agent_id: "side" }), TEST_NOW).rule).toBe(
      "agent_scope_exhausted",
    );
  });
});
