/** What a sync with the global registry did (CMD-44); it stands alone, and within `connect` and `refresh-state`. */
import * as z from "zod/mini";
import { effect, flag, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const RouteSchema = z.strictObject({
  source_registry: z.nullable(z.string()),
  repo: z.nullable(z.string()),
  state_file: z.nullable(z.string()),
});

export const GlobalSyncSchema = z.strictObject({
  ...effect,
  skipped: flag("True when the registry is the global one itself."),
  source_registry: text("The registry the goals come from."),
  global_registry: text("The registry they go to."),
  synced_goal_ids: texts("Every goal that was written."),
  added: texts("Of these, the new ones."),
  replaced: texts("Of these, the changed ones."),
  unchanged: texts("Of these, the ones that are equal but for their time."),
  pruned: texts("Goals that were taken out."),
  collisions: z
    .array(
      z.strictObject({
        kind: z.enum(["route", "case", "duplicate"]),
        goal_id: z.string(),
        existing_goal_id: z.string(),
        existing: RouteSchema,
        incoming: RouteSchema,
      }),
    )
    .check(z.describe("Ids that led elsewhere and were moved.")),
  backup_path: textOrNull("Copy of the global registry from before it was replaced."),
  write_denied: z.optional(
    z.literal(true).check(z.describe("The global registry could not be written; the project's own files are whole.")),
  ),
  error_kind: z.optional(z.literal("global_registry_write_denied")),
});
/** What became of the global registry. */
export type GlobalSync = PayloadOf<typeof GlobalSyncSchema>;
