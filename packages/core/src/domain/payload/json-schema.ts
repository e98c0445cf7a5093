/** Schemas for programs outside: as JSON Schema, and as a check of one document. */
import * as z from "zod/mini";

const SCHEMA_HOME = "https://loopx.dev/schemas";

/** The schema as JSON Schema 2020-12, named as its file in `schemas/` is. */
export function jsonSchemaOf(schema: z.core.$ZodType, name: string): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    unrepresentable: "any",
    override: ({ jsonSchema }) => withoutSafeBounds(jsonSchema),
  });
  return { $schema, $id: `${SCHEMA_HOME}/${name}.schema.json`, title: name, ...rest };
}

/** zod says of every integer that it is a safe one; nobody who reads a schema wants to know. */
function withoutSafeBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

/** What of a value does not fit the schema, one line a fault; empty when it fits. */
export function schemaFaults(schema: z.core.$ZodType, value: unknown): readonly string[] {
  const result = z.safeParse(schema, value);
  return result.success ? [] : result.error.issues.flatMap((issue) => issueLines(issue, []));
}

function issueLines(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0)
    return issue.errors.flatMap((branch, at) => branch.flatMap((inner) => issueLines(inner, [...path, `(form ${at + 1})`])));
  const named = issue.code === "unrecognized_keys" ? ` (${issue.keys.join(", ")})` : "";
  return [`${path.length === 0 ? "." : path.map(String).join(".")}: ${issue.code}${named}`];
}
