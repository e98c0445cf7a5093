/**
 * One line of an append-only log, from bytes to a record or to what is wrong with it (FIL-64).
 * Each line is decoded by itself, so that one bad byte spoils one line (REL-63). Nothing here throws on content.
 */
import { isJsonObject, type JsonObject, nestsTooDeep } from "../json.ts";
import { isTornObject } from "./torn.ts";

/** Why a line of a log cannot be used. */
export type BadLineReason = "not_json" | "not_an_object" | "not_utf8" | "too_large" | "wrong_goal";

/** What one line of a log holds. */
export type LineContent =
  | { kind: "blank" }
  | { kind: "record"; record: JsonObject; text: string }
  | { kind: "bad"; reason: BadLineReason }
  /** A proper prefix of a JSON object: its writer never reported success. */
  | { kind: "torn" };

let decoder: InstanceType<typeof TextDecoder> | null = null;

/** Made when the first odd line asks for it: a verdict meets none. */
function strict(): InstanceType<typeof TextDecoder> {
  return (decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }));
}

/** What the bytes between two line feeds say. `goal_id`: the goal whose log it is; a line of another one is bad. */
export function readLine(bytes: Uint8Array, options: { limit: number; goal_id?: string }): LineContent {
  if (bytes.length > options.limit) return { kind: "bad", reason: "too_large" };
  const decoded = decode(bytes);
  if (decoded === null) return { kind: "bad", reason: "not_utf8" };
  const text = decoded.text.startsWith("\uFEFF") ? decoded.text.slice(1) : decoded.text;
  if (decoded.cut) return isTornObject(text) ? { kind: "torn" } : { kind: "bad", reason: "not_utf8" };
  if (text.trim() === "") return { kind: "blank" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return isTornObject(text) ? { kind: "torn" } : { kind: "bad", reason: "not_json" };
  }
  if (!isJsonObject(value)) return { kind: "bad", reason: "not_an_object" };
  if (nestsTooDeep(text)) return { kind: "bad", reason: "too_large" };
  return isOfGoal(value, options.goal_id) ? { kind: "record", record: value, text } : { kind: "bad", reason: "wrong_goal" };
}

/** The id under which a record is stored once: its overlay's, else its run's, else its own (REL-44). */
export function recordId(record: JsonObject): string | null {
  const reward = record["human_reward"];
  const overlay = isJsonObject(reward) ? reward["overlay_id"] : undefined;
  for (const id of [overlay, record["run_id"], record["id"]]) if (typeof id === "string" && id !== "") return id;
  return null;
}

/** A record that names no goal counts for the log it stands in: dropping it could hide a spend. */
function isOfGoal(record: JsonObject, goalId: string | undefined): boolean {
  const named = record["goal_id"];
  return goalId === undefined || named === undefined || named === goalId;
}

/** `cut`: the text ends inside a character, as a line does that a crash cut there. */
function decode(bytes: Uint8Array): { text: string; cut: boolean } | null {
  try {
    return { text: strict().decode(bytes), cut: false };
  } catch {
    const whole = withoutCutCharacter(bytes);
    if (whole === null) return null;
    try {
      return { text: strict().decode(whole), cut: true };
    } catch {
      return null;
    }
  }
}

/** The bytes before an unfinished last character, or null when the last character is not merely unfinished. */
function withoutCutCharacter(bytes: Uint8Array): Uint8Array | null {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return null;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.subarray(0, bytes.length - back) : null;
  }
  return null;
}
