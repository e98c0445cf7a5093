/**
 * From a press to a record (LRK-92, LRK-93). The order makes a crash harmless: the press is taken in the store, then the
 * record is appended, then the gate is closed; whoever comes after a crash looks for the record before writing one.
 */
import { operatorGate, type Host } from "@loopx/core";
import { formatInstant, instantMs, isJsonObject, parseGoalId, type Moment } from "@loopx/core/domain";
import { buildGateResolvedCard, decideGate, type Card, type CardAction, type GatePolicy, type GateRefusal } from "@loopx/lark-card";
import type { Outbox } from "../notify/outbox.ts";
import { changeGates, pendingOf, readGates, type StoredGate } from "./gates.ts";
import { DECIDED_IN_LARK } from "./sentences.ts";

/** What presses stand on. */
export interface PressGround {
  readonly host: Host;
  readonly outbox: Outbox;
  readonly policy: GatePolicy;
  readonly now: () => Moment;
  /** Records that are being written now, by the digest of their nonce: a press and the look after crashes never write both. */
  readonly recording: Map<string, Promise<StoredGate>>;
}

/** A press that was taken, with the promise of its record; or why it was not. */
export type Taken =
  | { readonly kind: "taken"; readonly nonce_sha256: string; readonly gate: StoredGate }
  | { readonly kind: "refused"; readonly code: GateRefusal; readonly locale: "en" | "zh" };

/** Newest records of a goal that may hold the one of a press. */
const RECORDS_LOOKED_AT = 500;
/** An asking that never ended: its process is gone. */
const ASKING_S = 300;

/** Takes the press, when it settles the gate (steps 2 to 4). Of two at once one is taken. */
export async function takePress(ground: PressGround, action: CardAction): Promise<Taken> {
  const { host } = ground;
  const now = ground.now();
  const nonce_sha256 = host.digest("sha256", action.value.nonce);
  return changeGates<Taken>(host, seconds(now), (gates) => {
    const gate = gates[nonce_sha256] ?? null;
    const decided = decideGate(action, gate === null ? null : pendingOf(gate), ground.policy, now);
    if (!decided.ok || gate === null) {
      const code = decided.ok ? "unknown_nonce" : decided.code;
      return { gates: null, value: { kind: "refused", code, locale: gate?.locale ?? "en" } };
    }
    const taken: StoredGate = {
      ...gate,
      state: "deciding",
      decision: decided.input.decision,
      event_ids: [...gate.event_ids, action.event_id],
      operator_ref: host.digest("sha256", action.operator_open_id).slice(0, 16),
      event_ref: host.digest("sha256", action.event_id).slice(0, 16),
    };
    return { gates: { ...gates, [nonce_sha256]: taken }, value: { kind: "taken", nonce_sha256, gate: taken } };
  });
}

/** Writes the record of a press that was taken, unless it stands already, and closes the gate (steps 5 and 6). */
export async function recordPress(ground: PressGround, nonce_sha256: string, gate: StoredGate): Promise<StoredGate> {
  const running = ground.recording.get(nonce_sha256);
  if (running !== undefined) return running;
  const recording = record(ground, nonce_sha256, gate).finally(() => ground.recording.delete(nonce_sha256));
  ground.recording.set(nonce_sha256, recording);
  return recording;
}

async function record(ground: PressGround, nonce_sha256: string, gate: StoredGate): Promise<StoredGate> {
  const { host } = ground;
  const { decision, event_ref, operator_ref } = gate;
  if (decision === null || decision === "expired" || decision === "superseded" || event_ref === null || operator_ref === null) return gate;
  const known = await recordOf(ground, gate);
  const run_id =
    known ??
    (
      await operatorGate(host, {
        goal_id: gate.goal_id,
        gate: gate.gate,
        decision,
        reason_summary: DECIDED_IN_LARK[gate.locale](),
        operator_question: gate.question,
        channel: { kind: "lark", operator_ref, event_ref },
      })
    ).run_id;
  const now_s = seconds(ground.now());
  const settled: StoredGate = { ...gate, state: "decided", settled_at: now_s, run_id };
  await changeGates(host, now_s, (gates) => ({ gates: { ...gates, [nonce_sha256]: settled }, value: null }));
  return settled;
}

/** The settled gate's card. */
export function resolvedCard(gate: StoredGate): Card {
  return buildGateResolvedCard({
    goal_id: gate.goal_id,
    gate: gate.gate,
    question: gate.question,
    decision: gate.decision ?? "superseded",
    decided_by: gate.operator_ref?.slice(0, 8) ?? null,
    decided_at: gate.settled_at === null ? null : formatInstant({ ms: gate.settled_at * 1_000, offset_minutes: 0 }, "seconds"),
    reason_summary: gate.operator_ref === null ? null : DECIDED_IN_LARK[gate.locale](),
    run_id: gate.run_id,
    sha: gate.sha,
    dialect: gate.dialect,
    locale: gate.locale,
  });
}

