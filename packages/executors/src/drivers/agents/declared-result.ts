/**
 * What an agent declares about its work in `result.json` (AGT-33, AGT-34). It is untrusted: strict in its keys, bounded, and
 * its texts lose what could disturb a terminal or a page. Pure.
 */
import { BATCH_SCALES, DELIVERY_OUTCOMES } from "@loopx/core/domain";
import * as z from "zod/mini";

export const RESULT_LIMIT = 256 * 1024;

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text without control and direction characters, cut to its limit; null when nothing is left. */
function cleaned(text: string, limit: number): string | null {
  const clean = text.replaceAll("\r\n", "\n").replace(CONTROLS, "");
  const cut = Array.from(clean).slice(0, limit).join("");
  return cut.trim() === "" ? null : cut;
}

const text = (limit: number) =>
  z.pipe(
    z.string(),
    z.transform((value, context) => {
      const clean = cleaned(value, limit);
      if (clean !== null) return clean;
      context.issues.push({ code: "custom", message: "is empty", input: value });
      return z.NEVER;
    }),
  );
/** May be empty. */
const body = (limit: number) =>
  z.pipe(
    z.string(),
    z.transform((value) => cleaned(value, limit) ?? ""),
  );
/** A place inside the work tree. */
const path = z.string().check(
  z.maxLength(1_000),
  z.refine(
    (value) => value !== "" && !value.startsWith("/") && !value.split("/").includes("..") && !/[\u0000-\u001f\\]/.test(value),
    "is no path inside the work tree",
  ),
);

const commitMessage = z.pipe(
  z.string(),
  z.transform((value, context) => {
    const [subject = "", ...rest] = value.split("\n");
    const first = cleaned(subject.replaceAll("\t", " "), 72);
    if (first === null) {
      context.issues.push({ code: "custom", message: "has no subject", input: value });
      return z.NEVER;
    }
    return { subject: first.trim(), body: cleaned(rest.join("\n"), 5_000)?.trim() ?? "" };
  }),
);

export const DeclaredResultSchema = z
  .strictObject({
    schema_version: z.literal("loopx_agent_result_v1"),
    outcome: z.enum(["done", "pass", "fail", "already_done", "noop", "blocked", "missing_tool"]),
    summary: text(2_000),
    commit_message: z.optional(commitMessage),
    pull_request: z.optional(z.strictObject({ title: text(200), body: body(20_000) })),
    comment: z.optional(text(10_000)),
    findings: z.optional(
      z
        .array(
          z.strictObject({
            severity: z.enum(["blocker", "major", "minor"]),
            path,
            line: z.optional(z.int().check(z.positive())),
            message: text(1_000),
          }),
        )
        .check(z.maxLength(50)),
    ),
    reviewed_sha: z.optional(z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))),
    validation: z.optional(
      z.array(z.strictObject({ command: text(500), exit_code: z.int(), note: z.optional(body(500)) })).check(z.maxLength(20)),
    ),
    delivery: z.optional(z.strictObject({ batch_scale: z.enum(BATCH_SCALES), outcome: z.enum(DELIVERY_OUTCOMES) })),
    blocker: z.optional(text(1_000)),
  })
  .check(
    z.refine(
      (value) => !["blocked", "missing_tool"].includes(value.outcome) || value.blocker !== undefined,
      "blocker is required for this outcome",
    ),
  );

/** A valid declaration. `commit_message` is split into subject and body. */
export type DeclaredResult = z.infer<typeof DeclaredResultSchema>;

/** The declaration of a text, or the rule it breaks; the reason never holds the text's own words. */
export function parseDeclared(
  json: string,
): { readonly kind: "declared"; readonly result: DeclaredResult } | { readonly kind: "invalid"; readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { kind: "invalid", reason: "result.json is no JSON" };
  }
  const parsed = DeclaredResultSchema.safeParse(value);
  if (parsed.success) return { kind: "declared", result: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue === undefined) return { kind: "invalid", reason: "result.json is invalid" };
  const where = issue.path.map(String).join(".") || "the object";
  if (issue.code === "unrecognized_keys")
    return { kind: "invalid", reason: `result.json: unknown key ${issue.keys.map(keyName).join(", ")}` };
  return { kind: "invalid", reason: `result.json: ${where} ${issue.code === "custom" ? issue.message : `is not valid (${issue.code})`}` };
}

/** A key is named, because that helps; only its harmless characters are. */
function keyName(key: string): string {
  return JSON.stringify(key.slice(0, 40).replaceAll(/[^\w.-]/g, "?"));
}
