/** The answer of `registry` (CMD-60). */
import * as z from "zod/mini";
import { count, flag, oneOf, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const RegistryProblemSchema = z.strictObject({
  code: text("A finding of docs/errors.md."),
  severity: oneOf(["error", "warning", "info"], "An error makes the answer `registry_unhealthy`."),
  message: z.string(),
  goal_ids: z.array(z.string()),
  line: z.optional(count("1-based.")),
});
export type RegistryProblem = PayloadOf<typeof RegistryProblemSchema>;

export const RegistryGoalSchema = z.strictObject({
  goal_id: textOrNull("Null when the entry has no id."),
  position: count("0-based place in the file."),
  usable: flag("False when a problem of severity error is about this entry."),
  status: z.nullable(z.string()),
  domain: z.nullable(z.string()),
  role: z.nullable(z.string()),
  repo: z.nullable(z.string()),
  state_file: z.nullable(z.string()),
  adapter: z.nullable(z.strictObject({ kind: z.string(), status: z.string() })),
  registered_agents: z.array(z.string()),
  primary_agent: z.nullable(z.string()),
  source_registry: textOrNull("In the global registry: where the entry came from."),
});
export type RegistryGoal = PayloadOf<typeof RegistryGoalSchema>;

export const RegistryResultSchema = z.strictObject({
  schema_version_found: textOrNull("The file's own version."),
  updated_at: z.nullable(z.string()),
  common_runtime_root: z.nullable(z.string()),
  goal_count: count("Entries, usable or not."),
  status_counts: z.record(z.string(), z.int()).check(z.describe("Entries by status; `unusable` for those that cannot be read.")),
  problems: z.array(RegistryProblemSchema),
  goals: z.array(RegistryGoalSchema).check(z.describe("In the order of the file.")),
});
