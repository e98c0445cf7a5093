/**
 * Answers and errors as text: one JSON document, or Markdown for a person (CMD-7 to CMD-9).
 * It makes text only; where the text goes is the `Io`'s affair.
 */
import { ERRORS, LoopxError, type ErrorCode } from "@loopx/core";
import type { Answer, LoopxHost } from "./call.ts";
import type { CommandRow } from "./options/flag.ts";
import { schemaVersion } from "./options/program.ts";

export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: object;
}

/** An answer as its JSON document: `ok`, `schema_version`, the registry it speaks of, then the payload (CMD-7). */
export function answerJson(row: CommandRow, answer: Answer, places: LoopxHost["places"] | null): string {
  const { ok: _ok, schema_version: _version, error: _error, ...payload } = answer.payload as Record<string, unknown>;
  const error = errorOf(answer);
  const origin = places === null ? {} : originOf(places);
  const document = {
    ok: error === null,
    schema_version: schemaVersion(row),
    ...(error === null ? {} : { error }),
    ...origin,
    ...payload,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The file that an answer speaks of (CMD-5). */
function originOf({ registry, registry_source }: LoopxHost["places"]): { registry: string; registry_source: string } {
  return { registry, registry_source };
}

/** How many bytes {@link answerJson} adds to a payload by naming the registry. */
export function originBytes(places: LoopxHost["places"]): number {
  return Buffer.byteLength(JSON.stringify(originOf(places), null, 2)) - "{\n".length - "\n}".length + ",\n".length;
}

/** An error alone as its JSON document (CMD-9). */
export function errorJson(error: ErrorFields): string {
  return `${JSON.stringify({ ok: false, error }, null, 2)}\n`;
}

/** An error for a person: what is wrong, and the next command (CMD-9). */
export function errorLines(error: ErrorFields): string {
  const hint = error.hint === "" ? "" : `hint: ${shown(error.hint)}\n`;
  return `error: ${shown(error.message)}\n${hint}`;
}

/** Markdown lines as text that no control character of a file can disturb, a line end within a line neither (CMD-8). */
export function markdownText(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${lines.map((line) => shown(line).replaceAll("\n", "\\n")).join("\n")}\n`;
}

/** The lines with the registry they speak of below their title (CMD-5); quietly, without the title. */
export function framed(lines: readonly string[], places: LoopxHost["places"] | null, quiet: boolean): readonly string[] {
  const [title = "", ...rest] = lines;
  if (!title.startsWith("# ") || !(rest[0] ?? "").startsWith("- ")) return lines;
  if (quiet) return rest;
  return places === null ? lines : [title, `- registry: ${places.registry} (${places.registry_source})`, ...rest];
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control and direction characters spelled out; line ends and tabs stay. */
export function shown(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Anything that was thrown, as the fields of an error; what is no `LoopxError` is a bug. */
export function errorFields(thrown: unknown): ErrorFields {
  if (thrown instanceof LoopxError) return { code: thrown.code, message: thrown.message, hint: thrown.hint, details: thrown.details };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (isWriteFault(thrown))
    return { code: "write_failed", message: `a write failed: ${message}`, hint: ERRORS.write_failed.next, details: {} };
  return { code: "internal", message: `a bug in LoopX: ${message}`, hint: ERRORS.internal.next, details: {} };
}

/** A device that is full or gone, such as the one that takes the answer; core says so itself of its files. */
function isWriteFault(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "write";
}

/** The exit code that belongs to an error code. */
export function exitOf(code: string): number {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].exit : 70;
}

/** The error inside a payload; null when the answer is a good one. */
export function errorOf(answer: Answer): ErrorFields | null {
  const { error } = answer.payload as { error?: Partial<ErrorFields> | null };
  if (error === undefined || error === null) return null;
  const { code = "internal", message = "", hint = "", details = {} } = error;
  return { code, message, hint, details };
}

/** The exit code of an answer: its own, else that of its error, else 0. */
export function answerExit(answer: Answer): number {
  const error = errorOf(answer);
  return answer.exit_code ?? (error === null ? 0 : exitOf(error.code));
}
