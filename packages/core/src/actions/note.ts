import type { Locale } from "../domain/locale/locale.ts";
import { NOTES, type NoteCode } from "../domain/locale/notes.ts";

/** A warning beside a result: it changes nothing that was done. */
export interface Note {
  readonly code: NoteCode;
  readonly message: string;
}

export function noteOf(code: NoteCode, locale: Locale, subject: string): Note {
  return { code, message: NOTES[code][locale](subject) };
}
