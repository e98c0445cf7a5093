/**
 * The body of `POST /run`, checked field by field in the order of the contract; the first thing that is wrong answers
 * (LPR-11, LPR-20 to LPR-22). Pure: nothing has happened when this refuses.
 */
import { visit as visitJson } from "jsonc-parser";
import { parseGoalId, readJsonBody, type GoalId, type JsonObject } from "@loopx/core/domain";
import { MAX_DELAY_SECONDS, MAX_STARTUP_CHECK_SECONDS } from "./config.ts";

export const MAX_BODY_BYTES = 262_144;
const MAX_MESSAGE = 10_000;
const MAX_PROMPT_BYTES = 204_800;
const MAX_TEXT = 4_096;

/** Why a request is refused, as it is answered. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 500 | 503;
  readonly error: string;
  readonly code: string;
  readonly more?: JsonObject;
}

/** One request at a time (LPR-30), and none while the service ends (LPR-65). */
export const BUSY: Refusal = { status: 409, error: "busy: another run is in progress", code: "busy" };
export const CLOSING: Refusal = { status: 503, error: "shutting down", code: "shutting_down" };

/** What a body asks for; null is "as configured". */
export interface RunRequest {
  readonly zulip_message: string;
  /** `""` only announces (LPR-34). */
  readonly prompt: string | null;
  readonly workspace: string | null;
  readonly goal_id: GoalId | null;
  readonly codex_exec_binary: string | null;
  readonly delay_seconds: number | null;
  readonly startup_check_seconds: number | null;
  readonly zulip_script_path: string | null;
  /** Keys that mean nothing here; they stand in the log. */
  readonly unknown_keys: readonly string[];
}

export type ReadRequest =
  | { readonly kind: "request"; readonly request: RunRequest }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The four delays that older clients add up. */
const LEGACY_DELAYS = ["startup_delay_seconds", "sidebar_delay_seconds", "new_task_delay_seconds", "prompt_send_delay_seconds"] as const;
const KNOWN: ReadonlySet<string> = new Set([
  "zulip_message",
  "codex_prompt",
  "prompt",
  "workspace",
  "goal_id",
  "codex_exec_binary",
  "codex_exec_delay_seconds",
  ...LEGACY_DELAYS,
  "codex_exec_startup_check_seconds",
  "zulip_script_path",
]);

class Wrong extends Error {}

/** The request of a body of at most {@link MAX_BODY_BYTES}. */
export function readRequest(bytes: Uint8Array): ReadRequest {
  const body = objectOf(bytes);
  if (body === null) return refused("invalid JSON body", "bad_json");
  try {
    return { kind: "request", request: requestOf(body) };
  } catch (error) {
    if (error instanceof Wrong) return refused(error.message, "bad_request");
    throw error;
  }
}

function refused(error: string, code: string): ReadRequest {
  return { kind: "refused", refusal: { status: 400, error, code } };
}

function requestOf(body: JsonObject): RunRequest {
  const message = body["zulip_message"];
  if (typeof message !== "string" || message.trim() === "") throw new Wrong("missing 'zulip_message'");
  if (message.length > MAX_MESSAGE) throw new Wrong("'zulip_message' is too long");
  const prompt = text(body, "codex_prompt", MAX_PROMPT_BYTES) ?? text(body, "prompt", MAX_PROMPT_BYTES);
  const workspace = text(body, "workspace", MAX_TEXT);
  const goal = text(body, "goal_id", MAX_TEXT);
  const goalId = goal === null ? null : parseGoalId(goal);
  if (goal !== null && goalId === null) throw new Wrong("'goal_id' is no goal id");
  return {
    zulip_message: message,
    prompt,
    workspace,
    goal_id: goalId,
    codex_exec_binary: text(body, "codex_exec_binary", MAX_TEXT),
    delay_seconds: delayOf(body),
    startup_check_seconds: seconds(body, "codex_exec_startup_check_seconds", MAX_STARTUP_CHECK_SECONDS),
    zulip_script_path: text(body, "zulip_script_path", MAX_TEXT),
    unknown_keys: Object.keys(body).filter((key) => !KNOWN.has(key)),
  };
}

/** The one delay, else the sum of the four if any of them is given. */
function delayOf(body: JsonObject): number | null {
  const one = seconds(body, "codex_exec_delay_seconds", MAX_DELAY_SECONDS);
  const four = LEGACY_DELAYS.map((key) => seconds(body, key, MAX_DELAY_SECONDS));
  if (four.every((each) => each === null)) return one;
  const sum = four.reduce<number>((total, each) => total + (each ?? 0), 0);
  if (sum > MAX_DELAY_SECONDS)
    throw new Wrong(`'${LEGACY_DELAYS.find((_key, at) => four[at] !== null) ?? ""}' must be <= ${MAX_DELAY_SECONDS}`);
  return one ?? sum;
}

function seconds(body: JsonObject, key: string, max: number): number | null {
  if (!Object.hasOwn(body, key)) return null;
  const value = body[key];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Wrong(`'${key}' must be a number`);
  if (value < 0) throw new Wrong(`'${key}' must be >= 0`);
  if (value > max) throw new Wrong(`'${key}' must be <= ${max}`);
  return value;
}

/** Length in UTF-8 bytes, which is what a prompt is sent as. */
function text(body: JsonObject, key: string, maxBytes: number): string | null {
  if (!Object.hasOwn(body, key)) return null;
  const value = body[key];
  if (typeof value !== "string") throw new Wrong(`'${key}' must be a string`);
  if (new TextEncoder().encode(value).length > maxBytes) throw new Wrong(`'${key}' is too long`);
  return value;
}

/** Null: no plain JSON object, or a key of the body twice, which two readers would read differently. */
function objectOf(bytes: Uint8Array): JsonObject | null {
  const body = readJsonBody(bytes);
  return body === null || repeatsKey(new TextDecoder().decode(bytes)) ? null : body;
}

function repeatsKey(body: string): boolean {
  const seen = new Set<string>();
  let depth = 0;
  let twice = false;
  visitJson(body, {
    onObjectBegin: () => void (depth += 1),
    onObjectEnd: () => void (depth -= 1),
    onArrayBegin: () => void (depth += 1),
    onArrayEnd: () => void (depth -= 1),
    onObjectProperty: (name) => {
      if (depth !== 1) return;
      twice ||= seen.has(name);
      seen.add(name);
    },
  });
  return twice;
}
