/**
 * A run of a loop in the store: its snapshot is a document, its journal a log (WTL-12, WTL-33). A snapshot that cannot be
 * read is kept under another name and never trusted. Only the holder of the loop's lock writes here; a snapshot that
 * somebody else changed meanwhile ends the run.
 */
import { LoopxError, formatInstant, isJsonObject, type JsonObject, type JsonValue, type Moment } from "@loopx/core/domain";
import type { Host, Revision, Unreadable } from "@loopx/core";
import type { Begun, Machine, Progress, Snapshot } from "./machine.ts";

/** How many of the newest lines may stand behind the snapshot: an intent and its end, and what a crash left. */
const JOURNAL_TAIL = 20;
const SCHEMA_VERSION = "loopx_loop_state_v1";

/** The names under which a loop keeps itself, below its own folder of the runtime root. */
export interface LoopPlace {
  readonly executor: string;
  /** `cycle.json` */
  readonly state: string;
  /** `journal` */
  readonly journal: string;
}

/** What stands there from before. */
export type Earlier<State, Event, Effect> =
  | { readonly kind: "none" }
  /** Its text was kept under that name (WTL-12). */
  | { readonly kind: "damaged"; readonly kept: string }
  | { readonly kind: "found"; readonly snapshot: Snapshot<State, Effect>; readonly begun: Begun<Event> };

/** {@link Progress} that can also be read back. */
export interface StoredProgress<State, Event, Effect> extends Progress<State, Event, Effect> {
  /** Also learns which revision the next save replaces, so it comes first. */
  load(): Promise<Earlier<State, Event, Effect>>;
}

type Stores = Pick<Host, "documents" | "logs">;

/** Progress over the store's ports. */
export function storedProgress<State, Event, Effect>(
  host: Stores,
  place: LoopPlace,
  machine: Machine<State, Event, Effect>,
  now: () => Moment,
): StoredProgress<State, Event, Effect> {
  const key = { kind: "executor_state", executor: place.executor, name: place.state } as const;
  const log = { kind: "executor_log", executor: place.executor, name: place.journal } as const;
  let revision: Revision | null = null;

  const write = async (line: JsonObject): Promise<void> => {
    const outcome = await host.logs.append(log, line);
    if (outcome.kind !== "appended") throw notWritten(`the journal of ${place.executor}`, outcome);
  };
  const lineOf = ({ state, seq }: Snapshot<State, Effect>, more: JsonObject): JsonObject => ({
    at: formatInstant(now(), "milliseconds"),
    id: machine.idOf(state),
    seq,
    ...machine.journalFields(state),
    ...more,
  });

  return {
    load: async () => {
      const found = await host.documents.read(key);
      if (found.kind === "absent") return { kind: "none" };
      if (found.kind === "unreadable") {
        if (found.reason === "denied" || found.reason === "io") throw notWritten(found.where, found);
        // The first save renames it.
        return { kind: "damaged", kept: `${place.state}.corrupt-*` };
      }
      revision = found.revision;
      const snapshot = snapshotFrom(found.text, machine);
      if (snapshot === null)
        return { kind: "damaged", kept: await keepAside(host, { ...key, name: `${key.name}.bad` }, found.text, now()) };
      return { kind: "found", snapshot, begun: await begunOf(host, place, machine, snapshot) };
    },
    save: async ({ state, seq, pending }) => {
      const text = `${JSON.stringify({ schema_version: SCHEMA_VERSION, seq, state, pending }, null, 2)}\n`;
      const outcome = await host.documents.update(key, () => ({ write: text, value: null }), {
        expected: revision,
        set_aside: true,
      });
      if (outcome.kind !== "written") throw notWritten(`the state of ${place.executor}`, outcome);
      revision = outcome.revision;
    },
    begin: (snapshot, effect) => write(lineOf(snapshot, { effect: effect as JsonValue, intent: true })),
    end: (snapshot, event) => write(lineOf(snapshot, { event: event as JsonValue })),
  };
}

/** What stands there, for a look: nothing is renamed, whatever it is. */
export async function peekProgress<State, Event, Effect>(
  host: Pick<Stores, "documents">,
  place: LoopPlace,
  machine: Machine<State, Event, Effect>,
): Promise<{ readonly kind: "none" | "damaged" } | { readonly kind: "found"; readonly snapshot: Snapshot<State, Effect> }> {
  const found = await host.documents.read({ kind: "executor_state", executor: place.executor, name: place.state });
  if (found.kind === "absent") return { kind: "none" };
  const snapshot = found.kind === "found" ? snapshotFrom(found.text, machine) : null;
  return snapshot === null ? { kind: "damaged" } : { kind: "found", snapshot };
}

function snapshotFrom<State, Event, Effect>(text: string, machine: Machine<State, Event, Effect>): Snapshot<State, Effect> | null {
  const value = jsonOf(text);
  if (!isJsonObject(value) || value["schema_version"] !== SCHEMA_VERSION) return null;
  const { seq, pending } = value;
  const state = machine.read.state(value["state"]);
  if (state === null || typeof seq !== "number" || !Number.isInteger(seq) || !Array.isArray(pending)) return null;
  const effects = pending.map((effect) => machine.read.effect(effect));
  return effects.includes(null) ? null : { state, seq, pending: effects as Effect[] };
}

/** The newest line about the effect that is next decides. A torn line was never reported as written, so it says nothing. */
async function begunOf<State, Event, Effect>(
  host: Stores,
  place: LoopPlace,
  machine: Machine<State, Event, Effect>,
  { state, seq }: Snapshot<State, Effect>,
): Promise<Begun<Event>> {
  const page = await host.logs.tail({ kind: "executor_log", executor: place.executor, name: place.journal }, { limit: JOURNAL_TAIL });
  if (page.kind === "unreadable") throw notWritten(page.where, page);
  const id = machine.idOf(state);
  for (const entry of page.entries) {
    if (entry.kind !== "record" || entry.record["id"] !== id || entry.record["seq"] !== seq) continue;
    if (entry.record["intent"] === true) return { kind: "interrupted" };
    const stored = entry.record["event"];
    if (stored === null) return { kind: "ended", event: null };
    const event = machine.read.event(stored);
    return event === null ? { kind: "interrupted" } : { kind: "ended", event };
  }
  return { kind: "not_begun" };
}

/** `<name>-<utc>` holds the text from then on: a person may look at it, and no loop ever does. */
export async function keepAside(
  host: Pick<Stores, "documents">,
  key: { readonly kind: "executor_state"; readonly executor: string; readonly name: string },
  text: string,
  now: Moment,
): Promise<string> {
  const stamp = new Date(now.ms)
    .toISOString()
    .replace(/[-:]|\.\d+/g, "")
    .toLowerCase();
  const name = `${key.name}-${stamp}`;
  const outcome = await host.documents.update({ ...key, name }, () => ({ write: text, value: null }));
  if (outcome.kind !== "written") throw notWritten(name, outcome);
  return name;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type Refused = { readonly kind: string } | Unreadable;

function notWritten(what: string, outcome: Refused): LoopxError {
  const reason = "reason" in outcome ? outcome.reason : outcome.kind;
  if (outcome.kind === "conflict")
    return new LoopxError("conflict", `${what} was changed by another process`, {
      hint: "look which other loop runs: loopx-loop worktree status",
    });
  return new LoopxError(outcome.kind === "busy" ? "lock_timeout" : "write_failed", `${what} cannot be read or written (${reason})`);
}
