/** What can happen to an item, and what an effect may find out about it. Types only. */
import type { Cause, Item, ItemSnapshot, ItemStep } from "./item.ts";

/** Bounds that configuration sets. */
export interface MachineRules {
  readonly max_rounds: number;
  readonly max_attempts: number;
  readonly redispatch_seconds: number;
}

/** What an effect found out; it becomes part of the item. */
export type ItemFacts = Partial<
  Pick<
    Item,
    | "claim"
    | "snapshot"
    | "author_runs"
    | "branch"
    | "base"
    | "base_sha"
    | "branch_sha"
    | "head_sha"
    | "gated_sha"
    | "reviewed_sha"
    | "pull"
    | "issue"
    | "foreign"
    | "human_assigned"
    | "title"
  >
>;

export type ItemEvent =
  /** A claim begins; `run_id` is used unless an earlier run's result is still to be applied. `cooled`: the same is not begun again before (DSP-40). */
  | {
      readonly kind: "dispatch";
      readonly claim_id: string;
      readonly expires_at: string;
      readonly run_id: string;
      readonly cooled: NonNullable<Item["cooled"]>;
    }
  /** The effect did well, or it was so already. */
  | { readonly kind: "done"; readonly facts: ItemFacts; readonly gate_again?: boolean }
  /** Somebody else works on it. */
  | { readonly kind: "held_elsewhere"; readonly until: string }
  | {
      readonly kind: "run_ended";
      /** As the drivers class ends (AGT-31). */
      readonly class: "done" | "retryable" | "needs_person";
      readonly end: string;
      readonly outcome: string | null;
      readonly findings: number;
      readonly reason: string;
      readonly notes: string;
      readonly reviewed_sha: string | null;
    }
  /** What the agent made cannot be used: worth another attempt of a worker. */
  | { readonly kind: "refused"; readonly reason: string; readonly notes: string }
  | { readonly kind: "violation"; readonly reason: string; readonly notes: string }
  /** A person has asked for changes, so a pass is none. */
  | { readonly kind: "overruled"; readonly reason: string; readonly notes: string }
  | { readonly kind: "head_moved"; readonly head_sha: string }
  /** Somebody changed the item between our read and our write (PSM-4); `seen`: the item as it is by now. */
  | { readonly kind: "conflict"; readonly was: string; readonly now: string; readonly seen: ItemSnapshot }
  | { readonly kind: "blocked"; readonly reason: string; readonly notes: string }
  /** Closed, merged, not ours any more. `dead`: it does not exist. */
  | { readonly kind: "gone"; readonly reason: string; readonly dead: boolean }
  | { readonly kind: "already_done"; readonly reason: string }
  | { readonly kind: "asked"; readonly cause: Cause; readonly by: string | null; readonly step: ItemStep; readonly human: boolean }
  | { readonly kind: "labels_wrong"; readonly want: "review" | "rework" | "ready" }
  /** Somebody died here. `assigned`: the bot stands on the item, and no person put it there. */
  | { readonly kind: "broken_chain"; readonly assigned: boolean }
  | { readonly kind: "stop"; readonly reason: string }
  /** The service ends between two effects; the next one goes on from here. */
  | { readonly kind: "pause" }
  | { readonly kind: "fault"; readonly effect: string; readonly message: string };