/** Puts the settled card in the place of the question. */
export async function closeCard(ground: Pick<PressGround, "outbox">, nonce_sha256: string, gate: StoredGate): Promise<void> {
  if (gate.message_id === null) return;
  const card = resolvedCard(gate);
  const { goal_id, message_id: update_message_id } = gate;
  await ground.outbox.push({
    key: `${goal_id}|${nonce_sha256}|resolved|1`,
    level: "resolved",
    goal_id,
    text: card.header.title.content,
    card,
    update_message_id,
  });
}

/** What ending a gate stands on. */
export type EndGround = Pick<PressGround, "host" | "outbox" | "now">;

/** Closes the open gates of a goal that are over for whoever asked them: answered by a command, or nobody wants to know any more (LRK-95). */
export async function endGates(ground: EndGround, goal_id: string, isOver: (gate: string) => boolean): Promise<void> {
  for (const [nonce_sha256, gate] of Object.entries(await readGates(ground.host))) {
    if (gate.goal_id !== goal_id || gate.state !== "open" || !isOver(gate.gate)) continue;
    const elsewhere = await decidedElsewhere(ground, gate);
    const settled = await settle(
      ground,
      nonce_sha256,
      elsewhere === null ? { state: "closed", decision: "superseded" } : { state: "decided", ...elsewhere },
    );
    if (settled !== null) await closeCard(ground, nonce_sha256, settled);
  }
}

/** One look at all gates: ends what a crash left, and closes what has expired or was decided elsewhere (LRK-93, LRK-95). */
export async function tendGates(ground: PressGround): Promise<void> {
  const now_s = seconds(ground.now());
  for (const [nonce_sha256, gate] of Object.entries(await readGates(ground.host))) {
    if (gate.state === "deciding") await closeCard(ground, nonce_sha256, await recordPress(ground, nonce_sha256, gate));
    if (gate.state === "asking" && now_s - gate.asked_at > ASKING_S) await settle(ground, nonce_sha256, { state: "closed" });
    if (gate.state !== "open") continue;
    const elsewhere = await decidedElsewhere(ground, gate);
    const end: Partial<StoredGate> | null =
      elsewhere !== null ? { state: "decided", ...elsewhere } : now_s >= gate.expires_at ? { state: "closed", decision: "expired" } : null;
    const settled = end === null ? null : await settle(ground, nonce_sha256, end);
    if (settled !== null) await closeCard(ground, nonce_sha256, settled);
  }
}

/** Ends a gate that is still as it was seen; null when a press was quicker. */
async function settle(ground: EndGround, nonce_sha256: string, end: Partial<StoredGate>): Promise<StoredGate | null> {
  const settled_at = seconds(ground.now());
  return changeGates(ground.host, settled_at, (gates) => {
    const gate = gates[nonce_sha256];
    if (gate === undefined || (gate.state !== "open" && gate.state !== "asking")) return { gates: null, value: null };
    const settled = { ...gate, ...end, settled_at };
    return { gates: { ...gates, [nonce_sha256]: settled }, value: settled };
  });
}

/** The record of a press, when it was written before. */
async function recordOf(ground: PressGround, { goal_id, event_ref }: StoredGate): Promise<string | null> {
  const found = (await answersOf(ground, goal_id)).find(
    ({ answer }) => isJsonObject(answer["channel"]) && answer["channel"]["event_ref"] === event_ref,
  );
  return found?.run_id ?? null;
}

/** The answer that a command gave to the gate after it was asked. */
async function decidedElsewhere(
  ground: Pick<PressGround, "host">,
  gate: StoredGate,
): Promise<Pick<StoredGate, "decision" | "run_id"> | null> {
  const found = (await answersOf(ground, gate.goal_id)).find(
    ({ answer, at_ms }) =>
      answer["gate"] === gate.gate && at_ms >= gate.asked_at * 1_000 && gate.allow.some((each) => each === answer["decision"]),
  );
  const decision = gate.allow.find((each) => each === found?.answer["decision"]);
  return found === undefined || decision === undefined ? null : { decision, run_id: found.run_id };
}

/** The newest answers to gates of a goal. */
async function answersOf(
  { host }: Pick<PressGround, "host">,
  goal_id: string,
): Promise<readonly { answer: Record<string, unknown>; run_id: string; at_ms: number }[]> {
  const goal = parseGoalId(goal_id);
  if (goal === null) return [];
  const page = await host.logs.tail({ kind: "runs", goal_id: goal }, { limit: RECORDS_LOOKED_AT });
  if (page.kind !== "page") return [];
  return page.entries.flatMap((entry) => {
    if (entry.kind !== "record" || !isJsonObject(entry.record["operator_gate"])) return [];
    const { operator_gate: answer, run_id, generated_at } = entry.record;
    return [
      {
        answer,
        run_id: typeof run_id === "string" ? run_id : "",
        at_ms: typeof generated_at === "string" ? (instantMs(generated_at) ?? 0) : 0,
      },
    ];
  });
}

function seconds({ ms }: Moment): number {
  return Math.floor(ms / 1_000);
}
