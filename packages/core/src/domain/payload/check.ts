/** The answer of `check` (CMD-62). */
import * as z from "zod/mini";
import { FINDINGS, type FindingCode } from "../finding.ts";
import { count, oneOf, text, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const AREAS = ["registry", "goals", "gates", "history", "git", "global_registry", "boundary"] as const;
export type CheckArea = (typeof AREAS)[number];

const FINDING_CODES = Object.keys(FINDINGS) as readonly FindingCode[];

const CheckLineSchema = z.strictObject({
  code: oneOf(FINDING_CODES, "A finding of docs/errors.md."),
  severity: z.enum(["error", "warning", "info"]),
  message: z.string(),
  goal_id: z.optional(z.string()),
  file: z.optional(z.string()),
  line: z.optional(count("1-based.")),
  fix: z.optional(text("What repairs it.")),
});
/** One finding of a check. */
export type CheckLine = PayloadOf<typeof CheckLineSchema>;

export const CheckReportSchema = z.strictObject({
  runtime_root: z.string(),
  scan_roots: texts("Files and folders that were scanned for texts that must not be public."),
  scanned_files: z.int(),
  summary: z.strictObject({ errors: count("All of them, listed or not."), warnings: z.int(), checks: z.int() }),
  errors: z.array(CheckLineSchema).check(z.describe("At most --limit; one error makes the answer `check_failed`.")),
  warnings: z.array(CheckLineSchema).check(z.describe("At most --limit.")),
  checks: z
    .array(
      z.strictObject({
        code: oneOf(AREAS, "The area."),
        severity: oneOf(["ok", "info", "warning", "error"], "The worst that was found there."),
        message: text("What was looked at."),
      }),
    )
    .check(z.describe("Every area that was looked at.")),
});
/** Whether the files of all goals are sound and fit to be public. */
export type CheckReport = PayloadOf<typeof CheckReportSchema>;
