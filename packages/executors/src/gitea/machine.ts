/**
 * The pull request state machine (PSM-8): from an item, an event and the time to the next item and the one effect that is to
 * be carried out now. Everything that bounds an item, its rounds and attempts, is in its record and never falls, attempts
 * aside when a person speaks. Nothing here reads a label, a clock or a file.
 */
import type { Moment } from "@loopx/core/domain";
import type { Stepped } from "../machine.ts";
import { utcText } from "./claims.ts";
import type { ItemEvent, MachineRules } from "./events.ts";
import { isFinal, type Item, type ItemEffect, type ItemSnapshot } from "./item.ts";
import {
  blockedPlan,
  claimPlan,
  failPlan,
  next,
  passPlan,
  releasePlan,
  repairPlan,
  reviewAgainPlan,
  takeUpPlan,
  workPlan,
  type Then,
} from "./plans.ts";
import { backOff, HISTORY, record, settle } from "./settling.ts";

export type * from "./events.ts";

export type ItemStepped = Stepped<Item, ItemEffect>;

/** Why a run ended that its dispatcher stopped because it ended itself: no attempt, and no person's turn (DSP-3). */
export const SERVICE_STOPPED = "service_stopped";
const MAX_CONFLICTS = 8;
/** A claim that nobody remembers. */
const LOST_CLAIM = { claim_id: "lost", fencing_token: null, comment_id: null, expires_at: "", prior_assignees: [] };
const NOTES = 8_000;

/** The pure step of one item. */
export function itemStep(rules: MachineRules) {
  return (item: Item, event: ItemEvent, now: Moment): ItemStepped => {
    if (isFinal(item)) return { state: item, effects: [] };
    const moved = record(transition(rules, item, event, now), event, now);
    const settled = moved.plan.length === 0 && moved.after !== null ? settle(moved, moved.after, now) : moved;
    // What has to wait is taken up by the board when its time has come.
    const waits = event.kind === "fault" || event.kind === "pause" || (event.kind === "conflict" && settled.not_before !== null);
    return { state: settled, effects: waits ? [] : settled.plan.slice(0, 1) };
  };
}

function transition(rules: MachineRules, item: Item, event: ItemEvent, now: Moment): Item {
  switch (event.kind) {
    case "dispatch":
      return dispatch(item, event);
    case "done":
      return advance(item, event);
    case "held_elsewhere":
      return release(item, next(item, "queued", "held_elsewhere", { not_before: event.until }));
    case "run_ended":
      return afterRun(rules, { ...item, kept: true, notes: cut(event.notes), outcome: event.outcome }, event, now);
    case "refused":
      return again(rules, { ...item, kept: false, notes: cut(event.notes) }, event.reason, now);
    case "violation":
      return violated(rules, { ...item, kept: false, notes: cut(event.notes), violations: item.violations + 1 }, event.reason, now);
    case "overruled":
      return failed(rules, { ...item, notes: cut(event.notes) }, event.reason);
    case "head_moved":
      return headMoved(item, event.head_sha);
    case "conflict":
      return conflicted({ ...item, conflicts: item.conflicts + 1 }, event.seen, now);
    case "blocked":
      return blocked({ ...item, notes: cut(event.notes) }, event.reason);
    case "gone":
      return withPlan(
        { ...item, kept: false },
        [...releasePlan(), { kind: "clean" }],
        next(item, event.dead ? "dead" : "done", event.reason),
      );
    case "already_done":
      return nothingToDo(rules, { ...item, kept: false }, event.reason, now);
    case "asked":
      return asked(item, event);
    case "labels_wrong":
      return withPlan(item, repairPlan(event.want), next(item, item.state, item.last_reason));
    case "broken_chain":
      return again(rules, { ...item, claim: { ...(item.claim ?? LOST_CLAIM), assigned: event.assigned } }, "broken_chain", now);
    case "stop":
      return stopped(item, event.reason);
    case "pause":
      return item;
    case "fault":
      return { ...item, faults: item.faults + 1, not_before: backOff(item.faults, now) };
  }
}

