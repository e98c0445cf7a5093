import { LoopxError } from "../domain/errors.ts";

/** The error of an answer to something that is not there any more as it was seen. */
export function staleAnswer(goal_id: string): LoopxError {
  return new LoopxError("preview_stale", `${goal_id} is not as it was in the preview; nothing was written`, { details: { goal_id } });
}
