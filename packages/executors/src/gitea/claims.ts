/**
 * Claim comments: how two dispatchers of one bot account that share nothing but the server agree who works on an item
 * (DSP-37, DSP-38). The lowest id of the bot's unexpired ones wins; comments of anybody else are text. Pure.
 */
import { formatInstant, instantMs, isJsonObject, type Moment } from "@loopx/core/domain";
import type { ForgeComment } from "./forge.ts";
import { has } from "./labels.ts";

/** What a claim comment says. */
export interface ClaimMark {
  readonly claim_id: string;
  readonly holder: string;
  readonly expires_at: string;
}

const MARK = /^<!-- loopx-claim v1 (\{[^\n]{1,600}\}) -->$/m;

/** The comment's text: one line for people, one mark for dispatchers. */
export function claimText(mark: ClaimMark, run_id: string): string {
  const until = (mark.expires_at.split("T")[1] ?? "").slice(0, 5);
  const { claim_id, holder, expires_at } = mark;
  return `LoopX works on this (run ${run_id}, until ${until} UTC).\n\n<!-- loopx-claim v1 ${JSON.stringify({ claim_id, holder, expires_at })} -->`;
}

/** A comment with its mark; null when it is no claim of the bot's. */
export function claimIn(comment: ForgeComment, bot_user: string): ClaimMark | null {
  if (!has([comment.author], bot_user)) return null;
  const json = MARK.exec(comment.body)?.[1];
  try {
    const value: unknown = json === undefined ? null : JSON.parse(json);
    if (!isJsonObject(value)) return null;
    const { claim_id, holder, expires_at } = value;
    const sound = typeof claim_id === "string" && typeof holder === "string" && typeof expires_at === "string";
    return sound && instantMs(expires_at) !== null ? { claim_id, holder, expires_at } : null;
  } catch {
    return null;
  }
}

/** A claim that stands on the server. */
export interface StandingClaim extends ClaimMark {
  readonly comment_id: number;
}

/** Every claim of the bot's, the winner first among the live ones. */
export function claimsIn(comments: readonly ForgeComment[], bot_user: string): readonly StandingClaim[] {
  return comments
    .flatMap((comment) => {
      const mark = claimIn(comment, bot_user);
      return mark === null ? [] : [{ ...mark, comment_id: comment.id }];
    })
    .toSorted((a, b) => a.comment_id - b.comment_id);
}

/** The claim that counts now; null when there is none. */
export function winningClaim(comments: readonly ForgeComment[], bot_user: string, now: Moment): StandingClaim | null {
  return claimsIn(comments, bot_user).find(({ expires_at }) => now.ms < (instantMs(expires_at) ?? 0)) ?? null;
}

/** An instant in UTC, to the second, as claims have it. */
export function utcText(ms: number): string {
  return formatInstant({ ms, offset_minutes: 0 }, "seconds");
}
