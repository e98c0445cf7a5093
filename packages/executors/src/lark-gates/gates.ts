/**
 * The gates that were asked in Lark, in one document of the store: every change is one compare-and-swap, so of two presses
 * at once one finds the gate open (LRK-92). The nonce itself is not kept, only its digest.
 */
import * as z from "zod/mini";
import type { Host } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";
import { GATE_ANSWERS, type PendingGate } from "@loopx/lark-card";

const KEY = { kind: "executor_state", executor: "lark", name: "gates.json" } as const;
const SCHEMA_VERSION = "loopx_lark_gates_v1";
/** Gates that are kept, settled ones included. */
const GATES_LIMIT = 500;
/** How long a settled gate is remembered: the platform may deliver one press twice (LRK-93). */
const REMEMBERED_S = 86_400;

const StoredGateSchema = z.looseObject({
  goal_id: z.string(),
  gate: z.string(),
  sha: z.nullable(z.string()),
  question: z.string(),
  /** `asking`: not sent yet; `deciding`: a press was taken and its record is being written. */
  state: z.enum(["asking", "open", "deciding", "decided", "closed"]),
  asked_at: z.int(),
  expires_at: z.int(),
  message_id: z.nullable(z.string()),
  chat_id: z.nullable(z.string()),
  allow: z.array(z.enum(GATE_ANSWERS)),
  event_ids: z.array(z.string()),
  dialect: z.enum(["1.0", "2.0"]),
  locale: z.enum(["en", "zh"]),
  decision: z.nullable(z.enum([...GATE_ANSWERS, "expired", "superseded"])),
  operator_ref: z.nullable(z.string()),
  event_ref: z.nullable(z.string()),
  settled_at: z.nullable(z.int()),
  run_id: z.nullable(z.string()),
});
/** A gate and how far it has come; instants are epoch seconds. */
export type StoredGate = z.infer<typeof StoredGateSchema>;
/** Gates by the sha256 of their nonce. */
export type Gates = Readonly<Record<string, StoredGate>>;

const FileSchema = z.looseObject({ schema_version: z.literal(SCHEMA_VERSION), gates: z.record(z.string(), StoredGateSchema) });

type Stores = Pick<Host, "documents">;

/** All gates as they stand. */
export async function readGates(host: Stores): Promise<Gates> {
  const found = await host.documents.read(KEY);
  if (found.kind === "absent") return {};
  if (found.kind === "found") return gatesIn(found.text);
  throw damaged();
}

/** Changes gates at once; `null` leaves them. The edit may run again when somebody else was quicker. */
export async function changeGates<Value>(
  host: Stores,
  now_s: number,
  edit: (gates: Gates) => { readonly gates: Gates | null; readonly value: Value },
): Promise<Value> {
  const outcome = await host.documents.update<Value>(KEY, (current) => {
    const { gates, value } = edit(current === null ? {} : gatesIn(current.text));
    if (gates === null) return { keep: true, value };
    return { write: `${JSON.stringify({ schema_version: SCHEMA_VERSION, gates: remembered(gates, now_s) }, null, 2)}\n`, value };
  });
  switch (outcome.kind) {
    case "written":
    case "unchanged":
      return outcome.value;
    case "busy":
      throw new LoopxError("lock_timeout", "the gates of Lark are being changed by another process");
    case "conflict":
    case "fenced":
      throw new LoopxError("conflict", "the gates of Lark kept changing; nothing was written");
    case "unreadable":
      throw damaged();
  }
}

/** The gate as a press is judged against. */
export function pendingOf(gate: StoredGate): PendingGate {
  const { goal_id, gate: name, sha, expires_at, allow, event_ids } = gate;
  const state = gate.state === "asking" ? "closed" : gate.state;
  return { goal_id, gate: name, sha, state, expires_at, allow, event_ids, message_id: gate.message_id ?? "", chat_id: gate.chat_id ?? "" };
}

function gatesIn(text: string): Gates {
  try {
    return z.parse(FileSchema, JSON.parse(text)).gates;
  } catch {
    throw damaged();
  }
}

/** Without those that were settled a day ago; of too many the oldest settled ones go. */
function remembered(gates: Gates, now_s: number): Gates {
  const kept = Object.entries(gates).filter(([, { settled_at }]) => settled_at === null || now_s - settled_at < REMEMBERED_S);
  const open = kept.filter(([, { settled_at }]) => settled_at === null);
  if (open.length > GATES_LIMIT)
    throw new LoopxError("too_large", `more than ${GATES_LIMIT} gates are open`, { hint: "answer some of them" });
  const settled = kept
    .filter(([, { settled_at }]) => settled_at !== null)
    .sort(([, a], [, b]) => (b.settled_at ?? 0) - (a.settled_at ?? 0));
  return Object.fromEntries([...open, ...settled.slice(0, GATES_LIMIT - open.length)]);
}

function damaged(): LoopxError {
  return new LoopxError("config_invalid", "the gates of Lark cannot be read: executors/lark/gates.json of the runtime root", {
    hint: "repair the file, or move it away: its open gates are then answered by command only",
  });
}
