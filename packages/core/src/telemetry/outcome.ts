/** What of an action's result may be told: codes, rule names, ids and counts. Never a text of a goal, a todo or a person. */
import { ERRORS, LoopxError } from "../domain/errors.ts";
import { isJsonObject, type JsonObject } from "../domain/json.ts";

/** A value that a span or a metric may carry. */
export type Told = Readonly<Record<string, string | number | boolean>>;

/** The goal a question is about. */
export function goalOf(input: unknown): Told {
  return isJsonObject(input) && typeof input["goal_id"] === "string" ? { "loopx.goal_id": input["goal_id"] } : {};
}

/** The code of the error beside an answer, or of one that was thrown; null for a good answer. */
export function codeOf(result: unknown): string | null {
  if (result instanceof LoopxError) return result.code;
  if (result instanceof Error) return "internal";
  const error = isJsonObject(result) ? result["error"] : undefined;
  return isJsonObject(error) && typeof error["code"] === "string" ? error["code"] : null;
}

/** True for the codes that say: somebody else was first, repeat (exit 3). */
export function isConflict(code: string): boolean {
  return Object.hasOwn(ERRORS, code) && ERRORS[code as keyof typeof ERRORS].exit === 3;
}

/** The verdict of an answer that has one. */
export function verdictOf(result: unknown): Told | null {
  const verdict = isJsonObject(result) ? result["verdict"] : undefined;
  return isJsonObject(verdict) ? picked(verdict, ["rule", "decision", "state", "should_run"]) : null;
}

/** The slots that an answer really paid; 0 for a preview and a refusal. */
export function slotsPaid(name: string, result: unknown): number {
  if (name !== "spend_slot" || !isJsonObject(result)) return 0;
  return result["appended"] === true && typeof result["slots"] === "number" ? result["slots"] : 0;
}

function picked(from: JsonObject, keys: readonly string[]): Told {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = from[key];
      return typeof value === "string" || typeof value === "boolean" ? [[`loopx.${key}`, value] as const] : [];
    }),
  );
}
