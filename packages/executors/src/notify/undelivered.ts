/**
 * Notices that did not arrive, or that are not known to have arrived, in a document that any process may read: what a `status`
 * shows, and what the next process of a loop sends again when a person has to see it (LRK-80, WTL-87). It never holds more than
 * the newest ones, and only texts that were safe to send.
 */
import type { Documents } from "@loopx/core";
import { formatInstant, instantMs, isJsonObject, type Moment } from "@loopx/core/domain";
import * as z from "zod/mini";
import type { Notice, Sent } from "./notice.ts";

const KEPT = 50;
const KEPT_MS = 7 * 24 * 3_600_000;
const AGAIN_MS = 24 * 3_600_000;

const UndeliveredSchema = z.object({
  key: z.string(),
  level: z.enum(["info", "needs_person", "resolved"]),
  text: z.string(),
  at: z.string(),
  /** `waiting`: handed over, and nobody heard how it ended. */
  code: z.string(),
  detail: z.string(),
  chat_id: z.nullable(z.string()),
});
type Undelivered = z.infer<typeof UndeliveredSchema>;

const FileSchema = z.object({ schema_version: z.literal("loopx_undelivered_v1"), notices: z.array(UndeliveredSchema) });
type File = z.infer<typeof FileSchema>;

const EMPTY: File = { schema_version: "loopx_undelivered_v1", notices: [] };

/** Where an executor keeps them. */
interface UndeliveredPlace {
  readonly documents: Documents;
  readonly executor: string;
}

const keyOf = (executor: string) => ({ kind: "executor_state", executor, name: "undelivered.json" }) as const;

/** The newest that did not arrive, newest first. A file that cannot be read says nothing. */
async function readUndelivered({ documents, executor }: UndeliveredPlace): Promise<readonly Undelivered[]> {
  const found = await documents.read(keyOf(executor));
  return found.kind === "found" ? fileOf(found.text).notices.toReversed() : [];
}

/** What a `status` shows of them. */
export async function undeliveredOf(place: UndeliveredPlace) {
  const notices = await readUndelivered(place);
  return {
    count: notices.length,
    newest: notices.slice(0, 10).map(({ at, level, code, detail, text }) => ({ at, level, code, detail, text })),
  };
}

/** Those that a person has to see and that a repetition may bring. */
export async function toSendAgain(place: UndeliveredPlace, now: Moment): Promise<readonly Notice[]> {
  return (await readUndelivered(place))
    .filter(({ level, at, code }) => level === "needs_person" && now.ms - (instantMs(at) ?? 0) < AGAIN_MS && AGAIN.has(code))
    .toReversed()
    .map(({ key, level, text, chat_id }) => ({ key, level, text, ...(chat_id === null ? {} : { chat_id }) }));
}

/** Refused ones stay refused. */
const AGAIN: ReadonlySet<string> = new Set(["waiting", "timeout", "unreachable", "dropped", "aborted"]);

/** Keeps book of one process's notices, one after the other. Nothing of it throws. */
export function undeliveredBook(place: UndeliveredPlace, now: () => Moment) {
  let last: Promise<void> = Promise.resolve();
  const change = (edit: (file: File) => File | null): Promise<void> => {
    last = last.then(() => write(place, edit)).catch(() => {});
    return last;
  };
  return {
    /** Before it goes out: a crash leaves it behind. */
    begun: (notice: Notice): Promise<void> =>
      notice.level === "needs_person" ? change((file) => withNotice(file, notice, "waiting", "", now())) : Promise.resolve(),
    ended: (notice: Notice, sent: Sent): Promise<void> =>
      change((file) => (sent.ok ? without(file, notice.key) : withNotice(file, notice, sent.code, sent.detail, now()))),
    settled: (): Promise<void> => last,
  };
}

function withNotice(file: File, { key, level, text, chat_id }: Notice, code: string, detail: string, now: Moment): File {
  const entry: Undelivered = { key, level, text, at: formatInstant(now, "milliseconds"), code, detail, chat_id: chat_id ?? null };
  const young = file.notices.filter((each) => each.key !== key && now.ms - (instantMs(each.at) ?? 0) < KEPT_MS);
  return { ...file, notices: [...young, entry].slice(-KEPT) };
}

function without(file: File, key: string): File | null {
  if (!file.notices.some((each) => each.key === key)) return null;
  return { ...file, notices: file.notices.filter((each) => each.key !== key) };
}

async function write({ documents, executor }: UndeliveredPlace, edit: (file: File) => File | null): Promise<void> {
  const found = await documents.read(keyOf(executor));
  if (edit(found.kind === "found" ? fileOf(found.text) : EMPTY) === null) return;
  await documents.update(
    keyOf(executor),
    (current) => {
      const next = edit(current === null ? EMPTY : fileOf(current.text));
      return next === null ? { keep: true, value: null } : { write: `${JSON.stringify(next, null, 2)}\n`, value: null };
    },
    { set_aside: true },
  );
}

function fileOf(text: string): File {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (FileSchema.safeParse(value).data ?? EMPTY) : EMPTY;
  } catch {
    return EMPTY;
  }
}
