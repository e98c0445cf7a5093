/**
 * Which todo the caller may take: E, G, C, B and the pick of DEC-10 and DEC-11, claims and leases as DEC-85 reads
 * them, roles of DEC-12, reviews of DEC-83. One pass over the todos; nothing here depends on their words.
 */
import { byRank, isOpen } from "../gate/effects.ts";
import type { GateEffect } from "../gate/effects.ts";
import { claimAge } from "../goal-state/claim.ts";
import { reviewersOf } from "../goal-state/reviewers.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { GoalEntry } from "../goal/entry.ts";
import { instantMs } from "../time.ts";
import type { Moment } from "../time.ts";
import type { Facts } from "./facts.ts";
import { isGranted } from "./write-scope.ts";

/** FIL-11; only reached when a goal has no readable entry. */
const DEFAULT_TTL_MINUTES = 30;

export type Role = "primary-agent" | "side-agent";
export type SelectedBy = "current_agent_claimed_todo" | "unclaimed_todo" | "stale_claim_takeover" | "priority" | "due_monitor";

/** Who holds a todo, seen by the caller. A claim by an unregistered name holds nothing. */
export type Holding =
  | { readonly kind: "own" }
  | { readonly kind: "free" }
  | { readonly kind: "stale"; readonly holder: string; readonly age_minutes: number | null }
  | { readonly kind: "other"; readonly holder: string; readonly by: "claim" | "lease" };

export interface Selection {
  readonly todo: Todo;
  readonly selected_by: SelectedBy;
  readonly holding: Holding;
}

/** A todo the caller may not take because of another agent. `reviews_caller`: it is the review of the caller's work. */
export interface HeldTodo {
  readonly todo: Todo;
  readonly holder: string;
  readonly by: "claim" | "lease" | "review";
  readonly reviews_caller: boolean;
}

/** The caller, as far as selection cares. */
export interface Caller {
  readonly agent_id: string | null;
  readonly registered: readonly string[];
  readonly role: Role | null;
}

export interface Work {
  /** Open agent todos, `open` or `blocked`. */
  readonly open: readonly Todo[];
  /** E: executable. */
  readonly executable: readonly Todo[];
  /** G: not stopped by a gate. */
  readonly ungated: readonly Todo[];
  /** C: not held by another agent. */
  readonly available: readonly Todo[];
  /** B: inside the write boundary. */
  readonly inBounds: readonly Todo[];
  readonly held: readonly HeldTodo[];
  readonly pick: Selection | null;
  readonly blockers: readonly Todo[];
  readonly monitors: readonly Todo[];
  readonly dueMonitor: Selection | null;
}

/** The role of a registered agent; null for nobody, for an unregistered name and on a goal without agents (DEC-12). */
export function roleOf(agentId: string | null, goal: GoalEntry | null): Role | null {
  if (agentId === null || goal === null || !goal.coordination.registered_agents.includes(agentId)) return null;
  return agentId === goal.coordination.primary_agent ? "primary-agent" : "side-agent";
}

/** Write scopes in force: the registry's, and those of an unexpired boundary authority (DEC-50). */
export function writeScopes(goal: GoalEntry | null, now: Moment): readonly string[] {
  if (goal === null) return [];
  const authority = goal.boundary_authority;
  if (authority === null || authority.scopes.length === 0) return goal.coordination.write_scope;
  const expires = instantMs(authority.expires_at);
  // An expiry that cannot be read grants nothing.
  if (authority.expires_at !== null && (expires === null || expires <= now.ms)) return goal.coordination.write_scope;
  return [...new Set([...goal.coordination.write_scope, ...authority.scopes])];
}

/** The required scopes of a todo that nothing grants. */
export function missingScopes(todo: Todo, granted: readonly string[]): string[] {
  return (todo.metadata.required_write_scopes ?? []).filter((scope) => !isGranted(scope, granted));
}

