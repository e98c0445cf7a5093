/**
 * What each open gate stops (DEC-9). A gate is an open user todo of any class but `user_action` and
 * `continuous_monitor`; its links say whether it stops the goal, one todo, todos by decision scope, or one agent.
 * Nothing here reads the words of a todo.
 */
import type { Todo } from "../goal-state/todo.ts";

export type GateWarning = "gate_link_dangling" | "gate_scope_conflict";

/** One gating todo and what it stops; a gate whose target is closed stops nothing. */
export interface GateEffect {
  readonly gate: Todo;
  /** Nobody may work on the goal while the gate is open. */
  readonly stops_goal: boolean;
  /** Agent todos it stops. */
  readonly todo_ids: ReadonlySet<string>;
  /** Registered agents it stops entirely. */
  readonly agents: readonly string[];
  readonly warnings: readonly GateWarning[];
}

export interface GateInputs {
  readonly user: readonly Todo[];
  readonly agent: readonly Todo[];
  readonly archived_ids: readonly string[];
  readonly registered_agents: readonly string[];
}

/** Narrow to wide; a required scope wider than the gate's is not covered by it. */
const GRANULARITIES = ["action", "lane", "goal", "project", "global"];

/** Open in the sense of DEC-4: `open` or `blocked`. */
export function isOpen(todo: Todo): boolean {
  return todo.status === "open" || todo.status === "blocked";
}

/** True for an open user todo that gates: a missing or unreadable class gates too. */
export function isGating(todo: Todo): boolean {
  return todo.role === "user" && isOpen(todo) && todo.task_class !== "user_action" && todo.task_class !== "continuous_monitor";
}

/** By rank, then by place in the file. */
export function byRank(a: Todo, b: Todo): number {
  return a.rank - b.rank || a.index - b.index;
}

/** Every gating todo with what it stops, by rank and place. */
export function gateEffects(inputs: GateInputs): GateEffect[] {
  const gates = inputs.user.filter(isGating).toSorted(byRank);
  if (gates.length === 0) return [];
  // User todos first: of two todos with one id the agent's counts.
  const byId = new Map([...inputs.user, ...inputs.agent].map((todo) => [todo.todo_id, todo]));
  return gates.map((gate) => effectOf(gate, { ...inputs, byId }));
}

interface Targets extends GateInputs {
  readonly byId: ReadonlyMap<string, Todo>;
}

function effectOf(gate: Todo, inputs: Targets): GateEffect {
  const links = gate.metadata;
  const linked = links.unblocks_todo_id !== undefined || links.decision_scope !== undefined || links.blocks_agent !== undefined;
  if (!linked) return stopsGoal(gate, []);
  if (links.global_gate === true) return stopsGoal(gate, ["gate_scope_conflict"]);
  const parts = [
    linkToTodo(links.unblocks_todo_id, inputs),
    linkToScope(links.decision_scope, inputs),
    linkToAgent(links.blocks_agent, inputs),
  ];
  if (parts.includes("dangling")) return stopsGoal(gate, ["gate_link_dangling"]);
  const stops = parts.filter((part) => part !== "dangling");
  return {
    gate,
    stops_goal: false,
    todo_ids: new Set(stops.flatMap((part) => part.todo_ids)),
    agents: stops.flatMap((part) => part.agents),
    warnings: [],
  };
}

interface Stops {
  readonly todo_ids: readonly string[];
  readonly agents: readonly string[];
}
const NOTHING: Stops = { todo_ids: [], agents: [] };

function stopsGoal(gate: Todo, warnings: readonly GateWarning[]): GateEffect {
  return { gate, stops_goal: true, todo_ids: new Set(), agents: [], warnings };
}

function linkToTodo(id: string | undefined, { byId, archived_ids }: Targets): Stops | "dangling" {
  if (id === undefined) return NOTHING;
  const target = byId.get(id);
  if (target === undefined) return archived_ids.includes(id) ? NOTHING : "dangling";
  return isOpen(target) ? { todo_ids: [id], agents: [] } : NOTHING;
}

function linkToAgent(id: string | undefined, { registered_agents }: GateInputs): Stops | "dangling" {
  if (id === undefined) return NOTHING;
  return registered_agents.includes(id) ? { todo_ids: [], agents: [id] } : "dangling";
}

function linkToScope(text: string | undefined, { agent }: GateInputs): Stops | "dangling" {
  if (text === undefined) return NOTHING;
  const scope = readScope(text);
  // A scope that says nothing readable must not make the goal more permissive.
  if (scope === null) return "dangling";
  const stopped = agent.filter(
    (todo) => isOpen(todo) && (todo.metadata.required_decision_scopes ?? []).some((wanted) => covers(scope, wanted)),
  );
  return { todo_ids: stopped.map((todo) => todo.todo_id), agents: [] };
}

interface DecisionScope {
  readonly kind: string;
  readonly width: number;
  readonly key: string;
}

function readScope(text: string): DecisionScope | null {
  const [kind, granularity, ...rest] = text.split(":");
  const width = GRANULARITIES.indexOf(granularity ?? "");
  const key = rest.join(":");
  return kind === undefined || kind === "" || width < 0 || key === "" ? null : { kind, width, key };
}

function covers(gate: DecisionScope, wanted: string): boolean {
  const scope = readScope(wanted);
  if (scope === null || scope.kind !== gate.kind || scope.width > gate.width) return false;
  return scope.key === gate.key || gate.key === "*" || scope.key === "*";
}
