/**
 * Whether a server that ended is started again, and when (WTL-80, WTL-81). Pure: what was seen and the time in; the next state
 * and one act out. Waiting is a due time, never a sleep. Only what a cycle deployed is started, and never because of its commit.
 */
import * as z from "zod/mini";

export const RESTART_LIMIT = 5;
export const RESTART_WINDOW_MS = 600_000;
export const COOLDOWN_MS = 300_000;
/** So long it has to be well before its failures are forgotten. */
export const STEADY_MS = 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

const STATES = ["stopped", "starting", "healthy", "unhealthy", "backoff", "cooldown"] as const;
export type SupervisedState = (typeof STATES)[number];

export const SupervisedSchema = z.object({
  state: z.enum(STATES),
  since_ms: z.number(),
  /** When it was started again; those of the last window count. */
  restarts_ms: z.array(z.number()),
  /** Since it was last steady; the waits grow with it. */
  failures: z.int(),
  due_ms: z.nullable(z.number()),
});
/** One server as its supervisor knows it. It is kept on disk: a count that dies with its process never reaches its limit. */
export type Supervised = z.infer<typeof SupervisedSchema>;

export const UNSEEN: Supervised = { state: "stopped", since_ms: 0, restarts_ms: [], failures: 0, due_ms: null };

/** What was seen just now. */
export interface Sight {
  /** Somebody wants it to run, and wants it supervised. */
  readonly wanted: boolean;
  /** A cycle stops and starts it just now. */
  readonly held: boolean;
  readonly health: "well" | "unwell" | "gone";
  /** It was started so recently that it may still come up. */
  readonly young: boolean;
}

/** What to do now. */
export type SupervisorAct = { readonly kind: "none" } | { readonly kind: "start" } | { readonly kind: "tell"; readonly until_ms: number };

/** The next state, and the act that belongs to it. */
export interface Tick {
  readonly next: Supervised;
  readonly act: SupervisorAct;
}

const NONE: SupervisorAct = { kind: "none" };

/** One look. */
export function tick(before: Supervised, sight: Sight, now_ms: number): Tick {
  if (!sight.wanted) return { next: to(UNSEEN, "stopped", now_ms, before), act: NONE };
  if (sight.health !== "gone") return { next: living(before, sight, now_ms), act: NONE };
  if (sight.held) return { next: { ...to(before, "stopped", now_ms), due_ms: null }, act: NONE };
  if (before.state !== "backoff" && before.state !== "cooldown") return died(before, now_ms);
  if (before.due_ms !== null && now_ms < before.due_ms) return { next: before, act: NONE };
  const recent = recentOf(before, now_ms);
  const [oldest] = recent;
  if (oldest !== undefined && recent.length >= RESTART_LIMIT)
    return { next: { ...to(before, "cooldown", now_ms), due_ms: oldest + RESTART_WINDOW_MS }, act: NONE };
  const next = { ...to(before, "starting", now_ms), restarts_ms: [...recent, now_ms], failures: before.failures + 1, due_ms: null };
  return { next, act: { kind: "start" } };
}

/** Another process holds its port: only a person can help, so there is no quick retry (WTL-76). */
export function blocked(before: Supervised, now_ms: number): Tick {
  return cooldown(before, now_ms);
}

/** Its starts of the last ten minutes. */
export function recentOf({ restarts_ms }: Supervised, now_ms: number): readonly number[] {
  return restarts_ms.filter((at) => now_ms - at < RESTART_WINDOW_MS);
}

function living(before: Supervised, { health, young }: Sight, now_ms: number): Supervised {
  if (health === "unwell") return to(before, young && before.state !== "healthy" ? "starting" : "unhealthy", now_ms);
  const next = { ...to(before, "healthy", now_ms), due_ms: null };
  return now_ms - next.since_ms >= STEADY_MS ? { ...next, restarts_ms: [], failures: 0 } : next;
}

function died(before: Supervised, now_ms: number): Tick {
  if (recentOf(before, now_ms).length >= RESTART_LIMIT) return cooldown(before, now_ms);
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(before.failures, 16));
  return { next: { ...to(before, "backoff", now_ms), due_ms: now_ms + delay }, act: NONE };
}

function cooldown(before: Supervised, now_ms: number): Tick {
  const until_ms = now_ms + COOLDOWN_MS;
  return { next: { ...to(before, "cooldown", now_ms), due_ms: until_ms }, act: { kind: "tell", until_ms } };
}

/** A state that stays keeps its beginning. */
function to(from: Supervised, state: SupervisedState, now_ms: number, before: Supervised = from): Supervised {
  return { ...from, state, since_ms: before.state === state ? before.since_ms : now_ms };
}
