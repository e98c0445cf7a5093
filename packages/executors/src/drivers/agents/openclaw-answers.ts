/** What openclaw's client prints about its jobs, read from JSON only: its text shows `idle` for every waiting job (AGT-61, AGT-100). Pure. */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";
import { textAt } from "./json.ts";

/** A job of the gateway. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly declaration_key: string;
  readonly running: boolean;
}

/** How one run of a job ended. */
export interface JobRun {
  readonly status: string;
  readonly error: string;
  readonly usage: JsonObject | null;
}

/** The id of a job that was just added; null when the answer cannot be read. */
export function addedJob(printed: string): string | null {
  const value = jsonIn(printed);
  if (!isJsonObject(value)) return null;
  const job = isJsonObject(value["job"]) ? value["job"] : value;
  return textAt(job, "id") || textAt(job, "jobId") || null;
}

/** The jobs, or null when the answer cannot be read: that is unknown, never "none". */
export function jobsIn(printed: string): readonly Job[] | null {
  const list = listIn(jsonIn(printed), "jobs");
  return (
    list?.flatMap((job) => {
      const state = isJsonObject(job["state"]) ? job["state"] : {};
      const id = textAt(job, "id");
      return id === ""
        ? []
        : [
            {
              id,
              name: textAt(job, "name"),
              declaration_key: textAt(job, "declarationKey"),
              running: typeof state["runningAtMs"] === "number",
            },
          ];
    }) ?? null
  );
}

/** The runs of a job, newest last or first as the client likes; null when the answer cannot be read. */
export function runsInAnswer(printed: string): readonly JobRun[] | null {
  const value = jsonIn(printed);
  const list = listIn(value, "runs") ?? listIn(value, "entries");
  return (
    list?.map((run) => ({
      status: textAt(run, "status"),
      error: textAt(run, "error"),
      usage: isJsonObject(run["usage"]) ? run["usage"] : null,
    })) ?? null
  );
}

function listIn(value: unknown, key: string): readonly JsonObject[] | null {
  const list = isJsonObject(value) ? value[key] : value;
  return Array.isArray(list) ? list.filter(isJsonObject) : null;
}

/** The JSON in what was printed; a client may print a warning before it. */
function jsonIn(printed: string): unknown {
  const start = printed.search(/[[{]/);
  if (start === -1) return null;
  try {
    return JSON.parse(printed.slice(start));
  } catch {
    return null;
  }
}
