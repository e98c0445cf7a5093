import * as z from "zod/mini";
import { text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

/** A warning beside a result: it changes nothing that was done. */
export const NoteSchema = z.strictObject({
  code: text("The kind of warning."),
  message: text("What to know, in the language of the call."),
});
export type ShownNote = PayloadOf<typeof NoteSchema>;
