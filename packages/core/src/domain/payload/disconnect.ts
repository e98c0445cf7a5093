/** The answers of `disconnect` (CMD-42): goals that left or came back, or with `--list` what can come back. */
import * as z from "zod/mini";
import { count, effect, oneOf, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { NoteSchema } from "./note.ts";

export const DisconnectSchema = z.strictObject({
  ...effect,
  global_registry: text("The global registry."),
  goal_ids: texts("The goals that leave or come back."),
  stamp: textOrNull("Name of the copies below `disconnected/`; null when nothing changes."),
  local_goal_count_before: count("Entries of the project's registry."),
  local_goal_count_after: count("The same afterwards."),
  global_removed_goal_ids: texts("Goals that leave the global registry."),
  global_skipped_route_mismatch_goal_ids: texts("Goals of that id which lead to another project there; they stay."),
  state_actions: z.array(
    z.strictObject({
      goal_id: z.string(),
      action: oneOf(["kept", "archived", "restored", "missing", "unresolved"], "What becomes of the goal's state file."),
      path: textOrNull("Where it lies or lay."),
      archived_to: textOrNull("Where it was moved."),
    }),
  ),
  actions: z.array(
    z.strictObject({
      path: z.string(),
      action: oneOf(["copied", "edited", "removed", "created", "restored", "moved"], "What happens to the file."),
    }),
  ),
  warnings: z.array(NoteSchema),
  restore_command: textOrNull("Puts every file back as it was; null when nothing changed."),
});
/** Goals that left, or came back. */
export type DisconnectResult = PayloadOf<typeof DisconnectSchema>;

export const DisconnectListSchema = z.strictObject({
  read_only: z.literal(true),
  global_registry: text("The global registry."),
  disconnected: z.array(
    z.strictObject({
      stamp: z.string(),
      standing: oneOf(
        ["disconnected", "interrupted", "restored", "changed", "unreadable"],
        "How the files stand now: all as it left them, only some, all as they were before, one changed since; or the manifest cannot be read.",
      ),
      disconnected_at: textOrNull("Null when the manifest cannot be read."),
      project_registry: z.nullable(z.string()),
      goal_ids: z.array(z.string()),
      restore_command: z.nullable(z.string()),
    }),
  ),
});
/** What was disconnected and can be put back, oldest first. */
export type DisconnectListResult = PayloadOf<typeof DisconnectListSchema>;
