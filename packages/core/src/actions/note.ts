import type { Locale } from "../domain/locale/locale.ts";
import { NOTES, type NoteCode } from "../domain/locale/notes.ts";
import type { Note } from "../domain/payload/note.ts";

export type { Note } from "../domain/payload/note.ts";

export function noteOf(code: NoteCode, locale: Locale, subject: string): Note {
  return { code, message: NOTES[code][locale](subject) };
}
