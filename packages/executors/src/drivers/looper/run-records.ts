/**
 * The lines of `runs.jsonl` (LPR-63). Only the service of a folder writes there, so what it read once is true until it writes:
 * a page that asks all the time reads no file.
 */
import type { FileHost } from "@loopx/core";
import { formatInstant, type JsonObject, type Moment } from "@loopx/core/domain";
import { foldRuns, type RunView } from "../../looper/records.ts";
import { EXECUTOR } from "./place.ts";
import type { Log } from "./server-log.ts";

const RUNS = { kind: "executor_log", executor: EXECUTOR, name: "runs" } as const;
/** More lines than any page shows. */
const RUN_LINES = 2_000;

export interface RunRecords {
  /** The runs of this service, newest first. */
  list(): Promise<readonly RunView[]>;
  /** One more line; one that cannot be written is told to the log and stops nobody (LPR-76). */
  note(line: JsonObject): Promise<void>;
}

export function runRecords(host: FileHost, now: () => Moment, log: Log): RunRecords {
  let known: Promise<readonly RunView[]> | null = null;
  return {
    list: async () => {
      const reading = (known ??= runsOf(host));
      try {
        return await reading;
      } catch (error) {
        known = null;
        throw error;
      }
    },
    note: async (line) => {
      try {
        await host.logs.append(RUNS, { ...line, at: formatInstant(now(), "milliseconds") });
      } catch (error) {
        log("ERROR", "run.fail", { step: "note", error: error instanceof Error ? error.message : String(error) });
      }
      known = null;
    },
  };
}

async function runsOf(host: FileHost): Promise<readonly RunView[]> {
  const page = await host.logs.tail(RUNS, { limit: RUN_LINES });
  if (page.kind !== "page") return [];
  return foldRuns(page.entries.toReversed().flatMap((entry) => (entry.kind === "record" ? [entry.record] : [])));
}
