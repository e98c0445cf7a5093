/**
 * Carries out one effect of an item. Each looks first whether it is done already, reads the item anew before it writes, and
 * writes nothing when somebody else changed it (PSM-4, DSP-59). A call that fails throws: the effect is tried again later.
 */
import type { CarryOut } from "../machine.ts";
import { assign, count, lease, postClaim, unassign, unlease, withdraw } from "./effects-claim.ts";
import {
  addLabel,
  account,
  assignHuman,
  handOver,
  notice,
  openPull,
  postReview,
  question,
  removeLabel,
  summarise,
  unassignHuman,
} from "./effects-server.ts";
import { clean, commit, gate, inspect, prepare, push, rebase, start, verify } from "./effects-work.ts";
import type { GiteaGround } from "./ground.ts";
import { itemKey, type Item, type ItemEffect } from "./item.ts";
import type { ItemEvent } from "./machine.ts";
import { ForgeTrouble, isMissing } from "./server-view.ts";
import { GitTrouble } from "./work-place.ts";

type Carry = (ground: GiteaGround, item: Item, effect: ItemEffect, signal: AbortSignal) => Promise<ItemEvent>;

const CARRIERS: Readonly<Record<ItemEffect["kind"], Carry>> = {
  lease,
  claim_comment: postClaim,
  claim_count: count,
  claim_assign: assign,
  prepare,
  start,
  inspect,
  gate,
  commit,
  rebase,
  push,
  pull: openPull,
  verify,
  review: postReview,
  add_label: addLabel,
  remove_label: removeLabel,
  assign_human: assignHuman,
  unassign_human: unassignHuman,
  summary: summarise,
  hand_over: handOver,
  account,
  question,
  notice,
  unassign,
  withdraw,
  unlease,
  clean,
};

/** Effects that only take back what is ours: they are never in anybody's way, also when the item is gone. */
export const RELEASING: ReadonlySet<ItemEffect["kind"]> = new Set(["unassign", "withdraw", "unlease", "clean", "notice"]);

/** A server that is busy says no, too; the third time somebody has to know. */
const REFUSALS_IN_SILENCE = 2;

export function carryingOut(ground: GiteaGround): CarryOut<Item, ItemEvent, ItemEffect> {
  return async (effect, { state, signal }) => {
    if (ground.would !== undefined) return told(ground.would, state);
    try {
      return await CARRIERS[effect.kind](ground, state, effect, signal);
    } catch (error) {
      if (isRefused(error) && state.faults === REFUSALS_IN_SILENCE) tellOfRefusal(ground, state, effect);
      if (!isMissing(error)) throw error;
      return RELEASING.has(effect.kind) ? { kind: "done", facts: {} } : { kind: "gone", reason: "item_missing", dead: true };
    }
  };
}

/** Not the server's trouble: somebody took a right from the account, or put the repository away. */
function isRefused(error: unknown): boolean {
  if (error instanceof GitTrouble) return error.fault === "refused";
  return error instanceof ForgeTrouble && error.failure.fault === "forbidden";
}

/** It is tried again all the same, later and later: what was taken may be given back. */
function tellOfRefusal({ tell }: GiteaGround, item: Item, { kind }: ItemEffect): void {
  const text = `${itemKey(item)}: the server refuses what has to be done (${kind})`;
  tell({ key: `${itemKey(item)} ${kind} refused`, level: "needs_person", text });
}

/** The whole plan at once: what comes of its effects is not known before they are made. */
function told(would: NonNullable<GiteaGround["would"]>, item: Item): ItemEvent {
  for (const { kind, label } of item.plan)
    would({ item: itemKey(item), effect: label === undefined ? kind : `${kind} ${label}`, reason: item.after?.reason ?? item.last_reason });
  return { kind: "pause" };
}