/** What holding depends on, looked up once for all todos. */
interface Holders {
  readonly caller: Caller;
  readonly now: Moment;
  readonly ttl_minutes: number;
  /** Holder of the live lease by todo id. */
  readonly leases: ReadonlyMap<string, string>;
}

function holdersOf(facts: Facts, now: Moment, caller: Caller): Holders {
  const live = facts.leases.filter((lease) => lease.expires_at_ms > now.ms);
  return {
    caller,
    now,
    ttl_minutes: facts.goal?.coordination.claim_ttl_minutes ?? DEFAULT_TTL_MINUTES,
    leases: new Map(live.map((lease) => [lease.todo_id, lease.holder])),
  };
}

const FREE: Holding = { kind: "free" };
const OWN: Holding = { kind: "own" };

/** How the caller stands to a todo. A live lease outranks a claim, so that one todo never has two owners. */
function holdingOf(todo: Todo, { caller, now, ttl_minutes, leases }: Holders): Holding {
  const lessee = leases.size === 0 ? undefined : leases.get(todo.todo_id);
  if (lessee !== undefined) {
    if (lessee === caller.agent_id) return OWN;
    if (caller.registered.includes(lessee)) return { kind: "other", holder: lessee, by: "lease" };
  }
  const claimant = todo.metadata.claimed_by;
  if (claimant === undefined || (caller.registered.length > 0 && !caller.registered.includes(claimant))) return FREE;
  if (claimant === caller.agent_id) return OWN;
  if (caller.registered.length === 0) return FREE;
  const age = claimAge(todo, now, ttl_minutes);
  return age.stale ? { kind: "stale", holder: claimant, age_minutes: age.age_minutes } : { kind: "other", holder: claimant, by: "claim" };
}

/** The same list when all of it stays: of ten thousand todos few goals leave any out, and a copy of them is not free. */
function those(todos: readonly Todo[], stays: (todo: Todo) => boolean): readonly Todo[] {
  const first = todos.findIndex((todo) => !stays(todo));
  return first === -1 ? todos : todos.filter(stays);
}

/** Executable in the sense of DEC-10: open work, for whomever. */
function isExecutable(todo: Todo): boolean {
  return todo.status === "open" && (todo.task_class ?? "advancement_task") === "advancement_task";
}

/** Everything the rules ask about agent todos, computed once. */
export function workOf(facts: Facts, now: Moment, caller: Caller, gates: readonly GateEffect[]): Work {
  const gated = new Set(gates.flatMap((effect) => [...effect.todo_ids]));
  const holders = holdersOf(facts, now, caller);
  const open = those(facts.todos.agent, isOpen);
  const executable = those(open, isExecutable);
  const others = executable === open ? [] : open.filter((todo) => !isExecutable(todo));
  const ungated = gated.size === 0 ? executable : executable.filter((todo) => !gated.has(todo.todo_id));
  const monitors = others.filter((todo) => todo.task_class === "continuous_monitor" && todo.status === "open");
  return {
    open,
    executable,
    ungated,
    ...reachOf(ungated, facts, holders),
    blockers: others.filter(isBlockerLike).toSorted(byRank),
    monitors,
    dueMonitor: dueMonitorOf(monitors, holders, gated),
  };
}

/** What the caller may take of these, and the pick of it. */
function reachOf(ungated: readonly Todo[], facts: Facts, holders: Holders): Pick<Work, "available" | "inBounds" | "held" | "pick"> {
  const { caller, now } = holders;
  const scopes = writeScopes(facts.goal, now);
  const held: HeldTodo[] = [];
  const outside = new Set<Todo>();
  let pick: Selection | null = null;
  for (const todo of ungated) {
    const holding = holdingOf(todo, holders);
    const other = heldByOther(todo, holding, caller, facts);
    if (other !== null) held.push(other);
    else if (todo.metadata.required_write_scopes !== undefined && missingScopes(todo, scopes).length > 0) outside.add(todo);
    else if (pick === null || comesBefore(todo, holding, pick, caller)) pick = { todo, holding, selected_by: selectedBy(holding, caller) };
  }
  const taken = new Set(held.map((each) => each.todo));
  const available = taken.size === 0 ? ungated : ungated.filter((todo) => !taken.has(todo));
  const inBounds = outside.size === 0 ? available : available.filter((todo) => !outside.has(todo));
  return { available, inBounds, held: held.toSorted((a, b) => byRank(a.todo, b.todo)), pick };
}

