/**
 * One launch of the primary bot as values: what it knows, what can happen to it, and what it may ask for. Every counter that
 * bounds it is here, so a killed launch goes on counting (000: `lark.sh start`).
 */
import * as z from "zod/mini";
import { RESULTS } from "../worktree/cycle.ts";

/** How a launch ended: the bot answers, or why it does not; a repair's own result where a repair ended it. */
export const LAUNCH_RESULTS = ["ready", "already_running", "not_ready", "exhausted", "foreign_port", ...RESULTS] as const;
export type LaunchResult = (typeof LAUNCH_RESULTS)[number];

export const LAUNCH_PHASES = ["look", "build", "start", "repair", "done"] as const;
export type LaunchPhase = (typeof LAUNCH_PHASES)[number];

/** What people are told; `lark.sh` said the same. */
export const LAUNCH_NOTICES = ["build_failed", "start_failed", "attempt", "ready", "fixed", "exhausted", "ended"] as const;
export type LaunchNotice = (typeof LAUNCH_NOTICES)[number];

/** A launch. */
export const LaunchSchema = z.object({
  launch_id: z.string(),
  phase: z.enum(LAUNCH_PHASES),
  /** A server that runs well is left alone. */
  keep_running: z.boolean(),
  started_at: z.string(),
  /** MAX_RETRIES: repairs of one launch; each is a cycle with its own MAX_CYCLES. */
  limits: z.object({ max_retries: z.int() }),
  fix_enabled: z.boolean(),
  /** Starts that were tried. */
  starts: z.int(),
  repairs: z.int(),
  /** A cycle passed the commit as it is: there is nothing left that a repair of the code could change. */
  code_is_good: z.boolean(),
  failure: z.nullable(z.object({ stage: z.enum(["build", "start"]), reason: z.string() })),
  result: z.nullable(z.enum(LAUNCH_RESULTS)),
  reason: z.string(),
});
export type Launch = z.infer<typeof LaunchSchema>;

/** What can happen. `fault` is an infrastructure fault: nothing about the bot. */
export const LaunchEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begin") }),
  z.object({ kind: z.literal("running") }),
  z.object({ kind: z.literal("down") }),
  z.object({ kind: z.literal("built") }),
  z.object({ kind: z.literal("failed"), reason: z.string() }),
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("not_ready"), reason: z.string() }),
  z.object({ kind: z.literal("foreign_port"), reason: z.string() }),
  /** A cycle of the loop ended so. */
  z.object({ kind: z.literal("cycle"), result: z.enum(RESULTS), reason: z.string() }),
  z.object({ kind: z.literal("fault"), reason: z.string() }),
  z.object({ kind: z.literal("aborted"), reason: z.string() }),
]);
export type LaunchEvent = z.infer<typeof LaunchEventSchema>;

/** What a launch asks for: the work of a phase, or a line for people. */
export const LaunchEffectSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("phase"), phase: z.enum(LAUNCH_PHASES) }),
  z.object({ kind: z.literal("notice"), notice: z.enum(LAUNCH_NOTICES), repairs: z.int(), repairing: z.boolean() }),
]);
export type LaunchEffect = z.infer<typeof LaunchEffectSchema>;

/** A launch that has not begun. */
export function newLaunch(start: Pick<Launch, "launch_id" | "keep_running" | "started_at" | "limits" | "fix_enabled">): Launch {
  return { ...start, phase: "look", starts: 0, repairs: 0, code_is_good: false, failure: null, result: null, reason: "" };
}
