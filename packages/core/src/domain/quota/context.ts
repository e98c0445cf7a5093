/**
 * What the rules ask about, computed once per decision: gate effects, the caller, the todos in reach, the streaks.
 * It only reads facts; it decides nothing.
 */
import { gateEffects } from "../gate/effects.ts";
import type { GateEffect } from "../gate/effects.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { GoalEntry } from "../goal/entry.ts";
import { streaksOf } from "../run/grades.ts";
import type { Streaks } from "../run/grades.ts";
import type { Run } from "../run/history.ts";
import type { Moment } from "../time.ts";
import type { Facts } from "./facts.ts";
import { roleOf, workOf } from "./selection.ts";
import type { Caller, Work } from "./selection.ts";

export interface Context {
  readonly facts: Facts;
  readonly now: Moment;
  readonly goal: GoalEntry | null;
  readonly caller: Caller;
  /** Every gating todo with what it stops, by rank and place. */
  readonly gates: readonly GateEffect[];
  /** Gates that stop the goal or this caller. */
  readonly stopping: readonly Todo[];
  /** Gates that stop an executable todo. */
  readonly blocking: readonly Todo[];
  readonly work: Work;
  readonly streaks: Streaks;
  readonly statusRun: Run | null;
}

const NO_STREAKS: Streaks = { small: 0, gap: 0, floor_tripped: false };

/** The context of one decision. Total: any facts give one. */
export function contextOf(facts: Facts, now: Moment): Context {
  const goal = facts.goal;
  const registered = goal?.coordination.registered_agents ?? [];
  const caller: Caller = { agent_id: facts.agent_id, registered, role: roleOf(facts.agent_id, goal) };
  const gates = gateEffects({ ...facts.todos, registered_agents: registered });
  const work = workOf(facts, now, caller, gates);
  const executable = gates.length === 0 ? new Set<string>() : new Set(work.executable.map((todo) => todo.todo_id));
  return {
    facts,
    now,
    goal,
    caller,
    gates,
    stopping: gates.filter((effect) => effect.stops_goal || stopsCaller(effect, caller)).map((effect) => effect.gate),
    blocking: gates.filter((effect) => [...effect.todo_ids].some((id) => executable.has(id))).map((effect) => effect.gate),
    work,
    streaks: goal === null ? NO_STREAKS : streaksOf(facts.runs.graded, goal.execution_profile),
    statusRun: facts.runs.status_run,
  };
}

function stopsCaller(effect: GateEffect, caller: Caller): boolean {
  return caller.agent_id !== null && effect.agents.includes(caller.agent_id);
}
