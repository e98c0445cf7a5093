/** The answer of `new-project-prompt` (CMD-38). */
import * as z from "zod/mini";
import { flag, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const NewProjectPromptSchema = z.strictObject({
  project: text("Absolute real path of the project."),
  goal_doc: textOrNull("Absolute; null when none was named."),
  goal_doc_exists: flag("The document need not exist yet."),
  goal_id: z.string(),
  connect_command: text("Connects the project, with every given flag."),
  verification_commands: texts("What to look at afterwards; each runs as printed, from anywhere."),
  prompt: text("The text to hand to an agent."),
});
/** A hand-off prompt with the commands it names. */
export type NewProjectPayload = PayloadOf<typeof NewProjectPromptSchema>;
