/**
 * The status as the window shows it, kept for as long as nothing that went into it has changed, and word to whoever
 * listens when it has (PRF-7). An answer is never older than one look, and looks follow each other at most this closely.
 */
import type { Sources } from "@loopx/core";

/** Two looks at the files are at least so far apart; a thousand goals are thousands of files. */
const LOOK_MS = 50;
/** How soon a listener hears of a change. */
const TICK_MS = 400;

/** What was made of one look. */
export interface Made<Value> {
  readonly value: Value;
  /** Differs when the value does. */
  readonly revision: string;
  readonly sources: Sources;
  /** Time alone changes the answer then; infinity when it does not. */
  readonly until_ms: number;
}

export interface FeedGround<Value> {
  readonly make: () => Promise<Made<Value>>;
  readonly now_ms: () => number;
  readonly monotonicMs: () => number;
  /** Calls back until it is cancelled. */
  readonly every: (ms: number, act: () => void) => () => void;
}

export interface Feed<Value> {
  current(): Promise<Pick<Made<Value>, "value" | "revision">>;
  /** What was made counts no more: this server has just written. */
  forget(): void;
  /** Hears each new revision until it is taken back. */
  listen(hear: (revision: string) => void): () => void;
}

export function openFeed<Value>({ make, now_ms, monotonicMs, every }: FeedGround<Value>): Feed<Value> {
  let made: Made<Value> | null = null;
  let looked = -Infinity;
  let making: Promise<Made<Value>> | null = null;
  const listeners = new Set<(revision: string) => void>();
  let stop: (() => void) | null = null;
  let told: string | null = null;

  const current = async (): Promise<Made<Value>> => {
    // What is being made may have been begun before the change that brought this call.
    if (making !== null) await making.catch(() => null);
    if (made !== null && now_ms() < made.until_ms) {
      if (monotonicMs() - looked < LOOK_MS) return made;
      if (made.sources.stand()) {
        looked = monotonicMs();
        return made;
      }
    }
    const begun = monotonicMs();
    const mine = (making ??= make().finally(() => (making = null)));
    try {
      made = await mine;
      looked = begun;
      return made;
    } catch (error) {
      made = null;
      throw error;
    }
  };
  const tick = async (): Promise<void> => {
    const revision = await current().then(
      (found) => found.revision,
      () => "unreadable",
    );
    if (revision === told) return;
    told = revision;
    for (const hear of listeners) hear(revision);
  };
  return {
    current,
    forget: () => void (made = null),
    listen: (hear) => {
      listeners.add(hear);
      if (told !== null) hear(told);
      stop ??= every(TICK_MS, () => void tick());
      void tick();
      return () => {
        listeners.delete(hear);
        if (listeners.size > 0) return;
        stop?.();
        stop = told = null;
      };
    },
  };
}
