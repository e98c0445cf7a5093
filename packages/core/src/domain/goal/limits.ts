/**
 * Ranges of the numbers a registry holds, and the answer for a value outside of them.
 * Reading clamps with a finding (DEC-20 to DEC-22); a value given by a caller is refused, never clamped (CMD-46).
 */

export interface Range {
  readonly min: number;
  readonly max: number;
  /** False where fractions are legal. */
  readonly whole: boolean;
}

export const REGISTRY_MAX_DEPTH = 64;
/** Far more than 16 MiB of real entries hold; it bounds the memory of a file made of empty ones. */
export const REGISTRY_MAX_GOALS = 100_000;

export const COMPUTE: Range = { min: 0, max: 1, whole: false };
/** A year: a longer window would outgrow every date the ledger can print. */
export const WINDOW_HOURS: Range = { min: 1, max: 366 * 24, whole: true };
export const SLOT_MINUTES: Range = { min: 1, max: WINDOW_HOURS.max * 60, whole: true };
export const ALLOWED_SLOTS: Range = { min: 0, max: 1_000_000_000, whole: true };
export const CLAIM_TTL_MINUTES: Range = { min: 1, max: 1440, whole: true };
/** More children than this is a mistake in a file or on a command line. */
export const MAX_CHILDREN: Range = { min: 0, max: 100, whole: true };
/** Streaks are counted to 50 (DEC-54); the bound only keeps a threshold an honest integer. */
export const THRESHOLD: Range = { min: 1, max: 1_000_000, whole: true };

export const DEFAULT_COMPUTE = 1;
export const DEFAULT_WINDOW_HOURS = 24;
export const DEFAULT_SLOT_MINUTES = 1;
export const DEFAULT_CLAIM_TTL_MINUTES = 30;
export const DEFAULT_MAX_CHILDREN = 3;
export const DEFAULT_DOMAIN = "project-goal-control-plane";
export const DEFAULT_ADAPTER_STATUS = "connected";
export const DEFAULT_PARENT_APPROVAL: readonly string[] = ["write", "publish", "production-action"];

/** A value from a caller that may not be used. `key` is the flag without dashes, in snake_case. */
export interface InvalidValue {
  readonly kind: "invalid_value";
  readonly key: string;
  readonly message: string;
}

export function invalidValue(key: string, problem: string): InvalidValue {
  return { kind: "invalid_value", key, message: `${flagName(key)} ${problem}` };
}

/** `claim_ttl_minutes` as `--claim-ttl-minutes`. */
export function flagName(key: string): string {
  return `--${key.replaceAll("_", "-")}`;
}

/** Why a given number is refused, or null when it is in range or was not given. */
export function rangeFault(key: string, value: number | undefined, range: Range): InvalidValue | null {
  if (value === undefined || inRange(value, range)) return null;
  const form = range.whole ? "a whole number" : "a number";
  return invalidValue(key, `has to be ${form} from ${range.min} to ${range.max}, not ${value}`);
}

export function inRange(value: number, range: Range): boolean {
  return value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value));
}

/** The nearest legal value: fractions of whole numbers are cut. Never answers -0. */
export function clampToRange(value: number, range: Range): number {
  const cut = range.whole ? Math.floor(value) : value;
  return Math.min(range.max, Math.max(range.min, cut)) + 0;
}

/** The first fault of a row of checks, or null. */
export function firstFault(faults: readonly (InvalidValue | null)[]): InvalidValue | null {
  return faults.find((fault) => fault !== null) ?? null;
}
