/**
 * How long a lease may last and how much it may name (REL-105). One check for the command and for every store, because a
 * program may call a store directly. Whoever gets a fault refuses the request; nothing is ever clamped.
 */
import { characterCount } from "../goal-state/text.ts";
import { isStrayScope } from "./scopes.ts";

export const LEASE_TTL_MINUTES = { min: 1, max: 1440 } as const;
const WRITE_SCOPES = 64;
const SCOPE_CHARACTERS = 160;
const KEY_CHARACTERS = 200;
const REASON_CHARACTERS = 500;
/** All texts of a request together, as the file holds them: a record of more than 16 KiB could not be read again (REL-103). */
const TEXT_BYTES = 12 * 1024;

/** The parts of a request that have a limit. */
export interface LeaseTerms {
  readonly ttl_minutes: number;
  readonly write_scopes?: readonly string[];
  readonly idempotency_key?: string;
  readonly take_over?: { readonly reason: string };
}

/** A part that is out of range, and what would be right. */
export interface LeaseFault {
  readonly key: "ttl_minutes" | "write_scopes" | "idempotency_key" | "reason";
  readonly message: string;
}

/** The first part that is over its limit, or null. */
export function leaseFault({ ttl_minutes, write_scopes = [], idempotency_key = "", take_over }: LeaseTerms): LeaseFault | null {
  return ttlFault(ttl_minutes) ?? scopesFault(write_scopes) ?? textFault(write_scopes, idempotency_key, take_over?.reason ?? "");
}

function ttlFault(minutes: number): LeaseFault | null {
  const { min, max } = LEASE_TTL_MINUTES;
  const fits = Number.isFinite(minutes) && minutes >= min && minutes <= max;
  return fits ? null : { key: "ttl_minutes", message: `a lease lasts ${min} to ${max} minutes, not ${minutes}` };
}

function scopesFault(scopes: readonly string[]): LeaseFault | null {
  const fault = (message: string): LeaseFault => ({ key: "write_scopes", message });
  if (scopes.length > WRITE_SCOPES) return fault(`a lease names at most ${WRITE_SCOPES} write scopes, not ${scopes.length}`);
  if (scopes.some((scope) => scope.trim() === "")) return fault("a write scope is a relative path or pattern, not an empty text");
  const stray = scopes.find(isStrayScope);
  if (stray !== undefined)
    return fault(`a write scope is a relative path or pattern that stays in the project, not ${JSON.stringify(stray)}`);
  const long = scopes.find((scope) => characterCount(scope) > SCOPE_CHARACTERS);
  return long === undefined ? null : fault(`a write scope has at most ${SCOPE_CHARACTERS} characters, not ${characterCount(long)}`);
}

function textFault(scopes: readonly string[], idempotencyKey: string, reason: string): LeaseFault | null {
  if (characterCount(idempotencyKey) > KEY_CHARACTERS)
    return { key: "idempotency_key", message: `an idempotency key has at most ${KEY_CHARACTERS} characters` };
  if (characterCount(reason) > REASON_CHARACTERS)
    return { key: "reason", message: `the reason of a take-over has at most ${REASON_CHARACTERS} characters` };
  const bytes = new TextEncoder().encode(JSON.stringify([...scopes, idempotencyKey, reason])).length;
  return bytes <= TEXT_BYTES
    ? null
    : { key: "write_scopes", message: `the texts of a lease have at most ${TEXT_BYTES} bytes, not ${bytes}` };
}
