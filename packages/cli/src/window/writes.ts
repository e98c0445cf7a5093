/**
 * The writes of the window (CMD-127 to CMD-131, REL-129): a judgement, and an answer to a gate. Each is first asked dry,
 * then given under the id of what was seen; the action compares it again where it writes. Fields are the flags in snake_case.
 */
import * as z from "zod/mini";
import { answerGate, reviewPacket, rewardPreviewId, rewardRun, type Host } from "@loopx/core";
import { parsed } from "./body.ts";
import { overviewOf } from "./goal-view.ts";
import { LESSON_KINDS, type JsonObject } from "@loopx/core/domain";

const text = z.string();
const optional = z.optional(text);
const lines = z.optional(z.union([text, z.array(text)]));

const rewardFields = {
  goal_id: text,
  run_generated_at: optional,
  run_id: optional,
  recorded_at: optional,
  decision: text,
  reward: z.enum(["positive", "negative", "mixed", "neutral"]),
  reason_summary: text,
  follow_up: optional,
  lesson_kind: z.optional(z.enum(LESSON_KINDS)),
  lesson_summary: optional,
  lesson_avoid: lines,
  lesson_prefer: lines,
};
const RewardDraft = z.strictObject(rewardFields);
const RewardAppend = z.strictObject({
  ...rewardFields,
  run_generated_at: text,
  recorded_at: text,
  preview_id: text,
  write_active_state_summary: z.optional(z.boolean()),
});

const gateFields = {
  goal_id: text,
  todo_id: optional,
  gate: optional,
  decision: z.enum(["approve", "reject", "defer"]),
  reason_summary: text,
  follow_up: optional,
};
const GateDraft = z.strictObject(gateFields);
const GateAnswer = z.strictObject({ ...gateFields, preview_id: text });

/** What a write stands on: its host, and the folder it is asked from. */
export interface WriteGround {
  readonly host: Host;
  readonly cwd: string;
}

/** The overlay as it would be appended, with the id of this preview. Writes nothing. */
export async function rewardDryRun({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  const draft = parsed(RewardDraft, body);
  const result = await rewardRun(host, { ...draft, ...lessons(draft), dry_run: true, cwd });
  return { ...result, preview_id: rewardPreviewId(host, result) };
}

/** The overlay, appended; `preview_stale` when the history is not as it was in the preview (CMD-128). */
export async function rewardAppend({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  const draft = parsed(RewardAppend, body);
  return rewardRun(host, { ...draft, ...lessons(draft), cwd });
}

/** What an answer would do, with the id of this preview. Writes nothing. */
export async function gateDryRun({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  return answerGate(host, { ...parsed(GateDraft, body), dry_run: true, cwd });
}

/** The answer, given; `preview_stale` when the goal is not as it was in the preview. */
export async function gateAnswer({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  return answerGate(host, { ...parsed(GateAnswer, body), cwd });
}

/** The command that moves the goal on, with this machine's own paths: for the one who has the token, to paste here. */
export async function nextCommand({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  const { goal_id } = parsed(z.strictObject({ goal_id: text }), body);
  return { command: (await overviewOf(host, goal_id, cwd))?.next_command ?? null };
}

/** The review packet, or its part for the agent, as it runs on this machine: for the one who has the token, to paste here. */
export async function wholePacket({ host, cwd }: WriteGround, body: JsonObject): Promise<object> {
  const { goal_id, lang } = parsed(z.strictObject({ goal_id: text, lang: z.optional(z.enum(["en", "zh"])) }), body);
  const agent_id = (await overviewOf(host, goal_id, cwd))?.agent_id ?? undefined;
  const told = { ...host, locale: lang ?? host.locale };
  const { packet, project_agent_handoff } = await reviewPacket(told, { goal_id, agent_id, cwd });
  return { packet, project_agent_handoff };
}

function lessons({
  lesson_avoid,
  lesson_prefer,
}: {
  lesson_avoid?: string | string[] | undefined;
  lesson_prefer?: string | string[] | undefined;
}) {
  const list = (value: string | string[] | undefined) => (value === undefined ? undefined : [value].flat());
  return { lesson_avoid: list(lesson_avoid), lesson_prefer: list(lesson_prefer) };
}
