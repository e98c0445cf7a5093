/**
 * One item of work: an issue, or the pull that came of one, by `owner/name#number` (DSP-30). Its record is a document of its
 * own and holds everything that bounds it: rounds, attempts, what is still to be done. Pure; the record is parsed at the door.
 */
import * as z from "zod/mini";
import type { Place } from "./forge.ts";

export const STATES = ["queued", "waiting_capacity", "claimed", "running", "applying", "cooling", "blocked_human", "done", "dead"] as const;
export type ItemState = (typeof STATES)[number];
export const STEPS = ["work", "rework", "review"] as const;
export type ItemStep = (typeof STEPS)[number];
export const CAUSES = [
  "mention",
  "assignment",
  "review_requested",
  "bot_label",
  "human_reply_on_our_pr",
  "changes_requested",
  "command",
  "continuation",
] as const;
export type Cause = (typeof CAUSES)[number];
/** The parts that labels play; their names are configuration. */
export const ROLES = ["bot", "review", "rework", "ready"] as const;
export type LabelRole = (typeof ROLES)[number];

const EFFECT_KINDS = [
  "lease",
  "claim_comment",
  "claim_count",
  "claim_assign",
  "prepare",
  "start",
  "inspect",
  "gate",
  "commit",
  "rebase",
  "push",
  "pull",
  "verify",
  "review",
  "add_label",
  "remove_label",
  "assign_human",
  "unassign_human",
  "summary",
  "hand_over",
  "account",
  "question",
  "notice",
  "unassign",
  "withdraw",
  "unlease",
  "clean",
] as const;

const EffectSchema = z.object({ kind: z.enum(EFFECT_KINDS), label: z.optional(z.enum(ROLES)) });
/** One thing to be done for an item. What it is done with stands in the item itself. */
export type ItemEffect = z.infer<typeof EffectSchema>;

const SnapshotSchema = z.object({
  updated_at: z.string(),
  labels: z.array(z.string()),
  assignees: z.array(z.string()),
  state: z.string(),
  head_sha: z.nullable(z.string()),
  comment_id: z.int(),
  review_id: z.int(),
});
/** An item on the server as it was last seen by us (PSM-4). */
export type ItemSnapshot = z.infer<typeof SnapshotSchema>;

const CursorSchema = z.object({ comment_id: z.int(), review_id: z.int(), timeline_id: z.int(), body: z.nullable(z.string()) });
/** Everything up to these entries was looked at; `body` is the digest of the text a mention was last looked for in. */
export type Cursor = z.infer<typeof CursorSchema>;

const ClaimSchema = z.object({
  claim_id: z.string(),
  fencing_token: z.nullable(z.int()),
  comment_id: z.nullable(z.int()),
  expires_at: z.string(),
  prior_assignees: z.array(z.string()),
  /** The bot was not assigned before: then it is we who take it off again. */
  assigned: z.boolean(),
});
export type Claim = z.infer<typeof ClaimSchema>;

