/**
 * The JSON document of a command (CMD-7, CMD-9): a good answer, or an error. A command that judges or refuses has a third
 * form, the error beside its whole payload. It fixes the shape only; `cli` makes the document.
 */
import * as z from "zod/mini";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { oneOf, openObject, text } from "./fields.ts";

const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** What every failure carries; the code fixes the exit code and the HTTP status. */
const ErrorSchema = z
  .strictObject({
    code: oneOf(ERROR_CODES, "One of the closed table in docs/errors.md."),
    message: text("What is wrong, and where."),
    hint: text("The next command or step."),
    details: openObject("Facts about this case, by code."),
  })
  .check(z.meta({ id: "error" }));

/** A failure without a payload: usage, load and conflict errors (CMD-9). */
export const FailureSchema = z.strictObject({ ok: z.literal(false), error: ErrorSchema }).check(z.describe("A command that failed."));

const origin = {
  registry: text("The registry the answer speaks of."),
  registry_source: oneOf(["flag", "env", "project", "user", "global"], "Where its path came from."),
};

export interface AnswerOptions {
  /** What the answer is, in one sentence. */
  readonly says: string;
  /** `none`: the command opens no registry, so its answers name none. */
  readonly registry?: "none";
  /** An error may stand beside the whole payload: the command judges (CMD-20) or its refusal is a value. */
  readonly with_error?: true;
  /** A flag makes the command answer this instead. */
  readonly other?: { readonly says: string; readonly payload: z.core.$ZodShape };
}

/** `loopx_<command>_v1`, blanks and dashes as `_` (CMD-7). */
export function schemaVersionOf(command: string): string {
  return `loopx_${command.replaceAll(/[ -]/g, "_")}_v1`;
}

/** All documents a command may print, in the order of their keys. */
export function answerSchema(command: string, payload: z.core.$ZodShape, options: AnswerOptions): z.core.$ZodType {
  const schema_version = z.literal(schemaVersionOf(command));
  const places = options.registry === "none" ? {} : origin;
  const rest = { ...places, ...payload };
  const { says, other } = options;
  const good = z.strictObject({ ok: z.literal(true), schema_version, ...rest }).check(z.describe(says));
  if (other !== undefined) {
    const second = z.strictObject({ ok: z.literal(true), schema_version, ...places, ...other.payload }).check(z.describe(other.says));
    return z.union([good, second, FailureSchema]);
  }
  const judged = z
    .strictObject({ ok: z.literal(false), schema_version, error: ErrorSchema, ...rest })
    .check(z.describe("The same with the error it ends with."));
  return z.union(options.with_error === true ? [good, judged, FailureSchema] : [good, FailureSchema]);
}
