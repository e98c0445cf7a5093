/** The answer of `archive-runtime` (CMD-115). */
import * as z from "zod/mini";
import { effect, flag, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const ArchiveRuntimeSchema = z.strictObject({
  ...effect,
  goal_id: z.string(),
  source: text("The goal's runtime directory."),
  destination: text("Where it is now, or would be."),
  registered: flag("True when a registry names the goal; --allow-registered was given."),
  run_count: z.nullable(z.int()).check(z.describe("Null when the run index cannot be read.")),
  moved: z.boolean(),
});
/** A goal's runtime directory that moved, or would move. */
export type ArchiveRuntimeResult = PayloadOf<typeof ArchiveRuntimeSchema>;
