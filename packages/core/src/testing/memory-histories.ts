/**
 * Histories over any `Logs`: every answer is folded from the whole log, so it is what a cache may never differ from.
 */
import { LoopxError } from "../domain/errors.ts";
import { createFold } from "../domain/run/fold.ts";
import { keptFor } from "../domain/run/fold-state.ts";
import { isJsonObject } from "../domain/json.ts";
import type { History } from "../domain/run/history.ts";
import { artifactName } from "../domain/run/record.ts";
import { withArtifactEvents } from "../domain/run/artifact-events.ts";
import type { Digest } from "../domain/digest.ts";
import { nodeDigest } from "../node/digest.ts";
import type { Documents } from "../ports/documents.ts";
import type { Histories } from "../ports/histories.ts";
import type { Logs } from "../ports/logs.ts";
import type { Places } from "../ports/places.ts";
import type { GoalId } from "../domain/ids.ts";

export interface MemoryHistoriesOptions {
  readonly logs: Logs;
  readonly places: Pick<Places, "runsDirectory">;
  readonly directories: () => readonly string[];
  /** Where old spends without a `quota_event` find it; without it they count as one slot. */
  readonly documents?: Documents;
  readonly digest?: Digest;
}

/** Histories that fold the log anew for each call. */
export function memoryHistories(options: MemoryHistoriesOptions): Histories {
  return {
    read: async (goal_id, view) => {
      const key = { kind: "runs", goal_id } as const;
      const page = await options.logs.tail(key, { limit: 1 });
      if (page.kind === "unreadable") return page;
      const fold = createFold({
        goal_id,
        keep: keptFor(view.keep),
        spends_since_ms: view.spends_since_ms,
        digest: options.digest ?? nodeDigest,
      });
      try {
        for await (const entry of options.logs.scan(key)) fold.add(entry);
      } catch (error) {
        if (!(error instanceof LoopxError)) throw error;
        return { kind: "unreadable", reason: "io", where: `${options.places.runsDirectory(goal_id)}/index.jsonl` };
      }
      return { kind: "history", history: await completed(options, goal_id, fold.finish(page.head, view)) };
    },
    goalDirectories: () => options.directories(),
  };
}

async function completed(options: MemoryHistoriesOptions, goal_id: GoalId, history: History): Promise<History> {
  const { documents } = options;
  if (documents === undefined) return history;
  const events = new Map<string, unknown>();
  for (const row of [...history.spends, ...history.voids]) {
    const place = row.json_path === null ? null : artifactName(row.json_path, options.places.runsDirectory(goal_id));
    if (row.json_path === null || place?.kind !== "inside") continue;
    const found = await documents.read({ kind: "artifact", goal_id, name: place.name });
    if (found.kind === "found") events.set(row.json_path, eventIn(found.text));
  }
  return withArtifactEvents(history, (path) => events.get(path));
}

function eventIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value["quota_event"] : undefined;
  } catch {
    return undefined;
  }
}
