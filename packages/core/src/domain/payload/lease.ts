/** The answers of the lease verbs (CMD-102). */
import * as z from "zod/mini";
import { count, effect, flag, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const terms = {
  goal_id: z.string(),
  todo_id: z.string(),
  holder: text("The agent it was granted to."),
  state: z.enum(["held", "released"]).check(z.describe("As the record says it; expiry is in `live`.")),
  live: flag("Held and not expired."),
  token: count("The fencing token; it grows with each grant and never shrinks."),
  version: count("Grows with each change."),
  ttl_minutes: z.number(),
  acquired_at: z.string(),
  renewed_at: z.nullable(z.string()),
  expires_at: z.string(),
  released_at: z.nullable(z.string()),
  write_scopes: z.array(z.string()).check(z.describe("No other live lease of the goal may cover a common path.")),
  taken_over_from: textOrNull("Whose live lease this grant ended."),
  take_over_reason: textOrNull("Why."),
};

const LeaseViewSchema = z.strictObject(terms);
/** A lease as the verbs show it. */
export type LeaseView = PayloadOf<typeof LeaseViewSchema>;

export const LeaseChangeSchema = z.strictObject({
  ...effect,
  changed: flag("False when it was so already: the same idempotency key again, or a second release."),
  ...terms,
});
/** A lease after a verb. */
export type LeaseChangeResult = PayloadOf<typeof LeaseChangeSchema>;

export const LeaseVerifySchema = z.strictObject({ read_only: z.literal(true), ...terms, changed: z.literal(false) });
/** A lease that is live with the token that was asked about. */
export type LeaseVerifyResult = PayloadOf<typeof LeaseVerifySchema>;

const UnreadableLeaseSchema = z.strictObject({
  todo_id: z.nullable(z.string()).check(z.describe("What its name says it is for; null for a file that no todo names.")),
  file: z.string(),
  reason: text("Why it cannot be read."),
});
export const LeaseListSchema = z.strictObject({
  read_only: z.literal(true),
  goal_id: z.string(),
  all: flag("True when released and expired leases are listed too."),
  leases: z.array(LeaseViewSchema).check(z.describe("By todo id.")),
  lease_count: z.int(),
  unreadable: z.array(UnreadableLeaseSchema).check(z.describe("Each counts as held; no lease is granted in its place.")),
});
/** The leases of a goal. */
export type LeaseListResult = PayloadOf<typeof LeaseListSchema>;
