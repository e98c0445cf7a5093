/** When a person says that a decision was made: the instant of a call, checked once. */
import { LoopxError } from "../domain/errors.ts";
import { formatInstant, instantMs, type Moment } from "../domain/time.ts";

/** A record may be dated by the clock of another machine, but not by its future. */
const AHEAD_ALLOWED_MS = 5 * 60_000;

/** When a person decided, as records have it (FIL-3); null when the call does not say. A later instant than now is `invalid_value`. */
export function givenInstant(given: string | undefined, now: Moment): string | null {
  if (given === undefined) return null;
  const ms = instantMs(given);
  if (ms !== null && ms <= now.ms + AHEAD_ALLOWED_MS) return formatInstant({ ...now, ms }, "milliseconds");
  const problem = ms === null ? "is no instant such as 2026-11-21T08:00:00+08:00" : "lies more than 5 minutes ahead of now";
  throw new LoopxError("invalid_value", `--recorded-at ${JSON.stringify(given.slice(0, 60))} ${problem}`, {
    details: { key: "recorded_at" },
  });
}
