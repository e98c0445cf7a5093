/** The answer of `connect` (CMD-36). */
import * as z from "zod/mini";
import { effect, oneOf, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { NoteSchema } from "./note.ts";
import { GlobalSyncSchema } from "./sync-global.ts";

export const ConnectSchema = z.strictObject({
  ...effect,
  project: text("Absolute real path of the project."),
  goal_id: z.string(),
  state_file: text("Absolute path of the goal state."),
  goal_doc: textOrNull("The document that says what is wanted."),
  goal_doc_exists: z.nullable(z.boolean()).check(z.describe("Null without a goal document.")),
  runtime_root: z.string(),
  registry_goal_action: oneOf(["appended", "kept-existing", "replaced"], "What became of the registry entry."),
  state_action: oneOf(["created", "kept-existing", "replaced"], "What became of the goal state."),
  execution_profile: z
    .unknown()
    .check(z.describe("The entry's execution profile as it stands in the registry; null when a kept entry has none.")),
  global_sync: z.nullable(GlobalSyncSchema).check(z.describe("Null on a dry run and with --no-global-sync.")),
  actions: z
    .array(z.strictObject({ path: z.string(), action: z.string(), goal_id: z.string() }))
    .check(z.describe("Every file that is written or kept, in order.")),
  backups: texts("Copies of what --force replaced."),
  ignored_flags: texts("Flags that differ from the entry that was kept."),
  warnings: z.array(NoteSchema),
  next_commands: texts("Each runs as printed."),
});
/** What `connect` wrote, or would write. */
export type ConnectResult = PayloadOf<typeof ConnectSchema>;
