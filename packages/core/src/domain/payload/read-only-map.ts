/** The answer of `read-only-map` (CMD-111). */
import * as z from "zod/mini";
import { appendedRun, count, effect, flag, oneOf, openObject, text, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { NoteSchema } from "./note.ts";
import { GlobalSyncSchema } from "./sync-global.ts";

const MapSummarySchema = z.strictObject({
  adapter_kind: z.string(),
  adapter_status: z.string(),
  authority_source_count: count("Documents the goal calls its authority."),
  authority_registry: openObject("Counts of the authority registry; no paths."),
  guard_count: z.int(),
  sections_found: count("Of the sections of the goal state that a map looks for."),
  sections_checked: z.int(),
  project_registry_exists: z.boolean(),
  goal_state_dir_exists: z.boolean(),
  active_state_file_exists: z.boolean(),
  files_present: count("Of the paths that a map looks for."),
  files_checked: z.int(),
  residual_risk_count: z.int(),
});

export const ReadOnlyMapSchema = z.strictObject({
  ...effect,
  appended: flag("True when a line was appended to the run index."),
  goal_id: z.string(),
  generated_at: text("The run's instant, local time with offset."),
  run_id: appendedRun.run_id,
  classification: z.string(),
  recommended_action: z.string(),
  opt_in_required: flag("True while a planned adapter has no approval; its map is only shown."),
  project_map: MapSummarySchema,
  sections: z
    .array(z.strictObject({ heading: z.string(), present: z.boolean(), line_count: count("Lines that are not blank.") }))
    .check(z.describe("Sections of the goal state.")),
  checks: z
    .array(
      z.strictObject({
        path: text("Relative to the repository."),
        exists: z.boolean(),
        kind: oneOf(["file", "directory"], "What it should be."),
        role: oneOf(["context", "goal_state", "validation"], "What it stands for."),
      }),
    )
    .check(z.describe("Files that were looked for and not opened.")),
  residual_risks: texts("What is missing or doubtful, names of a closed vocabulary."),
  json_path: appendedRun.json_path,
  markdown_path: appendedRun.markdown_path,
  index_path: z.string(),
  global_sync: z.nullable(GlobalSyncSchema),
  warnings: z.array(NoteSchema),
});
/** The map that was recorded, or would be. */
export type ReadOnlyMapResult = PayloadOf<typeof ReadOnlyMapSchema>;