function dispatch(item: Item, { claim_id, expires_at, run_id, cooled }: Extract<ItemEvent, { kind: "dispatch" }>): Item {
  const claim = { claim_id, expires_at, fencing_token: null, comment_id: null, prior_assignees: [], assigned: false };
  return {
    ...withPlan(item, claimPlan(), next(item, "running", "started")),
    state: "claimed",
    not_before: null,
    claim,
    cooled,
    snapshot: null,
    run_id: item.kept ? item.run_id : run_id,
    conflicts: item.kept ? item.conflicts : 0,
  };
}

function advance(item: Item, { facts, gate_again }: Extract<ItemEvent, { kind: "done" }>): Item {
  const [effect, ...rest] = item.plan;
  return {
    ...item,
    ...facts,
    applied: applied(item, effect),
    faults: 0,
    not_before: null,
    plan: gate_again === true ? [{ kind: "gate" }, ...rest] : rest,
  };
}

/** Keys of what was made, the newest last (DSP-59). */
function applied({ applied: before, claim, step }: Item, effect: ItemEffect | undefined): string[] {
  if (effect === undefined) return before;
  const name = effect.label === undefined ? effect.kind : `${effect.kind} ${effect.label}`;
  return [...before, `${claim?.claim_id ?? "unclaimed"}/${step}/${name}`].slice(-HISTORY);
}

type RunEnded = Extract<ItemEvent, { kind: "run_ended" }>;

function afterRun(rules: MachineRules, item: Item, event: RunEnded, now: Moment): Item {
  if (event.end === "stopped") return stopped(item, event.reason);
  if (event.end !== "ok") {
    if (event.class === "needs_person") return blocked(item, event.end);
    return again(rules, { ...item, kept: false }, event.end, now);
  }
  switch (event.outcome) {
    case "blocked":
    case "missing_tool":
      return blocked(item, event.outcome);
    case "already_done":
    case "noop":
      return nothingToDo(rules, { ...item, kept: false }, event.outcome, now);
    case null:
    default:
      return item.step === "review" ? reviewed(rules, item, event, now) : worked(rules, item, event, now);
  }
}

function worked(rules: MachineRules, item: Item, event: RunEnded, now: Moment): Item {
  if (event.outcome !== "done") return again(rules, { ...item, kept: false }, "bad_outcome", now);
  const then = item.is_pull
    ? next(item, "queued", "worked", { step: "review", cause: "continuation" })
    : next(item, "done", "moved_to_pull");
  return { ...withPlan(item, workPlan(item), then), state: "applying" };
}

function reviewed(rules: MachineRules, item: Item, event: RunEnded, now: Moment): Item {
  // PSM-3: whoever wrote a commit does not judge it, for good or ill.
  if (item.run_id === null || item.author_runs.includes(item.run_id)) return again(rules, { ...item, kept: false }, "self_review", now);
  if (event.outcome === "fail" && event.findings > 0) return { ...failed(rules, item, "review_failed"), state: "applying" };
  if (event.outcome !== "pass") return again(rules, { ...item, kept: false }, "bad_outcome", now);
  const judged = { ...item, reviewed_sha: event.reviewed_sha };
  return { ...withPlan(judged, passPlan(), next(item, "blocked_human", "merge_ready")), state: "applying" };
}

/** PSM-13 and PSM-9: one more round, or a person. */
function failed({ max_rounds }: MachineRules, item: Item, reason: string): Item {
  if (item.foreign) return withPlan({ ...item, state: "applying" }, failPlan("author"), next(item, "done", "author_reworks"));
  if (item.round >= max_rounds)
    return withPlan({ ...item, state: "applying" }, failPlan("person"), next(item, "blocked_human", "max_rounds"));
  const then = next(item, "queued", reason, { step: "rework", cause: "continuation" });
  return withPlan({ ...item, state: "applying" }, failPlan("worker"), then);
}

/** Another attempt after a while, or a person when there were enough (PSM-9). */
function again({ max_attempts }: MachineRules, item: Item, reason: string, now: Moment): Item {
  const attempts = item.attempts + 1;
  if (attempts >= max_attempts) return blocked({ ...item, attempts }, reason === "broken_chain" ? reason : `max_attempts: ${reason}`);
  const then = next(item, "queued", reason, { cause: "continuation", not_before: backOff(attempts - 1, now) });
  return withPlan({ ...item, attempts }, [...releasePlan(), { kind: "clean" }], then);
}