const nullableText = z.nullable(z.string());
export const ItemSchema = z.looseObject({
  schema_version: z.literal("loopx_gitea_item_v1"),
  repo: z.string(),
  number: z.int().check(z.positive()),
  is_pull: z.boolean(),
  state: z.enum(STATES),
  step: z.enum(STEPS),
  cause: z.enum(CAUSES),
  /** Who asked; null for a continuation. */
  by: nullableText,
  title: z.string(),
  priority: z.boolean(),
  cursor: CursorSchema,
  queued_at: z.string(),
  /** When the oldest event that is not worked yet reached us. */
  seen_at: z.string(),
  not_before: nullableText,
  /** When it became `done` or `dead`. */
  ended_at: nullableText,
  round: z.int(),
  attempts: z.int(),
  /** Faults of the server or of git in a row; a success ends the row. */
  faults: z.int(),
  violations: z.int(),
  /** How often somebody else was in the way of this run's result. */
  conflicts: z.int(),
  claim: z.nullable(ClaimSchema),
  /** As the item was when we last read it, our own writes included; what differs from it was done by somebody else (PSM-4). */
  snapshot: z.nullable(SnapshotSchema),
  run_id: nullableText,
  /** The run has ended and its result was not applied yet. */
  kept: z.boolean(),
  author_runs: z.array(z.string()),
  branch: nullableText,
  base: nullableText,
  /** The commit the run's checkout began at. */
  base_sha: nullableText,
  /** The branch on the server when the run began; null: it was not there. */
  branch_sha: nullableText,
  head_sha: nullableText,
  /** The commit on which the gate passed. */
  gated_sha: nullableText,
  reviewed_sha: nullableText,
  /** The pull that came of an issue; the issue that a pull closes. */
  pull: z.nullable(z.int()),
  issue: z.nullable(z.int()),
  /** A pull whose branch is not ours is only reviewed (PSM-16). */
  foreign: z.boolean(),
  human_assigned: nullableText,
  outcome: nullableText,
  /** What a person or the next run has to know: findings, the gate's last lines, a blocker. Bounded. */
  notes: z.string(),
  cooled: z.nullable(z.object({ sign: z.string(), until: z.string() })),
  plan: z.array(EffectSchema),
  /** What follows when the plan is done. */
  after: z.nullable(
    z.object({ state: z.enum(STATES), step: z.enum(STEPS), cause: z.enum(CAUSES), not_before: nullableText, reason: z.string() }),
  ),
  applied: z.array(z.string()),
  last_reason: z.string(),
  history: z.array(z.object({ at: z.string(), decision: z.string(), reason: z.string() })),
});
export type Item = z.infer<typeof ItemSchema>;

/** `owner/name#number`. */
export function itemKey({ repo, number }: Place): string {
  return `${repo}#${number}`;
}

/** The place of a key; null when the text is none. */
export function placeOfKey(key: string): Place | null {
  const match = /^([^\s/#]{1,200}\/[^\s/#]{1,200})#(\d{1,12})$/.exec(key);
  const [, repo, number] = match ?? [];
  return repo === undefined || number === undefined ? null : { repo, number: Number(number) };
}

/** True for records that nothing more happens to. */
export function isFinal({ state }: Pick<Item, "state">): boolean {
  return state === "done" || state === "dead";
}

/** An item nobody has worked on yet. */
export function freshItem(
  of: Place & Pick<Item, "is_pull" | "step" | "cause" | "by" | "title" | "priority" | "cursor" | "queued_at" | "foreign">,
): Item {
  return {
    schema_version: "loopx_gitea_item_v1",
    state: "queued",
    seen_at: of.queued_at,
    not_before: null,
    ended_at: null,
    round: 1,
    attempts: 0,
    faults: 0,
    violations: 0,
    conflicts: 0,
    claim: null,
    snapshot: null,
    run_id: null,
    kept: false,
    author_runs: [],
    branch: null,
    base: null,
    base_sha: null,
    branch_sha: null,
    head_sha: null,
    gated_sha: null,
    reviewed_sha: null,
    pull: null,
    issue: null,
    human_assigned: null,
    outcome: null,
    notes: "",
    cooled: null,
    plan: [],
    after: null,
    applied: [],
    last_reason: of.cause,
    history: [],
    ...of,
  };
}

/** The record of a text; null when it is none. */
export function parseItem(text: string): Item | null {
  try {
    const parsed = ItemSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function formatItem(item: Item): string {
  return `${JSON.stringify(item, null, 2)}\n`;
}

/** The record's file name: readable, and different for every item (names of servers are hostile text). */
export function itemName(place: Place, digest: (text: string) => string): string {
  return `${plainName(itemKey(place), 60)}-${digest(itemKey(place)).slice(0, 12)}.json`;
}

/** Letters, digits and dashes of a text, at most so many. */
export function plainName(text: string, most: number): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, most)
    .replaceAll(/^-+|-+$/g, "");
  return plain === "" ? "x" : plain;
}
