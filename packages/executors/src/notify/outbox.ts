/**
 * The notices on their way, outside the loop's step (LRK-87): in order per chat, at most 200, each key once. Nothing here
 * ever throws into a loop, and nothing waits longer than the loop lets it.
 */
import type { Timing } from "../scenario/run.ts";
import type { Notice, Notifier, NotifyDriver, Sent } from "./notice.ts";

const QUEUE_LIMIT = 200;
/** Keys that are remembered: the platform forgets them after an hour as well. */
const KEYS_LIMIT = 5_000;

/** What became of all notices, for `status`. */
export interface NotifyStatus {
  readonly driver: NotifyDriver;
  readonly queued: number;
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
  readonly last_failure: { readonly key: string; readonly code: string; readonly detail: string } | null;
}

/** Notices on their way. */
export interface Outbox {
  /** Answers when the notice was sent, failed, or was dropped. A loop does not wait for it. */
  push(notice: Notice): Promise<Sent>;
  status(): NotifyStatus;
  /** Waits that long for what is queued; the rest is given up and counted. */
  close(limit_ms: number): Promise<void>;
}

interface Waiting {
  readonly notice: Notice;
  readonly settle: (sent: Sent) => void;
}

/** Where a notice is noted before it goes out and after it ended, for a `status` in another process. */
export interface NoticeBook {
  begun(notice: Notice): Promise<void>;
  ended(notice: Notice, sent: Sent): Promise<void>;
  settled(): Promise<void>;
}

/** What an outbox stands on. */
export interface OutboxGround {
  readonly notifier: Notifier;
  readonly timing: Timing;
  /** Cleans a notice of secrets and private texts before it is queued (LRK-88). */
  readonly safe: (notice: Notice) => Notice;
  readonly book?: NoticeBook;
}

export function openOutbox(ground: OutboxGround): Outbox {
  const lanes = new Map<string, Waiting[]>();
  const known = new Map<string, Promise<Sent>>();
  const stop = new AbortController();
  const running = new Set<Promise<void>>();
  const counts = { sent: 0, failed: 0, dropped: 0 };
  let last_failure: NotifyStatus["last_failure"] = null;

  const end = (waiting: Waiting, sent: Sent): void => {
    if (sent.ok) counts.sent += 1;
    else {
      counts[sent.code === "dropped" ? "dropped" : "failed"] += 1;
      last_failure = { key: waiting.notice.key, code: sent.code, detail: sent.detail };
    }
    void ground.book?.ended(waiting.notice, sent);
    waiting.settle(sent);
  };
  const run = async (name: string, lane: Waiting[]): Promise<void> => {
    for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
      const sent = await ground.notifier.send(next.notice, stop.signal).catch(crashed);
      end(next, sent);
    }
    lanes.delete(name);
  };
  const enqueue = (waiting: Waiting): void => {
    const name = waiting.notice.chat_id ?? "";
    const lane = lanes.get(name);
    if (lane !== undefined) return void lane.push(waiting);
    const fresh = [waiting];
    lanes.set(name, fresh);
    const work = run(name, fresh).finally(() => running.delete(work));
    running.add(work);
  };
  const queued = (): readonly Waiting[] => [...lanes.values()].flat();

  return {
    push: async (given) => {
      const before = known.get(given.key);
      if (before !== undefined) return before.then((sent) => (sent.ok ? { ...sent, deduplicated: true } : sent));
      const notice = ground.safe(given);
      const sending = new Promise<Sent>((settle) => {
        const waiting = { notice, settle };
        void ground.book?.begun(notice);
        if (stop.signal.aborted) return end(waiting, dropped("the sender has ended"));
        const replaced = supersede(lanes, notice);
        if (replaced !== null) replaced.settle({ ok: true, message_id: notice.update_message_id ?? null, deduplicated: true });
        const victim = queued().length < QUEUE_LIMIT ? null : victimOf(lanes, waiting);
        if (victim !== null) end(victim, dropped(`more than ${QUEUE_LIMIT} notices are waiting`));
        if (victim !== waiting) enqueue(waiting);
      });
      known.set(given.key, sending);
      // What failed may be told again; what was told may not.
      void sending.then((sent) => (sent.ok ? forgetOldest(known) : known.delete(given.key)));
      return sending;
    },
    status: () => ({ driver: ground.notifier.driver, queued: queued().length, ...counts, last_failure }),
    close: async (limit_ms) => {
      await ground.timing.within(limit_ms, new AbortController().signal, async () => {
        while (running.size > 0) await Promise.all(running);
      });
      stop.abort();
      for (const lane of lanes.values()) for (const waiting of lane.splice(0)) end(waiting, dropped("the sender has ended"));
      await ground.book?.settled();
    },
  };
}

/** Takes an older update of the same message out of its lane: nobody needs to see it any more (LRK-85). */
function supersede(lanes: ReadonlyMap<string, Waiting[]>, { update_message_id }: Notice): Waiting | null {
  if (update_message_id === undefined) return null;
  for (const lane of lanes.values()) {
    const at = lane.findIndex(({ notice }) => notice.update_message_id === update_message_id);
    if (at !== -1) return lane.splice(at, 1)[0] ?? null;
  }
  return null;
}

/** The notice that goes for a full queue: the oldest `info`, which may be the new one itself; null when none is. */
function victimOf(lanes: ReadonlyMap<string, Waiting[]>, fresh: Waiting): Waiting | null {
  for (const lane of lanes.values()) {
    const at = lane.findIndex(({ notice }) => notice.level === "info");
    if (at !== -1) return lane.splice(at, 1)[0] ?? null;
  }
  return fresh.notice.level === "info" ? fresh : null;
}

function forgetOldest(known: Map<string, unknown>): void {
  const [oldest] = known.keys();
  if (known.size > KEYS_LIMIT && oldest !== undefined) known.delete(oldest);
}

function dropped(detail: string): Sent {
  return { ok: false, code: "dropped", retryable: false, detail };
}

function crashed(): Sent {
  return { ok: false, code: "internal", retryable: false, detail: "the driver failed" };
}