/** A diff that the policy refuses is worth one more try of the worker (DSP-57). */
function violated(rules: MachineRules, item: Item, reason: string, now: Moment): Item {
  return item.violations > 1 ? blocked(item, reason) : again(rules, item, reason, now);
}

/** PSM-5: it is looked at again after the cooldown, and not for ever; at once where a person spoke meanwhile (DSP-40). */
function nothingToDo({ max_attempts, redispatch_seconds }: MachineRules, item: Item, reason: string, now: Moment): Item {
  const attempts = item.attempts + 1;
  if (attempts >= max_attempts) return blocked({ ...item, attempts }, reason);
  const cooling = next(item, "cooling", reason, { not_before: utcText(now.ms + redispatch_seconds * 1_000) });
  const then = item.cooled === null ? next(item, "queued", reason) : cooling;
  return withPlan({ ...item, attempts }, [...releasePlan(), { kind: "clean" }], then);
}

function blocked(item: Item, reason: string): Item {
  return withPlan({ ...item, state: "applying" }, blockedPlan(), next(item, "blocked_human", reason));
}

/** PSM-14. A review that was about to be applied is void; nothing is counted, because a person did it. */
function headMoved(item: Item, head_sha: string): Item {
  const then = next(item, "queued", "head_moved", { step: "review", cause: "continuation" });
  const free = { ...item, kept: false, head_sha, reviewed_sha: null };
  if (item.claim === null) return withPlan(free, reviewAgainPlan(), then);
  return withPlan(free, [...releasePlan(), { kind: "clean" }], then);
}

function asked(item: Item, { cause, by, step, human }: Extract<ItemEvent, { kind: "asked" }>): Item {
  // A claim is under way: what was said is read by the next run.
  if (item.claim !== null || item.plan.length > 0) return human ? { ...item, attempts: 0, cooled: null } : item;
  const fresh = { ...item, by, attempts: human ? 0 : item.attempts, cooled: human ? null : item.cooled };
  const then = next(item, "queued", cause, { step, cause, not_before: human ? null : item.not_before });
  return withPlan(fresh, takeUpPlan(step, item.is_pull), then);
}

function stopped(item: Item, reason: string): Item {
  const by_service = reason === SERVICE_STOPPED;
  const then = next(item, by_service ? "queued" : "blocked_human", reason);
  return withPlan({ ...item, kept: false, cooled: by_service ? null : item.cooled }, [...releasePlan(), { kind: "clean" }], then);
}

/**
 * Nothing is written over what somebody did, and nothing that has to follow is forgotten: a claim is given back, a run's result
 * is applied anew to the item as it is by then, and any other plan is gone on with. Whoever is always in the way gets a person.
 */
function conflicted(item: Item, snapshot: ItemSnapshot, now: Moment): Item {
  if (item.conflicts > MAX_CONFLICTS && item.claim !== null) return blocked({ ...item, kept: false, snapshot }, "conflict");
  // A run's result waits longer each time; what a person asked for waits for a quiet moment only.
  const not_before = backOff(item.claim === null ? 0 : item.conflicts - 1, now);
  if (item.state === "claimed") return release(item, next(item, "queued", "conflict", { not_before }));
  return { ...item, snapshot, not_before, ...(isApplied(item) ? { plan: [], after: null } : {}) };
}

/** A run has ended and its plan is being carried out; without the plan it is made again. */
function isApplied({ state, kept, run_id }: Item): boolean {
  return state === "applying" && kept && run_id !== null;
}

/** It did not come to anything yet, so nothing has to cool (DSP-40). */
function release(item: Item, then: Then): Item {
  return withPlan({ ...item, cooled: null }, releasePlan(), then);
}

function withPlan(item: Item, plan: readonly ItemEffect[], after: Then): Item {
  return { ...item, plan: [...plan], after, not_before: null };
}

function cut(text: string): string {
  return text.slice(0, NOTES);
}
