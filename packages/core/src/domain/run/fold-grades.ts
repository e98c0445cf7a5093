/** The graded runs of a fold, newest last, with no more of each than grading reads. What a mark says is read when it is asked for. */
import type { JsonObject } from "../json.ts";
import { GRADED_KEPT, type GradedMark, type IdentityParts } from "./fold-state.ts";
import { insertOrdered, type Placed } from "./order.ts";

const GRADE_LENGTH = 80;

interface Graded extends Placed {
  /** Null while nobody has asked. */
  mark: GradedMark | null;
  readonly text: string;
}

export class GradedMarks {
  readonly #marks: Graded[];

  constructor(known: readonly GradedMark[]) {
    this.#marks = known.map((mark) => ({ at_ms: mark.at_ms, ordinal: mark.ordinal, mark, text: "" }));
  }

  add(graded: Graded): void {
    insertOrdered(this.#marks, graded);
    if (this.#marks.length > GRADED_KEPT) this.#marks.shift();
  }

  remove(ordinal: number): void {
    const at = this.#marks.findIndex((graded) => graded.ordinal === ordinal);
    if (at !== -1) this.#marks.splice(at, 1);
  }

  all(): GradedMark[] {
    return this.#marks.map((graded) => (graded.mark ??= gradedMark({ ...graded, record: JSON.parse(graded.text) as JsonObject })));
  }
}

export function gradedMark({ record, at_ms, ordinal }: Placed & { readonly record: JsonObject }): GradedMark {
  const identity = identityOf(record);
  const run_id = text(record["run_id"]) ?? "";
  return {
    at_ms,
    ordinal,
    generated_at: identity.generated_at,
    classification: text(record["classification"]) ?? "",
    agent_id: text(record["agent_id"]),
    run_id,
    ...(run_id === "" ? { identity } : {}),
    ...grade("scale", record["delivery_batch_scale"]),
    ...grade("outcome", record["delivery_outcome"]),
  };
}

/** A grade that is no text stays visible as one nobody knows. */
function grade(key: "scale" | "outcome", value: unknown): object {
  if (value === undefined || value === null) return {};
  return { [key]: typeof value === "string" ? value.slice(0, GRADE_LENGTH) : "unknown" };
}

/** What the derived id of a line without one is made of (FIL-61). */
export function identityOf(record: JsonObject): IdentityParts {
  return {
    generated_at: text(record["generated_at"]) ?? "",
    json_path: text(record["json_path"]),
    markdown_path: text(record["markdown_path"]),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
