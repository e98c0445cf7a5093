/** The lines of `runs.jsonl` and their fold into runs (LPR-63). Pure. */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";

/** One run as `GET /runs` shows it: the newest value of each field. */
export interface RunView extends JsonObject {
  readonly run_id: string;
  readonly state: string;
}

/** Runs, newest first, from lines in any number; lines of nobody are left out. */
export function foldRuns(lines: readonly JsonObject[]): readonly RunView[] {
  const runs = new Map<string, JsonObject>();
  for (const line of lines) {
    const id = line["run_id"];
    if (typeof id === "string") runs.set(id, { started_at: line["at"] ?? null, ...runs.get(id), ...line });
  }
  return [...runs.values()].toReversed().filter(isRun);
}

function isRun(run: JsonObject): run is RunView {
  return isJsonObject(run) && typeof run["run_id"] === "string" && typeof run["state"] === "string";
}
