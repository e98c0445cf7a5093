/**
 * What has to be done for an item, in order: one list of effects for each row of the tables of the pull request state
 * machine (PSM-10 to PSM-16). Every effect is looked up on the server before it is made, so a list may be begun again. Pure.
 */
import type { Item, ItemEffect, ItemState, LabelRole } from "./item.ts";

type Kind = ItemEffect["kind"];

/** What the item becomes when its plan is done. */
export type Then = NonNullable<Item["after"]>;

const CLAIM = effects("lease", "claim_comment", "claim_count", "claim_assign", "prepare", "start");
const RELEASE = effects("unassign", "withdraw", "unlease");
const CHECKED = effects("inspect", "gate", "commit", "rebase", "push");

/** PSM-10. */
export function claimPlan(): readonly ItemEffect[] {
  return CLAIM;
}

/** Takes back what a claim did (DSP-39). */
export function releasePlan(): readonly ItemEffect[] {
  return RELEASE;
}

/** PSM-11: of an issue comes a pull, which the work moves on to; a pull goes back to its reviewer. */
export function workPlan({ is_pull }: Pick<Item, "is_pull">): readonly ItemEffect[] {
  return is_pull
    ? [...CHECKED, add("review"), remove("rework"), remove("ready"), ...effects("summary", "account"), ...RELEASE, ...effects("clean")]
    : [
        ...CHECKED,
        ...effects("pull"),
        add("review"),
        add("bot"),
        ...effects("summary", "hand_over", "account"),
        remove("bot"),
        ...RELEASE,
        ...effects("clean"),
      ];
}

/** PSM-12. */
export function passPlan(): readonly ItemEffect[] {
  return [
    ...effects("verify", "review"),
    add("ready"),
    remove("review"),
    remove("rework"),
    ...effects("assign_human"),
    remove("bot"),
    ...effects("summary", "account"),
    ...RELEASE,
    ...effects("question", "notice", "clean"),
  ];
}

/** PSM-13; a pull that is not ours goes to its author (PSM-16), one that had all its rounds to a person (PSM-9). */
export function failPlan(to: "worker" | "author" | "person"): readonly ItemEffect[] {
  const handed = to === "worker" ? [] : [...effects("assign_human"), remove("bot")];
  return [
    ...effects("review"),
    add("rework"),
    remove("review"),
    remove("ready"),
    ...handed,
    ...effects("summary", "account"),
    ...RELEASE,
    ...(to === "person" ? effects("notice") : []),
    ...effects("clean"),
  ];
}

/** Nothing more is tried without a person (PSM-9, and the rows `blocked` and `missing_tool`). */
export function blockedPlan(): readonly ItemEffect[] {
  return [...effects("summary", "assign_human"), remove("bot"), ...RELEASE, ...effects("notice", "clean")];
}

/** PSM-14: what was reviewed is not what stands there. */
export function reviewAgainPlan(): readonly ItemEffect[] {
  return [add("review"), remove("ready"), ...effects("unassign_human"), add("bot"), ...effects("notice")];
}

/** PSM-15, and everything else that a person asks for: the turn is the agent's again. */
export function takeUpPlan(step: Item["step"], is_pull: boolean): readonly ItemEffect[] {
  const state = step === "rework" ? [add("rework"), remove("ready"), remove("review")] : [add("review"), remove("ready"), remove("rework")];
  return [...(is_pull ? state : []), ...effects("unassign_human"), add("bot")];
}

/** Makes it one state label again (PSM-1). */
export function repairPlan(want: Exclude<LabelRole, "bot">): readonly ItemEffect[] {
  return [add(want), ...(["review", "rework", "ready"] as const).filter((role) => role !== want).map(remove)];
}

/** What follows in the ordinary case. */
export function next(item: Pick<Item, "step" | "cause">, state: ItemState, reason: string, more: Partial<Then> = {}): Then {
  return { state, step: item.step, cause: item.cause, not_before: null, reason, ...more };
}

function effects(...kinds: readonly Kind[]): readonly ItemEffect[] {
  return kinds.map((kind) => ({ kind }));
}

function add(label: LabelRole): ItemEffect {
  return { kind: "add_label", label };
}

function remove(label: LabelRole): ItemEffect {
  return { kind: "remove_label", label };
}
