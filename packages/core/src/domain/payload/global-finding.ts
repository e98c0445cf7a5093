/** What is wrong with the global registry (DEC-74), as `status` lists it and as a live goal's item carries it. */
import * as z from "zod/mini";
import type { GlobalFindingKind } from "../goal/global-findings.ts";
import { oneOf } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const KINDS = [
  "duplicate_goal_id",
  "source_registry_missing",
  "stale_source_registry",
  "source_entry_missing",
  "state_file_missing",
  "state_file_not_declared",
  "current_registry_scope_excludes_global_goals",
  "unregistered_runtime_goal",
] as const satisfies readonly GlobalFindingKind[];

const head = {
  kind: oneOf(KINDS, "A finding of docs/errors.md."),
  severity: oneOf(["high", "action", "info"], "None of them blocks a goal."),
  message: z.string(),
};

export const GlobalFindingSchema = z.strictObject({
  ...head,
  recommended_action: z.string(),
  goal_id: z.optional(z.string()),
  goal_ids: z.optional(z.array(z.string())),
  path: z.optional(z.string()),
});

/** The same on a live goal's item. */
export const HangingFindingSchema = z.strictObject(head);
export type HangingFinding = PayloadOf<typeof HangingFindingSchema>;
