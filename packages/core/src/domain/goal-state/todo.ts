/**
 * A todo as one line of the goal state says it: text, marker and metadata comment (FIL-40 to FIL-48).
 * Types only; reading is `parse.ts`, writing `edit.ts`.
 */
import * as z from "zod/mini";

/** The statuses of a todo; `open` and `blocked` ones count as open. */
export const TODO_STATUSES = ["open", "done", "blocked", "deferred"] as const;
/** Whose todo it is: a person's or an agent's. */
export const TODO_ROLES = ["user", "agent"] as const;
/** What kind of work a todo is; only a `user_gate` stops anything (design D9). */
export const TASK_CLASSES = ["advancement_task", "continuous_monitor", "user_gate", "blocker", "user_action"] as const;
/** The priority prefixes a text may carry, `[P0]` first. */
export const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"] as const;
/** The rank of a todo without a priority prefix (FIL-41). */
export const RANK_WITHOUT_PRIORITY = 50;

/** A status of {@link TODO_STATUSES}. */
export type TodoStatus = (typeof TODO_STATUSES)[number];
/** A role of {@link TODO_ROLES}. */
export type TodoRole = (typeof TODO_ROLES)[number];
/** A class of {@link TASK_CLASSES}. */
export type TaskClass = (typeof TASK_CLASSES)[number];
/** A priority of {@link PRIORITIES}. */
export type Priority = (typeof PRIORITIES)[number];

/** Metadata other than id, status and class; a key is present only when the file has a readable value. */
export const TodoMetadataSchema = z.object({
  action_kind: z.optional(z.string()),
  required_write_scopes: z.optional(z.array(z.string())),
  required_capabilities: z.optional(z.array(z.string())),
  target_capabilities: z.optional(z.array(z.string())),
  decision_scope: z.optional(z.string()),
  required_decision_scopes: z.optional(z.array(z.string())),
  claimed_by: z.optional(z.string()),
  blocks_agent: z.optional(z.string()),
  global_gate: z.optional(z.boolean()),
  unblocks_todo_id: z.optional(z.string()),
  resume_when: z.optional(z.string()),
  no_followup: z.optional(z.boolean()),
  target_key: z.optional(z.string()),
  cadence: z.optional(z.string()),
  next_due_at: z.optional(z.string()),
  expires_at: z.optional(z.string()),
  last_checked_at: z.optional(z.string()),
  result_hash: z.optional(z.string()),
  consecutive_no_change: z.optional(z.number()),
  material_change: z.optional(z.boolean()),
  max_no_change_before_replan: z.optional(z.number()),
  note: z.optional(z.string()),
  evidence: z.optional(z.string()),
  reason: z.optional(z.string()),
  completed_at: z.optional(z.string()),
  updated_at: z.optional(z.string()),
  superseded_by: z.optional(z.string()),
  claimed_at: z.optional(z.string()),
  claim_taken_from: z.optional(z.string()),
  claim_taken_at: z.optional(z.string()),
});
/** A todo's metadata, by key. */
export type TodoMetadata = z.infer<typeof TodoMetadataSchema>;

/** A todo as it was read, with its place in the file. */
export const TodoSchema = z.object({
  todo_id: z.string(),
  /** False while the id is derived from place and text (FIL-46). */
  explicit_id: z.boolean(),
  role: z.enum(TODO_ROLES),
  /** 1-based position within the role over all its sections. */
  index: z.number(),
  /** The heading of its section, without `## `. */
  section: z.string(),
  /** 1-based line of the checkbox. */
  line: z.number(),
  status: z.enum(TODO_STATUSES),
  /** Whitespace-collapsed, priority prefix included, not cut. */
  text: z.string(),
  /** The text without its priority prefix. */
  title: z.string(),
  priority: z.nullable(z.enum(PRIORITIES)),
  /** The priority's digit, 50 without one. */
  rank: z.number(),
  /** Null on a user todo without a readable class: such a todo gates (FIL-43, FIL-44). */
  task_class: z.nullable(z.enum(TASK_CLASSES)),
  metadata: TodoMetadataSchema,
});
/** One todo of a goal state. */
export type Todo = z.infer<typeof TodoSchema>;
