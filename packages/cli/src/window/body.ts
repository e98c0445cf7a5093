/** The fields of a write: all of them known and of their form, or an error that names the first that is not. Pure. */
import type * as z from "zod/mini";
import { LoopxError, type JsonObject } from "@loopx/core/domain";

/** The body by its schema; `invalid_value` names the field. */
export function parsed<Schema extends z.ZodMiniType>(schema: Schema, body: JsonObject): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const key = issue?.code === "unrecognized_keys" ? (issue.keys[0] ?? "") : (issue?.path.join(".") ?? "");
  const why = issue?.code === "unrecognized_keys" ? "is no field of this request" : "is missing or of the wrong form";
  throw new LoopxError("invalid_value", `${JSON.stringify(key)} ${why}`, {
    hint: "GET / with Accept: application/json lists the routes",
    details: { key },
  });
}
