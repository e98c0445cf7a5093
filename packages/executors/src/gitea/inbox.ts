/**
 * The durable inbox (DSP-22, DSP-23): a log to which every event is appended before anything else happens, and from which it
 * is gone only by the line with its disposition. What is open after a crash is handled again; handling twice changes nothing.
 */
import { LoopxError, formatInstant, type JsonObject } from "@loopx/core/domain";
import type { GiteaGround } from "./ground.ts";

export type InboxSource = "notification" | "label_scan" | "reconcile" | "backlog";

/** One event, as it came. */
export interface InboxEntry {
  readonly event_id: string;
  readonly source: InboxSource;
  /** `o/r#n`, or only `o/r` where the subject is no item. */
  readonly item: string;
  readonly thread_id?: number;
  readonly updated_at?: string;
  readonly at: string;
}

/** How an event left the inbox. */
export type Disposition =
  | { readonly kind: "queued" }
  | { readonly kind: "merged_into"; readonly event_id: string }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "dead"; readonly reason: string };

type Store = Pick<GiteaGround, "logs" | "executor" | "now" | "digest">;
const NAME = "inbox";
const REMEMBERED = 5_000;
const DAY_MS = 86_400_000;

export interface Inbox {
  /** Entries without a disposition, oldest first. */
  open(): readonly InboxEntry[];
  /** Appended and on the disk when this answers. Null: this very event was disposed of before. */
  take(event: Omit<InboxEntry, "event_id" | "at"> & { readonly newest: string }): Promise<InboxEntry | null>;
  dispose(entry: InboxEntry, disposition: Disposition): Promise<void>;
  /** Something that was not worth an entry. */
  count(reason: string): void;
  /** How often each reason was given within the last 24 hours. */
  ignored(): Readonly<Record<string, number>>;
}

/** The inbox of a state directory, folded from its log. */
export async function openInbox(store: Store): Promise<Inbox> {
  const key = { kind: "executor_log", executor: store.executor, name: NAME } as const;
  const waiting = new Map<string, InboxEntry>();
  const done = new Set<string>();
  let reasons: { readonly at_ms: number; readonly reason: string }[] = [];
  const remember = (event_id: string): void => {
    done.add(event_id);
    const [oldest] = done;
    if (done.size > REMEMBERED && oldest !== undefined) done.delete(oldest);
  };
  for await (const entry of store.logs.scan(key)) {
    if (entry.kind !== "record") continue;
    const { event_id, disposition, reason, at } = entry.record;
    if (typeof event_id !== "string") continue;
    if (disposition === undefined) {
      const read = entryIn(entry.record);
      if (read !== null) waiting.set(event_id, read);
      continue;
    }
    waiting.delete(event_id);
    remember(event_id);
    if (disposition === "ignored" && typeof reason === "string" && typeof at === "string") reasons.push({ at_ms: Date.parse(at), reason });
  }
  const write = async (line: JsonObject): Promise<void> => {
    const outcome = await store.logs.append(key, line);
    if (outcome.kind !== "appended") throw new LoopxError("write_failed", `the inbox cannot be written (${outcome.kind})`);
  };
  const instant = (): string => formatInstant({ ms: store.now().ms, offset_minutes: 0 }, "milliseconds");

  return {
    open: () => [...waiting.values()],
    take: async ({ newest, ...event }) => {
      const words = [event.source, event.item, event.thread_id ?? "", event.updated_at ?? "", newest];
      const event_id = store.digest(words.join("\n"));
      const before = waiting.get(event_id);
      if (before !== undefined) return before;
      if (done.has(event_id)) return null;
      const entry: InboxEntry = { event_id, ...event, at: instant() };
      await write({ ...entry });
      waiting.set(event_id, entry);
      return entry;
    },
    dispose: async ({ event_id }, disposition) => {
      const more =
        "reason" in disposition ? { reason: disposition.reason } : "event_id" in disposition ? { into: disposition.event_id } : {};
      await write({ event_id, disposition: disposition.kind, ...more, at: instant() });
      waiting.delete(event_id);
      remember(event_id);
      if (disposition.kind === "ignored") reasons.push({ at_ms: store.now().ms, reason: disposition.reason });
    },
    count: (reason) => void reasons.push({ at_ms: store.now().ms, reason }),
    ignored: () => {
      reasons = reasons.filter(({ at_ms }) => store.now().ms - at_ms < DAY_MS);
      const counts: Record<string, number> = {};
      for (const { reason } of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
      return counts;
    },
  };
}

function entryIn(record: JsonObject): InboxEntry | null {
  const { event_id, source, item, thread_id, updated_at, at } = record;
  if (typeof event_id !== "string" || typeof item !== "string" || typeof at !== "string") return null;
  const known: readonly InboxSource[] = ["notification", "label_scan", "reconcile", "backlog"];
  const from = known.find((each) => each === source);
  if (from === undefined) return null;
  return {
    event_id,
    source: from,
    item,
    at,
    ...(typeof thread_id === "number" ? { thread_id } : {}),
    ...(typeof updated_at === "string" ? { updated_at } : {}),
  };
}
