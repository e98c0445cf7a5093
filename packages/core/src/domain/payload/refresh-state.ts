/** The answer of `refresh-state` (CMD-110). */
import * as z from "zod/mini";
import { BATCH_SCALES, DELIVERY_OUTCOMES } from "../run/history.ts";
import { appendedRun, effect, flag, oneOf, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { NoteSchema } from "./note.ts";
import { GlobalSyncSchema } from "./sync-global.ts";

const ACTION_SOURCES = ["explicit_arg", "active_state_next_action", "agent_todo_fallback", "default_refresh_action"] as const;
export type ActionSource = (typeof ACTION_SOURCES)[number];

const { run_id, ...artifacts } = appendedRun;

export const RefreshStateSchema = z.strictObject({
  ...effect,
  appended: flag("True when a line was appended to the run index."),
  goal_id: z.string(),
  generated_at: text("The run's instant, local time with offset."),
  run_id,
  classification: z.string(),
  recommended_action: z.string(),
  recommended_action_source: oneOf(ACTION_SOURCES, "Where the action was taken from."),
  delivery_batch_scale: z.nullable(z.enum(BATCH_SCALES)),
  delivery_outcome: z.nullable(z.enum(DELIVERY_OUTCOMES)),
  progress_scope: oneOf(["goal", "agent_lane"], "`agent_lane`: the run moves no status of the goal."),
  agent_id: z.nullable(z.string()),
  state: z.strictObject({
    path: z.string(),
    sha256_16: text("The first 16 hex of the state's hash."),
    frontmatter: z.strictObject({ updated_at: textOrNull("As the state says it.") }),
  }),
  ...artifacts,
  index_path: z.string(),
  global_sync: z.nullable(GlobalSyncSchema),
  warnings: z.array(NoteSchema),
});
/** The run that was recorded, or would be. */
export type RefreshStateResult = PayloadOf<typeof RefreshStateSchema>;
