/** What `POST /run` answers (LPR-26, LPR-27), and how the same key gets the same answer. Pure. */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";
import type { RunAnswer } from "./machine.ts";
import type { Refusal } from "./request.ts";

/** A status and its JSON body. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** What a success names beside what the machine knows. */
export interface StartedRun {
  readonly workspace: string;
  readonly binary: string;
  readonly binary_source: string;
  readonly pid: number | null;
  readonly command: string;
  readonly log_path: string;
  readonly prompt_sha256: string;
  readonly prompt_bytes: number;
}

export function refusalAnswer({ status, error, code, more = {} }: Refusal): HttpAnswer {
  return { status, body: { ok: false, error, code, ...more } };
}

/** The field names of the source document; extra ones that older clients read are constant. */
export function successAnswer(
  request_id: string,
  { run_id, zulip_output, killed }: RunAnswer,
  started: StartedRun | null,
  exit_code: number | null,
): HttpAnswer {
  return {
    status: 200,
    body: {
      ok: true,
      request_id,
      run_id,
      zulip_output,
      killed_codex_exec_pids: killed.toSorted((a, b) => a - b),
      remaining_codex_exec_pids: [],
      workspace: started?.workspace ?? null,
      codex_exec_binary: started?.binary ?? null,
      codex_exec_binary_source: started?.binary_source ?? null,
      codex_exec_started: started !== null,
      codex_exec_result: started === null ? null : resultOf(started, exit_code),
      codex_exec_approval_policy: "never",
      codex_exec_sandbox: "workspace-write",
      codex_prompt_sent: started !== null,
    },
  };
}

/** `startup_return_code` is null while it runs. */
export function resultOf({ pid, command, log_path, prompt_sha256, prompt_bytes }: StartedRun, exit_code: number | null): JsonObject {
  return { pid, command, log_path, startup_return_code: exit_code, prompt_sha256, prompt_bytes };
}

/** An answer that is kept for its key. */
export interface KeptAnswer {
  readonly body_sha256: string;
  readonly at_ms: number;
  readonly answer: HttpAnswer;
}

const KEEP_MS = 600_000;
const MAX_KEPT = 200;

/** The kept answer of a key, a refusal for another body, or null. */
export function keptAnswer(kept: ReadonlyMap<string, KeptAnswer>, key: string, body_sha256: string, now_ms: number): HttpAnswer | null {
  const found = kept.get(key);
  if (found === undefined || now_ms - found.at_ms > KEEP_MS) return null;
  if (found.body_sha256 === body_sha256) return found.answer;
  return refusalAnswer({ status: 409, error: "idempotency key was used with another body", code: "busy" });
}

/**
 * With one more answer. A refusal is not kept: nothing was begun, so asking again may well succeed. The contract names 5xx
 * alone; a `busy` that is said for ten minutes would make the key useless to whom it is for.
 */
export function keepAnswer(kept: ReadonlyMap<string, KeptAnswer>, key: string, answer: KeptAnswer): ReadonlyMap<string, KeptAnswer> {
  if (answer.answer.status !== 200) return kept;
  const young = [...kept].filter(([each, { at_ms }]) => each !== key && answer.at_ms - at_ms <= KEEP_MS);
  return new Map([...young, [key, answer] as const].slice(-MAX_KEPT));
}

/** Kept answers as they were written down; anything odd is forgotten. */
export function readKept(value: unknown): ReadonlyMap<string, KeptAnswer> {
  if (!isJsonObject(value)) return new Map();
  return new Map(Object.entries(value).filter((entry): entry is [string, JsonObject & KeptAnswer] => isKept(entry[1])));
}

function isKept(value: unknown): boolean {
  if (!isJsonObject(value) || typeof value["body_sha256"] !== "string" || typeof value["at_ms"] !== "number") return false;
  const answer = value["answer"];
  return isJsonObject(answer) && typeof answer["status"] === "number" && isJsonObject(answer["body"]);
}
