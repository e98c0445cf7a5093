/** Asks a gate in Lark: the pending gate stands in the store before its card is sent, so that no press can come too early. */
import type { Host } from "@loopx/core";
import { firstHit, LoopxError, type Locale, type Moment } from "@loopx/core/domain";
import { buildGateCard, GATE_ANSWERS, LarkCardError, type Card, type Dialect, type GateAnswer } from "@loopx/lark-card";
import type { Outbox } from "../notify/outbox.ts";
import { changeGates, type StoredGate } from "./gates.ts";
import { closeCard } from "./press.ts";
import { GATE_TEXT } from "./sentences.ts";

/** What a gate's asking stands on. */
export interface AskGround {
  readonly host: Pick<Host, "documents" | "digest">;
  readonly outbox: Outbox;
  readonly now: () => Moment;
  /** 32 fresh hex digits. */
  readonly nonce: () => string;
  /** True while presses are known to arrive (LRK-94). */
  readonly callbacks: boolean;
  /** The chat that the card goes to; null where the driver knows none. */
  readonly chat_id: string | null;
}

/** A gate to ask. */
export interface GateQuestion {
  readonly goal_id: string;
  readonly gate: string;
  readonly question: string;
  readonly summary?: string;
  readonly agent_command?: string;
  readonly sha?: string;
  readonly expires_hours: number;
  readonly allow?: readonly GateAnswer[];
  readonly dialect: Dialect;
  readonly locale: Locale;
}

/** How the asking ended; `nonce_sha256` names the pending gate. */
export type Asked =
  | {
      readonly kind: "asked" | "already_open";
      readonly nonce_sha256: string;
      readonly message_id: string | null;
      readonly callbacks: boolean;
    }
  | { readonly kind: "not_sent"; readonly code: string; readonly retryable: boolean; readonly detail: string };

type Named = readonly [nonce_sha256: string, gate: StoredGate];

/** What stood there: the same question, or questions that this one takes the place of. */
interface Before {
  readonly open: Named | null;
  readonly superseded: readonly Named[];
}

/** Asks once: the same goal, gate and commit are not asked again while the question is open. */
export async function askGate(ground: AskGround, question: GateQuestion): Promise<Asked> {
  const nonce = ground.nonce();
  const nonce_sha256 = ground.host.digest("sha256", nonce);
  const now_s = Math.floor(ground.now().ms / 1_000);
  const gate = freshGate(question, ground.chat_id, now_s);
  const card = cardOf(question, nonce, gate.expires_at, ground.callbacks);
  const before = await changeGates<Before>(ground.host, now_s, (gates) => {
    const same = Object.entries(gates).find(([, each]) => isSameQuestion(each, gate) && each.sha === gate.sha && isLive(each, now_s));
    if (same !== undefined) return { gates: null, value: { open: same, superseded: [] } };
    const older = Object.entries(gates).filter(([, each]) => isSameQuestion(each, gate) && each.state === "open");
    const superseded = older.map(([key, each]): Named => [key, { ...each, state: "closed", decision: "superseded", settled_at: now_s }]);
    return { gates: { ...gates, ...Object.fromEntries(superseded), [nonce_sha256]: gate }, value: { open: null, superseded } };
  });
  if (before.open !== null) {
    const [key, { message_id }] = before.open;
    return { kind: "already_open", nonce_sha256: key, message_id, callbacks: ground.callbacks };
  }
  // An approval is for one commit: the question about an older one is void (LRK-95).
  for (const [key, each] of before.superseded) await closeCard(ground, key, each);
  const { goal_id } = question;
  const text = GATE_TEXT[question.locale](goal_id, question.gate, question.question);
  const sent = await ground.outbox.push({ key: `${goal_id}|${nonce_sha256}|gate|1`, level: "needs_person", goal_id, text, card });
  const message_id = sent.ok ? sent.message_id : null;
  const end: Partial<StoredGate> = sent.ok ? { state: "open", message_id } : { state: "closed", settled_at: now_s };
  await changeGates(ground.host, now_s, (gates) => ({ gates: { ...gates, [nonce_sha256]: { ...gate, ...end } }, value: null }));
  if (!sent.ok) return { kind: "not_sent", code: sent.code, retryable: sent.retryable, detail: sent.detail };
  return { kind: "asked", nonce_sha256, message_id, callbacks: ground.callbacks };
}

function freshGate(question: GateQuestion, chat_id: string | null, now_s: number): StoredGate {
  for (const [flag, text] of [
    ["--question", question.question],
    ["--gate", question.gate],
  ] as const) {
    const hit = firstHit(text, "record");
    if (hit !== null)
      throw new LoopxError("unsafe_text", `${flag} holds what may not be recorded (${hit.rule})`, { details: { flag, rule: hit.rule } });
  }
  return {
    goal_id: question.goal_id,
    gate: question.gate,
    sha: question.sha ?? null,
    question: question.question,
    state: "asking",
    asked_at: now_s,
    expires_at: now_s + question.expires_hours * 3_600,
    message_id: null,
    chat_id,
    allow: [...(question.allow ?? GATE_ANSWERS)],
    event_ids: [],
    dialect: question.dialect,
    locale: question.locale,
    decision: null,
    operator_ref: null,
    event_ref: null,
    settled_at: null,
    run_id: null,
  };
}

function cardOf(question: GateQuestion, nonce: string, expires_at: number, callbacks: boolean): Card {
  const { expires_hours: _, ...shown } = question;
  try {
    return buildGateCard({ ...shown, nonce, expires_at, callbacks });
  } catch (error) {
    if (!(error instanceof LarkCardError)) throw error;
    throw new LoopxError("invalid_value", error.message, {
      details: { issues: error.issues.map((issue) => ({ ...issue })) },
      cause: error,
    });
  }
}

function isSameQuestion(one: StoredGate, other: StoredGate): boolean {
  return one.goal_id === other.goal_id && one.gate === other.gate;
}

/** Open, or being sent right now. */
function isLive({ state, expires_at, asked_at }: StoredGate, now_s: number): boolean {
  if (now_s >= expires_at) return false;
  return state === "open" || state === "deciding" || (state === "asking" && now_s - asked_at < 120);
}
