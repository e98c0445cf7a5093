import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { userTodoArbitrary } from "../../testing/facts-draw.ts";
import { TEST_NOW, agentTodo, runFact } from "../../testing/facts.ts";
import { LOCALES } from "../locale/locale.ts";
import type { Moment } from "../time.ts";
import { RULE_NAMES } from "./answers.ts";
import { printedBytes, VERDICT_BUDGET_BYTES } from "./budget.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { Facts } from "./facts.ts";
import { remedyOf } from "./remedy.ts";
import { verdictOf } from "./verdict.ts";
import { explain } from "./why.ts";

const RUNS = { numRuns: 1_000 };
const drawn = factsArbitrary.map((build) => build(TEST_NOW));

/** A decision without what it looked at. */
function answer({ context: _context, ...decision }: Decision): Omit<Decision, "context"> {
  return decision;
}

describe("decide, for any facts (DEC section 10, REL-9)", () => {
  it("draws every rule that facts of a registered goal can reach, three times in a thousand at the least", () => {
    const counts = new Map<string, number>(RULE_NAMES.map((name) => [name, 0]));
    for (const facts of fc.sample(drawn, { numRuns: 8_000, seed: 7 })) {
      const { rule } = decide(facts, TEST_NOW);
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
    const rare = [...counts].filter(([, count]) => count < 24).map(([name]) => name);
    // Both are said before a goal is looked at; `decide.test.ts` has them.
    expect(rare).toEqual(["registry_unreadable", "goal_not_found"]);
  });

  it("1: gives one rule, the same each time, and a trace that ends at it", () => {
    fc.assert(
      fc.property(drawn, (facts) => {
        const decision = decide(facts, TEST_NOW);
        expect(answer(decide(structuredClone(facts), TEST_NOW))).toEqual(answer(decision));
        expect(decision.trace.map((step) => step.rule)).toEqual(RULE_NAMES.slice(0, decision.trace.length));
        expect(decision.trace.filter((step) => step.matched)).toEqual([{ rule: decision.rule, matched: true }]);
        expect(decision.trace.at(-1)?.rule).toBe(decision.rule);
      }),
      RUNS,
    );
  });

  it("1: never throws, not even on numbers and texts that no store gives", () => {
    const odd = fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300, "", "\u0000", "not an instant", "9".repeat(400));
    const facts = fc.tuple(drawn, fc.array(fc.tuple(fc.nat(), odd), { maxLength: 12 })).map(([base, spoils]) => spoiled(base, spoils));
    fc.assert(
      fc.property(facts, fc.constantFrom(...LOCALES), (given, locale) => {
        const decision = decide(given, TEST_NOW);
        expect(verdictOf(decision, given, TEST_NOW, { locale, detail: true }).rule).toBe(decision.rule);
        expect(explain(decision, given, TEST_NOW, locale).rule).toBe(decision.rule);
      }),
      RUNS,
    );
  });

  it("2: pause beats all, and is never asked about", () => {
    fc.assert(
      fc.property(drawn, (facts) => {
        const decision = decide({ ...facts, quota: { ...facts.quota, state: "paused" } }, TEST_NOW);
        expect(decision).toMatchObject({ rule: "paused", should_run: false, requires_user_action: false, waiting_on: "none" });
      }),
      RUNS,
    );
  });

  it("2: must_attempt_work implies should_run, requires_user_action implies NOTIFY, and notify moves no obligation", () => {
    fc.assert(
      fc.property(drawn, (facts) => {
        const decision = decide(facts, TEST_NOW);
        if (decision.must_attempt_work) expect(decision.should_run).toBe(true);
        if (decision.delivery_allowed) expect(decision.must_attempt_work).toBe(true);
        if (decision.requires_user_action) expect(decision.notify).toBe("NOTIFY");
        if (decision.quiet)
          expect([decision.should_run, decision.requires_user_action, decision.notify]).toEqual([false, false, "DONT_NOTIFY"]);
        if (decision.should_run) expect([0, 2]).toContain(exitCodeOf(decision, { exit_code: true }));
        // The same work is owed whether or not somebody is told of an open gate.
        const told = decide({ ...facts, todos: { ...facts.todos, user: [] } }, TEST_NOW);
        if (told.rule === decision.rule) expect(told.obligation_kind).toBe(decision.obligation_kind);
      }),
      RUNS,
    );
  });

  it("2: a gate, a blocker, a spent slot or a corrupt line never turns skip into run", () => {
    const additions: Record<string, (facts: Facts, gate: Facts["todos"]["user"][number]) => Facts> = {
      gate: (facts, gate) => ({ ...facts, todos: { ...facts.todos, user: [...facts.todos.user, { ...gate, todo_id: "todo_added" }] } }),
      blocker: (facts) => ({
        ...facts,
        todos: { ...facts.todos, agent: [...facts.todos.agent, agentTodo({ todo_id: "todo_added", task_class: "blocker" })] },
      }),
      blocked: (facts) => ({
        ...facts,
        todos: { ...facts.todos, agent: [...facts.todos.agent, agentTodo({ todo_id: "todo_added", status: "blocked" })] },
      }),
      spent: (facts) => withSpentSlot(facts),
      corrupt: (facts) => ({
        ...facts,
        runs: { ...facts.runs, unaccepted_bad_lines: [...facts.runs.unaccepted_bad_lines, { line: 99, offset: 9_999 }] },
      }),
    };
    fc.assert(
      fc.property(drawn, userTodoArbitrary, fc.constantFrom(...Object.keys(additions)), (facts, gate, kind) => {
        if (decide(facts, TEST_NOW).should_run) return;
        const after = additions[kind]?.(facts, gate) ?? facts;
        expect(decide(after, TEST_NOW).should_run).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("3: shifting all instants and now together changes nothing, and zones do not matter", () => {
    const moment: fc.Arbitrary<Moment> = fc.record({
      ms: fc.integer({ min: 0, max: 3_000_000 }).map((seconds) => TEST_NOW.ms + seconds * 1_000),
      offset_minutes: fc.constantFrom(-480, 0, 330, 480),
    });
    const words = (decision: Decision) => ({
      ...answer(decision),
      selected: undefined,
      gates: undefined,
      held: undefined,
      run: undefined,
      asks: undefined,
      todo: undefined,
      blockers: undefined,
      monitors: undefined,
    });
    fc.assert(
      fc.property(factsArbitrary, moment, (build, other) => {
        const here = decide(build(TEST_NOW), TEST_NOW);
        const there = decide(build(other), other);
        expect(words(there)).toEqual(words(here));
        expect(there.context.work.pick?.todo.todo_id).toBe(here.context.work.pick?.todo.todo_id);
      }),
      RUNS,
    );
  });

  it("6: two agents never both hold one todo", () => {
    fc.assert(
      fc.property(drawn, (facts) => {
        const owned = (facts.goal?.coordination.registered_agents ?? []).flatMap((agent_id) => {
          const decision = decide({ ...facts, agent_id }, TEST_NOW);
          const selected = "selected" in decision ? decision.selected : null;
          return selected?.selected_by === "current_agent_claimed_todo" ? [selected.todo.todo_id] : [];
        });
        expect(new Set(owned).size).toBe(owned.length);
      }),
      RUNS,
    );
  });

  it("7: an explicit grade beats the name", () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom("forecast_c", "runbook_b", "experiment_result"), (facts, classification) => {
        const progress = runFact({ classification, record: { delivery_outcome: "outcome_progress" } });
        expect(
          decide({ ...facts, runs: { ...facts.runs, graded: [progress, ...facts.runs.graded] } }, TEST_NOW).context.streaks.floor_tripped,
        ).toBe(false);
      }),
      RUNS,
    );
  });

  it("8: the command of `why` changes the verdict, or names another todo", () => {
    fc.assert(
      fc.property(drawn, (facts) => {
        const decision = decide(facts, TEST_NOW);
        const remedy = remedyOf(decision, facts, TEST_NOW, "en");
        expect(remedy.command).not.toMatch(/undefined|null|NaN/);
        if (remedy.after === null) return expect(remedy.expects).toBeDefined();
        const next = decide(remedy.after, TEST_NOW);
        const change = `${next.rule} ${remedyOf(next, remedy.after, TEST_NOW, "en").command}`;
        expect(change).not.toBe(`${decision.rule} ${remedy.command}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it("11: an ordinary verdict prints within 4,096 bytes, in both languages, with what the output layer adds", () => {
    const registry = fc.constantFrom(null, `/srv/dev/${"project-".repeat(11)}/.loopx/registry.json`);
    const far = fc.record({
      cli_bin: fc.constant("loopx"),
      registry,
      runtime_root: fc.constantFrom(null, "/srv/somewhere else/runtime root"),
    });
    fc.assert(
      fc.property(drawn, far, fc.constantFrom(...LOCALES), (near, invocation, locale) => {
        const facts = { ...near, invocation };
        const verdict = verdictOf(decide(facts, TEST_NOW), facts, TEST_NOW, { locale, reserve_bytes: 320 });
        expect(printedBytes(verdict)).toBe(new TextEncoder().encode(`${JSON.stringify(verdict, null, 2)}\n`).length);
        expect(printedBytes(verdict)).toBeLessThanOrEqual(VERDICT_BUDGET_BYTES - 320);
      }),
      RUNS,
    );
  });

  it("14: a reward or a lesson changes only `warnings`", () => {
    const lesson = { kind: "route", summary: "s", avoid: ["implement the parser", "first"], prefer: ["test"] };
    const judged = [
      runFact({ rewards: [{ recorded_at: "2026-11-21T09:00:00+08:00", decision: "d", reward: "negative", reason_summary: "r", lesson }] }),
    ];
    fc.assert(
      fc.property(drawn, (facts) => {
        const rewarded: Facts = { ...facts, runs: { ...facts.runs, judged } };
        const words = (given: Facts) => ({
          ...verdictOf(decide(given, TEST_NOW), given, TEST_NOW, { locale: "en", reserve_bytes: -9_000 }),
          warnings: [],
        });
        expect(words(rewarded)).toEqual(words(facts));
      }),
      RUNS,
    );
  });
});

function withSpentSlot(facts: Facts): Facts {
  const { quota } = facts;
  const spent = quota.spent_slots + 1;
  const state = quota.state === "paused" ? "paused" : spent >= quota.allowed_slots ? "throttled" : "eligible";
  return { ...facts, quota: { ...quota, spent_slots: spent, remaining_slots: Math.max(0, quota.allowed_slots - spent), state } };
}

/** Fields whose texts are closed sets; the door refuses any other. */
const CLOSED = new Set(["role", "status", "task_class", "priority", "severity", "state", "waiting_on", "workspace"]);

/** The facts with some of their strings and numbers replaced by values of the same type that mean nothing. */
function spoiled(facts: Facts, spoils: readonly (readonly [number, unknown])[]): Facts {
  const copy = structuredClone(facts);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const [key, each] of Object.entries(holder)) {
      if (CLOSED.has(key)) continue;
      if (typeof each === "string" || typeof each === "number") places.push({ holder, key });
      else walk(each);
    }
  };
  walk(copy);
  for (const [at, value] of spoils) {
    const place = places[at % places.length];
    if (place !== undefined && typeof place.holder[place.key] === typeof value) place.holder[place.key] = value;
  }
  return copy;
}
