import * as z from "zod/mini";
import { NOTES, type NoteCode } from "../locale/notes.ts";
import { oneOf, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const NOTE_CODES = Object.keys(NOTES) as readonly NoteCode[];

export const NoteSchema = z.strictObject({
  code: oneOf(NOTE_CODES, "The kind of warning."),
  message: text("What to know, in the language of the call."),
});
/** A warning beside a result: it changes nothing that was done. */
export type Note = PayloadOf<typeof NoteSchema>;
