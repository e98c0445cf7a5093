/**
 * The lease record: who may work on one todo (or one executor item), until when, under which fencing token (FIL-80).
 * Expiry is computed from `expires_at`, never stored. A record that does not read cleanly is null: it counts as held
 * by an unknown holder (FIL-83).
 */
import * as z from "zod/mini";
import type { GoalId, TodoId } from "../ids.ts";
import { nestsTooDeep } from "../json.ts";
import { instantMs } from "../time.ts";

/** What a lease is for: a todo of a goal, or an item of an executor. */
export type LeaseKey = { goal_id: GoalId; todo_id: TodoId } | { executor: string; item: string };
/** One grant of a lease: its holder and fencing token. */
export type LeaseRef = LeaseKey & { holder: string; token: number };

const count = z.int().check(z.minimum(1));
const instant = z.string().check(z.refine((text) => instantMs(text) !== null));

/** Unknown keys survive a renewal: older and newer writers share these files. */
export const LeaseSchema = z.looseObject({
  schema_version: z.literal("loopx_lease_v1"),
  goal_id: z.optional(z.string()),
  todo_id: z.optional(z.string()),
  executor: z.optional(z.string()),
  item: z.optional(z.string()),
  state: z.enum(["held", "released"]),
  holder: z.string(),
  token: count,
  version: count,
  ttl_minutes: z.number().check(z.positive()),
  acquired_at: instant,
  renewed_at: z.nullable(instant),
  expires_at: instant,
  released_at: z.nullable(instant),
  write_scopes: z.array(z.string()),
  idempotency_key: z.nullable(z.string()),
  taken_over_from: z.nullable(z.string()),
  take_over_reason: z.optional(z.string()),
});

/** A lease that was granted, held or released. */
export interface Lease {
  readonly schema_version: "loopx_lease_v1";
  readonly goal_id?: GoalId;
  readonly todo_id?: TodoId;
  readonly executor?: string;
  readonly item?: string;
  readonly state: "held" | "released";
  readonly holder: string;
  /** Grows by one with each grant, never otherwise (FIL-81). */
  readonly token: number;
  /** Grows by one with each change. */
  readonly version: number;
  readonly ttl_minutes: number;
  readonly acquired_at: string;
  readonly renewed_at: string | null;
  readonly expires_at: string;
  readonly released_at: string | null;
  readonly write_scopes: readonly string[];
  readonly idempotency_key: string | null;
  readonly taken_over_from: string | null;
  /** Why it was taken over while it was live; absent otherwise. */
  readonly take_over_reason?: string;
}

/** The lease a file's text holds, or null when it is no lease of that key. */
export function parseLease(text: string, key: LeaseKey): Lease | null {
  const lease = parseAnyLease(text);
  return lease !== null && isLeaseOf(lease, key) ? lease : null;
}

/** The lease a text holds, whatever it is for, or null. */
export function parseAnyLease(text: string): Lease | null {
  if (nestsTooDeep(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return null;
  }
  const parsed = LeaseSchema.safeParse(value);
  return parsed.success ? (parsed.data as Lease) : null;
}

/** The record's text: two-space JSON with a final newline (FIL-2). */
export function formatLease(lease: Lease): string {
  return `${JSON.stringify(lease, null, 2)}\n`;
}

export function isLeaseOf(lease: Lease, key: LeaseKey): boolean {
  return "goal_id" in key
    ? lease.goal_id === key.goal_id && lease.todo_id === key.todo_id
    : lease.executor === key.executor && lease.item === key.item;
}
