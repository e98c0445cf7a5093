/**
 * What a registry entry allows a goal to spend (DEC-20 to DEC-22). It reads the policy only:
 * `spent_slots` and `next_eligible_at` of the registry are never believed, the ledger counts.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { QuotaPolicy } from "./entry.ts";
import { isAbsent, type Note, numberOf, quoted } from "./fields.ts";
import * as limits from "./limits.ts";

/** The goal's quota, wrong types replaced by their default (FIL-15), values out of range clamped. */
export function readQuotaPolicy(entry: JsonObject, note: Note): QuotaPolicy {
  const quota = readQuotaObject(entry.quota, note);
  const own = isAbsent(quota.compute);
  const asked = readNumber(own ? entry.compute_quota : quota.compute, own ? "compute_quota" : "quota.compute", limits.COMPUTE, note);
  const compute = roundHalfUp((asked ?? limits.DEFAULT_COMPUTE) * 100) / 100;
  const window_hours = readNumber(quota.window_hours, "quota.window_hours", limits.WINDOW_HOURS, note) ?? limits.DEFAULT_WINDOW_HOURS;
  const slot_minutes = readNumber(quota.slot_minutes, "quota.slot_minutes", limits.SLOT_MINUTES, note) ?? limits.DEFAULT_SLOT_MINUTES;
  const allowed_slots =
    readNumber(quota.allowed_slots, "quota.allowed_slots", limits.ALLOWED_SLOTS, note) ??
    defaultAllowedSlots(compute, window_hours, slot_minutes);
  return { compute, window_hours, slot_minutes, allowed_slots };
}

/** How many slots a window has when the registry names no number; 0 means none (DEC-22). */
export function defaultAllowedSlots(compute: number, window_hours: number, slot_minutes: number): number {
  return roundHalfUp(((window_hours * 60) / slot_minutes) * compute);
}

function readQuotaObject(value: JsonValue | undefined, note: Note): JsonObject {
  if (isJsonObject(value)) return value;
  if (!isAbsent(value)) note("quota_invalid", "quota", `has to be an object, not ${quoted(value)}; the defaults stand`);
  return {};
}

function readNumber(value: JsonValue | undefined, key: string, range: limits.Range, note: Note): number | null {
  if (isAbsent(value)) return null;
  const number = numberOf(value);
  if (number === null) {
    note("quota_invalid", key, `has to be a number, not ${quoted(value)}; the default stands`);
    return null;
  }
  const clamped = limits.clampToRange(number, range);
  if (clamped !== number) note("quota_value_clamped", key, `is ${quoted(value)}, which is out of range; ${clamped} is used`);
  return clamped;
}

/** Decimal rounding: 28.499999999999996 comes from 0.285 and counts as 28.5. */
function roundHalfUp(value: number): number {
  return Math.floor(Number(value.toFixed(6)) + 0.5);
}
