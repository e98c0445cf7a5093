/** Which scenarios are run (WTL-101). Pure. */
import type { Scenario } from "./scenario.ts";

/** A scenario with this tag waits until somebody asks for it. */
const MANUAL = "manual";

/** What was asked for; empty lists ask for everything that is not manual. */
export interface Wanted {
  readonly names: readonly string[];
  /** Any of them is enough; case counts. */
  readonly tags: readonly string[];
}

/** True when the scenario is run. */
export function isWanted({ name, tags }: Pick<Scenario, "name" | "tags">, wanted: Wanted): boolean {
  const named = wanted.names.includes(name);
  const tagged = tags.some((tag) => wanted.tags.includes(tag));
  if (wanted.names.length + wanted.tags.length > 0) {
    const passes = (wanted.names.length === 0 || named) && (wanted.tags.length === 0 || tagged);
    return passes && (!tags.includes(MANUAL) || named || wanted.tags.includes(MANUAL));
  }
  return !tags.includes(MANUAL);
}
