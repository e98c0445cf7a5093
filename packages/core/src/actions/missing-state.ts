import { LoopxError } from "../domain/errors.ts";

/** `state_file_missing` with the command that brings the file back. */
export function missingState(goalId: string, repo: string, path: string): LoopxError {
  return new LoopxError("state_file_missing", `the goal state ${path} of ${goalId} does not exist`, {
    hint: `loopx connect --project ${repo} --goal-id ${goalId}`,
    details: { goal_id: goalId, file: path },
  });
}
