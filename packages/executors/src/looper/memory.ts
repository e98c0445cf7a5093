/** What the service knows after a restart: counters of the idle timer, repeated prompts, answers kept for their keys (LPR-52). Pure. */
import { isJsonObject, type JsonObject, type JsonValue } from "@loopx/core/domain";
import { readKept, type KeptAnswer } from "./answers.ts";
import { FRESH, type AutoState } from "./autopoll.ts";
import type { LooperState } from "./machine.ts";

export interface Memory {
  readonly auto: AutoState;
  readonly same_prompt: LooperState["same_prompt"];
  readonly no_progress: number;
  readonly kept: ReadonlyMap<string, KeptAnswer>;
}

/** As it was written down; anything odd in it is forgotten. */
export function readMemory(value: JsonObject | null): Memory {
  const same = value?.["same_prompt"];
  const { prompt_sha256, count } = isJsonObject(same) ? same : {};
  const no_progress = value?.["no_progress"];
  return {
    auto: readAuto(value?.["auto"]),
    same_prompt: typeof prompt_sha256 === "string" && typeof count === "number" ? { prompt_sha256, count } : null,
    no_progress: typeof no_progress === "number" ? no_progress : 0,
    kept: readKept(value?.["kept"]),
  };
}

/** What is written down. */
export function memoryOf({ auto, same_prompt, no_progress }: LooperState, kept: Memory["kept"]): JsonObject {
  return {
    auto: { ...auto },
    same_prompt: same_prompt === null ? null : { ...same_prompt },
    no_progress,
    kept: Object.fromEntries([...kept].map(([key, answer]) => [key, { ...answer, answer: { ...answer.answer } }])),
  };
}

function readAuto(value: JsonValue | undefined): AutoState {
  if (!isJsonObject(value)) return FRESH;
  const { failures, not_before_ms, starts_ms, breaker_open } = value;
  const sound =
    typeof failures === "number" && typeof not_before_ms === "number" && typeof breaker_open === "boolean" && Array.isArray(starts_ms);
  return sound
    ? { failures, not_before_ms, breaker_open, starts_ms: starts_ms.filter((at): at is number => typeof at === "number") }
    : FRESH;
}
