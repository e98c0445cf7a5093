/** Fields with a sentence, which `schemas/` shows to readers of the JSON. */
import * as z from "zod/mini";

export const text = (says: string) => z.string().check(z.describe(says));
export const textOrNull = (says: string) => z.nullable(z.string()).check(z.describe(says));
export const texts = (says: string) => z.array(z.string()).check(z.describe(says));
export const count = (says: string) => z.int().check(z.nonnegative(), z.describe(says));
export const flag = (says: string) => z.boolean().check(z.describe(says));
export const oneOf = <const Words extends readonly string[]>(words: Words, says: string) => z.enum(words).check(z.describe(says));
/** A JSON object whose keys somebody else fixes. */
export const openObject = (says: string) => z.looseObject({}).check(z.describe(says));

/** The first keys of every command that may write (CMD-3). */
export const effect = {
  dry_run: flag("True when the call was a preview; the rest is what the real call would say."),
  applied: flag("True when something was written."),
};

/** The keys of every command that appends to a run index; null until the line stands. */
export const appendedRun = {
  run_id: textOrNull("The appended line's id."),
  json_path: textOrNull("Its private artifact as JSON."),
  markdown_path: textOrNull("The same for people."),
};
