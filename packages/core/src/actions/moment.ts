import type { Moment } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";

/** Now, as the host's clock says it, with the local offset that records are written in (FIL-3). */
export function momentOf(clock: Clock): Moment {
  const at = clock.now();
  return { ms: at.getTime(), offset_minutes: clock.utcOffsetMinutes(at) };
}
