import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import type { Clock, Ids } from "../ports/clock.ts";

/** Fresh ids: 12 random hex for todos (FIL-46), a lower-case ULID for everything else (FIL-61). */
export function randomIds(clock: Clock): Ids {
  return {
    next: (prefix) => prefix + (prefix === "todo_" ? randomBytes(6).toString("hex") : ulid(clock.now().getTime()).toLowerCase()),
  };
}
