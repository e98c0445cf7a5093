/**
 * Arbitrary facts for property tests. A goal drawn field by field is nearly always gated, throttled or unwell, so half the
 * moods take those away: each brings a family of rules about that else would hardly ever answer.
 */
import fc from "fast-check";
import type { Facts } from "../domain/quota/facts.ts";
import { formatInstant, type Moment } from "../domain/time.ts";
import { drawArbitrary, runAt, type Draw } from "./facts-draw.ts";
import { agentTodo, goalFacts, userTodo } from "./facts.ts";

/** Builds the drawn facts as they are at that moment. */
export type FactsAt = (now: Moment) => Facts;

const WORKING = { kind: "generic_project_goal_v0", status: "connected-delivery" } as const;

/** Nothing but the goal's todos and what is in its state has a say. */
function calm(draw: Draw): Draw {
  const [first = null] = draw.goal.agents;
  const agent_id = draw.goal.agents.find((id) => id === draw.agent_id) ?? first;
  return {
    ...draw,
    goal: { ...draw.goal, waiting_on: null, adapter: WORKING },
    agent_id,
    quota: { allowed: 1440, spent: 1, paused: false },
    runs: draw.runs.slice(3),
    artifactMissing: false,
    health: null,
    badLine: false,
    scan: 0,
    workspace: null,
  };
}

/** Open work, and questions that name some of it. */
function gated(draw: Draw): Draw {
  const work = [agentTodo({ todo_id: "todo_aa1", text: "[P1] Gated" }), agentTodo({ todo_id: "todo_aa2", text: "[P2] Free" })];
  const gate = userTodo({ task_class: "user_gate", metadata: { unblocks_todo_id: "todo_aa1" } });
  const count = draw.next_action.length === 0 ? 2 : 1;
  return { ...calm(draw), agentTodos: () => work.slice(0, count), user: [gate], leases: [] };
}

/** Three runs in a row that moved no outcome. */
function surface(draw: Draw): Draw {
  return { ...calm(draw), user: [], runs: ["forecast_c", "runbook_b", "queue_fields_a"].map((name, at) => runAt(name, at + 1)) };
}

/** Mapped, or about to be: no todo and nobody registered. */
function mapping(draw: Draw): Draw {
  const goal: Draw["goal"] = { ...draw.goal, waiting_on: null, agents: [] };
  return { ...calm(draw), goal: { ...goal, adapter: draw.goal.adapter }, agent_id: null, agentTodos: () => [], next_action: [], runs: [] };
}

/** Mapped once, with or without a change of the state since. */
function mapped(draw: Draw): Draw {
  return { ...mapping(draw), runs: [runAt("read_only_project_map", 60, draw.badLine ? {} : { state: { sha256_16: "0123456789abcdef" } })] };
}

/** Nothing to do but watch. */
function watching(draw: Draw): Draw {
  const watched = (now: Moment) => draw.agentTodos(now).map((todo) => ({ ...todo, task_class: "continuous_monitor" as const }));
  return { ...calm(draw), agentTodos: watched, user: draw.user.slice(1), runs: [] };
}

/** A side agent among others, wherever it stands. */
function sided(draw: Draw): Draw {
  const goal: Draw["goal"] = { ...draw.goal, agents: ["main", "side", "third"] };
  return {
    ...calm({ ...draw, goal }),
    agent_id: draw.agent_id === "third" ? "third" : "side",
    workspace: draw.workspace,
    user: draw.user.slice(1),
  };
}

const MOODS = { drawn: (draw: Draw) => draw, calm, gated, surface, mapping, mapped, watching, sided };
type Mood = keyof typeof MOODS;

/** Facts of any goal that a store could give, every rule of the verdict among them. */
export const factsArbitrary: fc.Arbitrary<FactsAt> = fc
  .tuple(
    fc.constantFrom<Mood[]>(
      "drawn",
      "drawn",
      "drawn",
      "drawn",
      "calm",
      "calm",
      "gated",
      "surface",
      "mapping",
      "mapped",
      "watching",
      "sided",
    ),
    drawArbitrary,
  )
  .map(
    ([mood, draw]) =>
      (now: Moment) =>
        factsOf(MOODS[mood](draw), now),
  );

function factsOf(draw: Draw, now: Moment): Facts {
  const { goal, quota } = draw;
  const runs = draw.runs.map((run) => run(now)).toSorted((a, b) => (b.at_ms ?? 0) - (a.at_ms ?? 0));
  const state = quota.paused ? "paused" : quota.spent >= quota.allowed ? "throttled" : "eligible";
  const facts = goalFacts({
    agent_id: draw.agent_id,
    workspace: draw.workspace,
    goal: {
      status: goal.status,
      adapter: goal.adapter,
      attention: { waiting_on: goal.waiting_on as "codex" | null },
      coordination: { registered_agents: [...goal.agents], primary_agent: goal.primary, write_scope: goal.write_scope },
    },
    agent: draw.agentTodos(now),
    user: draw.user.map((todo, at) => ({ ...todo, todo_id: `todo_us${String(at + 1)}` })),
    archived_ids: ["todo_old"],
    health:
      draw.health === null
        ? []
        : [{ code: draw.health, severity: "error", message: `${draw.health} in the registry`, goal_ids: ["project-goal", "other"] }],
    scan: Array.from({ length: draw.scan }, (_, at) => ({
      code: "boundary_hit",
      severity: "error" as const,
      message: `public/a.md:${String(at + 1)}: credential`,
      file: "public/a.md",
      line: at + 1,
    })),
    quota: {
      compute: quota.paused ? 0 : 1,
      allowed_slots: quota.allowed,
      spent_slots: quota.spent,
      remaining_slots: Math.max(0, quota.allowed - quota.spent),
      state,
      next_slot_at_ms: quota.spent > 0 ? now.ms + 60_000 : null,
    },
    runs: {
      status_run: runs[0] ?? null,
      status_run_artifact_missing: runs.length > 0 && draw.artifactMissing,
      graded: runs.filter((run) => !/^(operator_|needs_|await_|blocked_|state_|read_)/.test(run.classification)),
      unaccepted_bad_lines: draw.badLine ? [{ line: 7, offset: 120 }] : [],
      run_count: runs.length,
    },
    state: {
      next_action: [...draw.next_action],
      updated_at: formatInstant({ ms: now.ms + draw.updated * 60_000, offset_minutes: now.offset_minutes }, "seconds"),
    },
    leases: draw.leases.map(({ minutes, ...lease }) => ({ ...lease, expires_at_ms: now.ms + minutes * 60_000 })),
  });
  const profile = facts.goal?.execution_profile;
  if (facts.goal === null || profile === undefined) return facts;
  return {
    ...facts,
    goal: {
      ...facts.goal,
      execution_profile: { ...profile, outcome_floor: { ...profile.outcome_floor, must_advance: [...goal.must_advance] } },
    },
  };
}
