/** How a step of an item ends: what it has become, what is written down about it, and when it is tried again. Pure. */
import type { Moment } from "@loopx/core/domain";
import { utcText } from "./claims.ts";
import type { ItemEvent } from "./events.ts";
import type { Item } from "./item.ts";
import type { Then } from "./plans.ts";

const BACK_OFF_MS = 10_000;
const BACK_OFF_MOST_MS = 300_000;
export const HISTORY = 50;

/** The plan is done. */
export function settle(item: Item, { state, step, cause, not_before, reason }: Then, now: Moment): Item {
  const at = utcText(now.ms);
  const still = state === "running" || state === item.state;
  return {
    ...item,
    state,
    step,
    cause,
    not_before,
    after: null,
    // Counted when all of it is done: a plan may be made twice.
    round: item.step === "review" && step === "rework" && cause === "continuation" ? item.round + 1 : item.round,
    last_reason: reason,
    claim: state === "running" ? item.claim : null,
    // A result that could not be applied yet; any other end of a plan has used it up.
    kept: item.kept && (state === "running" || reason === "conflict" || reason === "held_elsewhere"),
    queued_at: state === "queued" && !still ? at : item.queued_at,
    seen_at: state === "queued" && !still ? at : item.seen_at,
    ended_at: state === "done" || state === "dead" ? at : null,
  };
}

export function record(item: Item, event: ItemEvent, now: Moment): Item {
  if (event.kind === "done" || event.kind === "pause") return item;
  const reason =
    "reason" in event
      ? event.reason
      : event.kind === "fault"
        ? `${event.effect}: ${event.message}`
        : event.kind === "conflict"
          ? "conflict"
          : (item.after?.reason ?? "");
  const entry = { at: utcText(now.ms), decision: event.kind, reason: reason.slice(0, 200) };
  return {
    ...item,
    last_reason: reason === "" ? item.last_reason : reason.slice(0, 200),
    history: [...item.history, entry].slice(-HISTORY),
  };
}

/** 10 s, doubled with each failure, at most 300 s (DSP-40). */
export function backOff(failures: number, now: Moment): string {
  return utcText(now.ms + Math.min(BACK_OFF_MOST_MS, BACK_OFF_MS * 2 ** Math.min(failures, 10)));
}
