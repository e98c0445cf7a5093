/**
 * The handoff delivery contract (DEC-56): what the next delivery has to reach after small or surface-only runs.
 * The same object stands in verdict, status and review packet. It stops nothing; it binds the spend (DEC-63).
 */
import * as z from "zod/mini";
import type { ExecutionProfile } from "../goal/entry.ts";
import { CONTRACT_INSTRUCTION, CONTRACT_SUMMARY } from "../locale/delivery-contract.ts";
import type { Locale } from "../locale/locale.ts";
import { scaleOf, streaksOf, type Gradable } from "../run/grades.ts";

export const CONTRACT_MODES = ["expand_after_repeated_small_delivery", "expand_after_surface_progress_loop"] as const;
export const SUMMARY_LIMIT = 220;
export const INSTRUCTION_LIMIT = 260;
const SCALES_SHOWN = 3;

/** The contract as verdict, status and review packet print it. */
export const DeliveryContractSchema = z.strictObject({
  mode: z.enum(CONTRACT_MODES),
  minimum_scale: z.string(),
  must_include: z.array(z.string()),
  must_advance: z.array(z.string()),
  spend_rule: z.string(),
  small_scale_streak_threshold: z.number(),
  outcome_gap_streak_threshold: z.number(),
  post_handoff_small_scale_streak: z.number(),
  post_handoff_outcome_gap_streak: z.number(),
  /** Newest first. */
  recent_scales: z.array(z.string()).check(z.maxLength(SCALES_SHOWN)),
  if_blocked: z.literal("report_blocker_without_spend"),
  summary: z.string().check(z.maxLength(SUMMARY_LIMIT)),
  instruction: z.string().check(z.maxLength(INSTRUCTION_LIMIT)),
});
/** What the next delivery has to reach. */
export type DeliveryContract = z.infer<typeof DeliveryContractSchema>;

/** The contract that binds the next delivery, or null. `graded`: newest first, as `History` gives them. */
export function deliveryContract(graded: readonly Gradable[], profile: ExecutionProfile, locale: Locale = "en"): DeliveryContract | null {
  const streaks = streaksOf(graded, profile);
  const smallLimit = profile.degradation_policy.small_scale_streak_threshold;
  const repeatedSmall = streaks.small > 0 && streaks.small >= smallLimit;
  if (!repeatedSmall && !streaks.floor_tripped) return null;
  return {
    mode: repeatedSmall ? "expand_after_repeated_small_delivery" : "expand_after_surface_progress_loop",
    minimum_scale: profile.minimum_scale,
    must_include: [...profile.must_include],
    must_advance: [...profile.outcome_floor.must_advance],
    spend_rule: profile.spend_rule,
    small_scale_streak_threshold: smallLimit,
    outcome_gap_streak_threshold: profile.outcome_floor.surface_streak_threshold,
    post_handoff_small_scale_streak: streaks.small,
    post_handoff_outcome_gap_streak: streaks.gap,
    recent_scales: graded.slice(0, SCALES_SHOWN).map(scaleOf),
    if_blocked: "report_blocker_without_spend",
    summary: cut(CONTRACT_SUMMARY[locale](streaks.small, streaks.gap), SUMMARY_LIMIT),
    instruction: cut(
      CONTRACT_INSTRUCTION[locale](profile.minimum_scale, profile.must_include, profile.outcome_floor.must_advance),
      INSTRUCTION_LIMIT,
    ),
  };
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit - 1);
  // Half of a surrogate pair is no character.
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}
