/**
 * A person's judgement of one run, read from an overlay line (FIL-67). It never changes a decision (DEC-78).
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { HumanReward, Lesson } from "../run/history.ts";

/** The reward a `human_reward` value holds, unknown keys included; null when the value is no object. */
export function readReward(value: unknown): HumanReward | null {
  if (!isJsonObject(value)) return null;
  const { lesson, follow_up, overlay_id, ...rest } = value;
  const read = readLesson(lesson);
  return {
    ...rest,
    recorded_at: text(value["recorded_at"]),
    decision: text(value["decision"]),
    reward: text(value["reward"]),
    reason_summary: text(value["reason_summary"]),
    ...(typeof follow_up === "string" ? { follow_up } : {}),
    ...(read === null ? {} : { lesson: read }),
    ...(typeof overlay_id === "string" ? { overlay_id } : {}),
  };
}

function readLesson(value: unknown): Lesson | null {
  if (!isJsonObject(value)) return null;
  const { schema_version, ...rest }: JsonObject = value;
  return {
    ...(typeof schema_version === "string" ? { schema_version } : {}),
    ...rest,
    kind: text(value["kind"]),
    summary: text(value["summary"]),
    avoid: texts(value["avoid"]),
    prefer: texts(value["prefer"]),
  };
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
