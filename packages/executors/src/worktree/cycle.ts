/**
 * One cycle of the worktree loop as values: what it knows, what can happen to it, and what it may ask for. Every counter that
 * bounds a cycle is here, so a restarted loop goes on counting (WTL-30, WTL-31).
 */
import * as z from "zod/mini";

/** How a cycle ended (WTL-32). */
export const RESULTS = [
  "validated",
  "promoted",
  "gate_failed",
  "fix_exhausted",
  "deploy_failed",
  "rejected",
  "awaiting_gate",
  "skipped_quota",
  "main_dirty",
  "wrong_branch",
  "busy",
  "base_moved",
  "infra_error",
  "aborted",
] as const;
export type CycleResult = (typeof RESULTS)[number];

export const PHASES = [
  "admit",
  "lock",
  "clear",
  "ensure",
  "stop_test",
  "reset",
  "prepare",
  "build",
  "start_test",
  "fast_gate",
  "slow_gate",
  "fix",
  "commit",
  "approve",
  "promote",
  "deploy_test",
  "deploy_main",
  "roll_back",
  "record",
  "done",
] as const;
export type Phase = (typeof PHASES)[number];

/** Where a failure was seen. */
export const TIERS = ["build", "start_test", "fast", "slow"] as const;
export type Tier = (typeof TIERS)[number];

const Sha = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));

const FailureSchema = z.object({
  tier: z.enum(TIERS),
  step: z.string(),
  exit_code: z.nullable(z.int()),
  reason: z.string(),
  /** The failed step's own log. */
  log: z.nullable(z.string()),
});
/** What failed; the fixer sees this step and no other. */
export type Failure = z.infer<typeof FailureSchema>;

const GateSchema = z.object({
  tier: z.enum(["fast", "slow"]),
  passed: z.boolean(),
  flaky: z.boolean(),
  failed_step: z.nullable(z.string()),
});
const LimitsSchema = z.object({ max_cycles: z.int(), max_retries: z.int(), max_slow_fixes: z.int() });

/** A cycle. */
export const CycleSchema = z.object({
  cycle_id: z.string(),
  profile: z.enum(["worktree", "lark"]),
  phase: z.enum(PHASES),
  base_sha: Sha,
  /** The base until a fix is committed. */
  candidate_sha: Sha,
  started_at: z.string(),
  limits: LimitsSchema,
  fix_enabled: z.boolean(),
  /** The test component runs during the gates: its start is part of an attempt. */
  starts_test: z.boolean(),
  has_slow_gate: z.boolean(),
  /** Goes on behind the gates: an earlier cycle's verdicts hold for this candidate. */
  from_approve: z.boolean(),
  attempt: z.int(),
  agent_runs: z.int(),
  runs_in_round: z.int(),
  slow_fixes: z.int(),
  /** Which gates have passed for the present candidate. */
  passed: z.object({ fast: z.boolean(), slow: z.boolean() }),
  gates: z.array(GateSchema),
  failure: z.nullable(FailureSchema),
  /** Why the last repair was not taken, for the next one. */
  refusal: z.nullable(z.string()),
  /** The run of an agent whose change is to be committed. */
  fix_run: z.nullable(z.string()),
  test_was_running: z.boolean(),
  stale_recovered: z.boolean(),
  result: z.nullable(z.enum(RESULTS)),
  reason: z.string(),
});
export type Cycle = z.infer<typeof CycleSchema>;

/** What can happen. `fault` is an infrastructure fault, never a verdict. */
export const CycleEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begin") }),
  z.object({ kind: z.literal("allowed") }),
  z.object({ kind: z.literal("denied"), rule: z.string() }),
  z.object({ kind: z.literal("got") }),
  z.object({ kind: z.literal("held"), by: z.string() }),
  /** The cycle of a killed loop was finished just now, and it was the one that is wanted. */
  z.object({ kind: z.literal("finished"), result: z.enum(RESULTS), candidate_sha: Sha, reason: z.string() }),
  z.object({ kind: z.literal("ok") }),
  z.object({ kind: z.literal("stopped"), was_running: z.boolean() }),
  z.object({ kind: z.literal("failed"), failure: FailureSchema }),
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("not_ready"), reason: z.string() }),
  z.object({ kind: z.literal("foreign_port"), reason: z.string() }),
  z.object({ kind: z.literal("gate"), verdict: GateSchema, failure: z.nullable(FailureSchema) }),
  z.object({ kind: z.literal("changed"), run_id: z.string() }),
  z.object({ kind: z.literal("no_progress"), reason: z.string() }),
  z.object({ kind: z.literal("over_budget"), reason: z.string() }),
  z.object({ kind: z.literal("committed"), candidate_sha: Sha }),
  z.object({ kind: z.literal("not_needed") }),
  z.object({ kind: z.literal("approved") }),
  z.object({ kind: z.literal("open") }),
  z.object({ kind: z.literal("rejected"), reason: z.string() }),
  z.object({ kind: z.literal("promoted") }),
  z.object({ kind: z.literal("nothing_to_do") }),
  z.object({ kind: z.literal("not_promoted"), result: z.enum(["base_moved", "main_dirty", "wrong_branch"]), reason: z.string() }),
  z.object({ kind: z.literal("rolled_back"), reason: z.string() }),
  z.object({ kind: z.literal("recorded") }),
  z.object({ kind: z.literal("fault"), reason: z.string() }),
  z.object({ kind: z.literal("aborted"), reason: z.string() }),
  /** A killed loop's cycle is taken up again. */
  z.object({ kind: z.literal("recovered") }),
]);
export type CycleEvent = z.infer<typeof CycleEventSchema>;

/** A line for people (WTL-87). */
export const NOTICES = [
  "build_begins",
  "build_failed",
  "start_test",
  "start_test_failed",
  "fast_gate_begins",
  "passed",
  "gate_failed",
  "main_ready",
  "ended",
] as const;
export type NoticeName = (typeof NOTICES)[number];

export const CycleEffectSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("phase"), phase: z.enum(PHASES) }),
  /** `repairing`: whether an agent goes on from here. */
  z.object({ kind: z.literal("notice"), notice: z.enum(NOTICES), attempt: z.int(), repairing: z.boolean() }),
]);
export type CycleEffect = z.infer<typeof CycleEffectSchema>;

/** What a cycle starts from. */
export interface CycleStart {
  readonly cycle_id: string;
  readonly profile: "worktree" | "lark";
  readonly base_sha: string;
  readonly started_at: string;
  readonly limits: Cycle["limits"];
  readonly fix_enabled: boolean;
  readonly starts_test: boolean;
  readonly has_slow_gate: boolean;
  /** The tested candidate of an earlier cycle that waited for something. */
  readonly tested_candidate: string | null;
}

/** A cycle that has not begun. */
export function newCycle(start: CycleStart): Cycle {
  const { tested_candidate, ...rest } = start;
  const tested = tested_candidate !== null;
  return {
    ...rest,
    phase: "admit",
    candidate_sha: tested_candidate ?? start.base_sha,
    from_approve: tested,
    attempt: 0,
    agent_runs: 0,
    runs_in_round: 0,
    slow_fixes: 0,
    passed: { fast: tested, slow: tested },
    gates: [],
    failure: null,
    refusal: null,
    fix_run: null,
    test_was_running: false,
    stale_recovered: false,
    result: null,
    reason: "",
  };
}
