/** Quota events that a line lacks and its artifact holds, as the older Python LoopX wrote them (FIL-68). */
import { isJsonObject } from "../json.ts";
import { readSpend, readVoid } from "../quota/event.ts";
import type { History } from "./history.ts";

/** The history with those rows completed. `eventAt`: the `quota_event` of the artifact at that path, or anything else when there is none. */
export function withArtifactEvents(history: History, eventAt: (json_path: string) => unknown): History {
  if (![...history.spends, ...history.voids].some((row) => row.json_path !== null)) return history;
  const lookUp = (json_path: string | null): unknown => (json_path === null ? null : eventAt(json_path));
  return {
    ...history,
    spends: history.spends.map((spend) => {
      const event = lookUp(spend.json_path);
      if (!isJsonObject(event)) return spend;
      const { run_id, generated_at, at_ms, ordinal } = spend;
      const found = readSpend({ run_id, generated_at, at_ms, ordinal }, {}, event);
      return { ...found, json_path: found.slots === null ? spend.json_path : null, agent_id: spend.agent_id ?? found.agent_id };
    }),
    voids: history.voids.map((undone) => {
      const event = lookUp(undone.json_path);
      if (!isJsonObject(event)) return undone;
      const { run_id, generated_at, at_ms, ordinal } = undone;
      const found = readVoid({ run_id, generated_at, at_ms, ordinal }, {}, event);
      return { ...found, json_path: found.slots === null ? undone.json_path : null };
    }),
  };
}
