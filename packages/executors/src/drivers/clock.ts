/** The machine's clock, for those who have no host. */
import type { Clock } from "@loopx/core";
import type { Moment } from "@loopx/core/domain";

/** Now, by the given clock or the machine's. */
export function machineMoment(clock: Clock | undefined): Moment {
  const now = clock?.now() ?? new Date();
  return { ms: now.getTime(), offset_minutes: clock?.utcOffsetMinutes(now) ?? -now.getTimezoneOffset() };
}
