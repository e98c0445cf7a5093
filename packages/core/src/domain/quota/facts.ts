/**
 * Everything a verdict may know, gathered once at the door (DEC-1 to DEC-8). Plain data: rules read this and nothing else.
 */
import * as z from "zod/mini";
import { GoalEntrySchema } from "../goal/entry.ts";
import { TodoSchema } from "../goal-state/todo.ts";
import { RunSchema } from "../run/history.ts";

export const FindingSchema = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  message: z.string(),
  goal_id: z.optional(z.string()),
  goal_ids: z.optional(z.readonly(z.array(z.string()))),
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  key: z.optional(z.string()),
});

export const QUOTA_STATES = ["eligible", "throttled", "paused"] as const;
/** The quota after the ledger was read (DEC-3, section 2 of decisions). */
export const QuotaFactsSchema = z.object({
  compute: z.number(),
  window_hours: z.number(),
  slot_minutes: z.number(),
  allowed_slots: z.number(),
  spent_slots: z.number(),
  remaining_slots: z.number(),
  state: z.enum(QUOTA_STATES),
  window_start_ms: z.number(),
  spend_event_count: z.number(),
  void_event_count: z.number(),
  /** When the oldest counted spend leaves the window; null when nothing is spent. */
  next_slot_at_ms: z.nullable(z.number()),
});
/** A goal's quota with what was spent in the window. */
export type QuotaFacts = z.infer<typeof QuotaFactsSchema>;

export const LeaseFactSchema = z.object({ todo_id: z.string(), holder: z.string(), expires_at_ms: z.number() });

export const WORKSPACES = [
  "primary_checkout",
  "not_git_worktree",
  "foreign_git_worktree",
  "independent_worktree",
  "repository_without_git",
] as const;

/** All inputs of a verdict; the same facts and instant give the same verdict. */
export const FactsSchema = z.object({
  goal_id: z.string(),
  /** Why the registry cannot be read (FIL-16); null when it can. */
  registry_fault: z.nullable(FindingSchema),
  registry_file: z.string(),
  /** Null when no entry has this id, or the only ones are unusable (then `health` says why). */
  goal: z.nullable(GoalEntrySchema),
  /** An entry with this id exists, usable or not. */
  registered: z.boolean(),
  agent_id: z.nullable(z.string()),
  /** Looked at for side agents, and by `why`; null otherwise. */
  workspace: z.nullable(z.enum(WORKSPACES)),
  /** Live leases of this goal. */
  leases: z.array(LeaseFactSchema),
  /** Findings of this goal, its state and its history. */
  health: z.array(FindingSchema),
  /** Hits of a scan this call asked for. */
  scan: z.array(FindingSchema),
  quota: QuotaFactsSchema,
  todos: z.object({
    user: z.array(TodoSchema),
    agent: z.array(TodoSchema),
    archived_ids: z.array(z.string()),
    /**
     * Agent todos that are counted and not listed: closed ones, and open work of nobody, named by no gate and no lease, that comes
     * behind three of its kind which are listed. Only the facts of one verdict leave any out (PRF-14).
     */
    left_out: z.optional(z.object({ open: z.number(), closed: z.number() })),
  }),
  runs: z.object({
    status_run: z.nullable(RunSchema),
    status_run_artifact_missing: z.boolean(),
    /** Newest first, at most 50: what the streaks count (DEC-54). */
    graded: z.array(RunSchema),
    /** Newest first, at most 20: runs with rewards (DEC-78). */
    judged: z.array(RunSchema),
    unaccepted_bad_lines: z.array(z.object({ line: z.number(), offset: z.number() })),
    accepted_bad_line_count: z.number(),
    index_file: z.string(),
    run_count: z.number(),
  }),
  /** Null when there is no readable goal state. */
  state: z.nullable(
    z.object({
      file: z.string(),
      /** Null while no run remembers a state to compare with: hashing would cost every wake-up its loading time. */
      sha256_16: z.nullable(z.string()),
      updated_at: z.nullable(z.string()),
      /** Whole items of `## Next Action`, joined and in order (DEC-77), but for those a closed todo says; not yet judged for safety. */
      next_action: z.array(z.string()),
    }),
  ),
  /** How printed commands reach these files. */
  invocation: z.object({ cli_bin: z.string(), registry: z.nullable(z.string()), runtime_root: z.nullable(z.string()) }),
});
/** The facts of one goal for one call. */
export type Facts = z.infer<typeof FactsSchema>;