/** Open agent todos that only a person or another step can free (DEC-10). */
function isBlockerLike(todo: Todo): boolean {
  return todo.status === "blocked" || todo.task_class === "blocker" || todo.task_class === "user_gate";
}

/** True when a monitor wants its poll: `next_due_at` has come and it has not expired (DEC-10). */
export function isDue(todo: Todo, now: Moment): boolean {
  const due = instantMs(todo.metadata.next_due_at);
  return due !== null && due <= now.ms && !isExpired(todo, now);
}

/** True for a monitor whose `expires_at` has come. */
export function isExpired(todo: Todo, now: Moment): boolean {
  const expires = instantMs(todo.metadata.expires_at);
  return expires !== null && expires <= now.ms;
}

function dueMonitorOf(monitors: readonly Todo[], holders: Holders, gated: ReadonlySet<string>): Selection | null {
  let first: Selection | null = null;
  for (const todo of monitors) {
    if (!isDue(todo, holders.now) || gated.has(todo.todo_id)) continue;
    const holding = holdingOf(todo, holders);
    if (holding.kind === "other" || (first !== null && byRank(first.todo, todo) <= 0)) continue;
    first = { todo, holding, selected_by: "due_monitor" };
  }
  return first;
}

/** Nobody reviews his own work: a todo that blocks a side agent is another's to do, claimed or not (DEC-83). */
function heldByOther(todo: Todo, holding: Holding, caller: Caller, facts: Facts): HeldTodo | null {
  const reviewsCaller = caller.role === "side-agent" && todo.metadata.blocks_agent === caller.agent_id;
  if (holding.kind === "other") return { todo, holder: holding.holder, by: holding.by, reviews_caller: reviewsCaller };
  if (!reviewsCaller || holding.kind === "own") return null;
  const reviewer = holding.kind === "stale" ? holding.holder : reviewerFor(facts, caller);
  return reviewer === null ? null : { todo, holder: reviewer, by: "review", reviews_caller: true };
}

/** Who reviews a side agent's work: its default reviewer, else any other registered agent. */
export function reviewerFor(facts: Facts, caller: Caller): string | null {
  return defaultReviewer(facts, caller) ?? caller.registered.find((id) => id !== caller.agent_id) ?? null;
}

/** The reviewer that a completion takes unless it names another (CMD-95). */
export function defaultReviewer({ goal }: Facts, { registered, agent_id }: Caller): string | null {
  const { primary_agent: primary = null, side_agent_handoff_agent: handoff = null } = goal?.coordination ?? {};
  return reviewersOf({ registered, primary, handoff }, agent_id)[0] ?? null;
}

function selectedBy(holding: Holding, caller: Caller): SelectedBy {
  if (caller.registered.length === 0) return "priority";
  if (holding.kind === "own") return "current_agent_claimed_todo";
  return holding.kind === "stale" ? "stale_claim_takeover" : "unclaimed_todo";
}

const TIERS: Readonly<Record<Holding["kind"], number>> = { own: 0, free: 1, stale: 2, other: 3 };

function comesBefore(todo: Todo, holding: Holding, pick: Selection, caller: Caller): boolean {
  const tier = caller.registered.length === 0 ? 0 : TIERS[holding.kind] - TIERS[pick.holding.kind];
  if (tier !== 0) return tier < 0;
  const { todo: other } = pick;
  if (todo.rank !== other.rank) return todo.rank < other.rank;
  const blocks = Number(other.metadata.blocks_agent !== undefined) - Number(todo.metadata.blocks_agent !== undefined);
  return blocks !== 0 ? blocks < 0 : todo.index < other.index;
}
