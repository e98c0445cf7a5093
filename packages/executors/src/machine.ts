/**
 * What a loop is, and how it is carried out. A loop is a pure step: from a state, an event and the time to the next state
 * and a list of effects, which are plain values. Here they are carried out one after the other; each is written down before
 * it begins and after it ended, so that a killed loop knows what it had begun. Nothing here opens a file or reads a clock.
 */
import { LoopxError, type JsonObject, type Moment } from "@loopx/core/domain";

/** What a step answers. */
export interface Stepped<State, Effect> {
  readonly state: State;
  /** In the order in which they are to be carried out. */
  readonly effects: readonly Effect[];
}

/** One step of a loop: pure, total, and the only place where its state changes. */
export type Step<State, Event, Effect> = (state: State, event: Event, now: Moment) => Stepped<State, Effect>;

/** Reads a value back from a record; null when it is none of ours. */
export type Read<Value> = (value: unknown) => Value | null;

/** A loop as values. State, events and effects are JSON: they are written down and read back. */
export interface Machine<State, Event, Effect> {
  readonly step: Step<State, Event, Effect>;
  /** Another run of the same loop has another id; lines of the journal name it. */
  readonly idOf: (state: State) => string;
  /** What a line of the journal says beside its effect: the phase, the attempt. */
  readonly journalFields: (state: State) => JsonObject;
  /** The event of an effect that threw: an infrastructure fault, never a verdict about what was tested. Null: it does not matter. */
  readonly fault: (state: State, effect: Effect, message: string) => Event | null;
  /**
   * What a loop that was killed goes on with, before its next effect: an event, or null to carry that effect out.
   * `interrupted`: it had begun, and nobody knows how far it came.
   */
  readonly recover: (state: State, effect: Effect, how: "not_begun" | "interrupted") => Event | null;
  /** The event of a loop that was told to end before this effect; null when it has to go on to a safe place first. */
  readonly abort: (state: State, effect: Effect) => Event | null;
  /** More effects than this in one run are a bug, not patience. */
  readonly max_effects: number;
  readonly read: { readonly state: Read<State>; readonly event: Read<Event>; readonly effect: Read<Effect> };
}

/** How far a run has come: everything that the next process needs. */
export interface Snapshot<State, Effect> {
  readonly state: State;
  /** How many effects have ended, those without an event too. */
  readonly seq: number;
  readonly pending: readonly Effect[];
}

/** What the journal says about the effect that is next. */
export type Begun<Event> =
  | { readonly kind: "not_begun" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "ended"; readonly event: Event | null };

/** Where a run is written down. A write that fails throws: nothing is carried out that was not written down before. */
export interface Progress<State, Event, Effect> {
  save(snapshot: Snapshot<State, Effect>): Promise<void>;
  begin(snapshot: Snapshot<State, Effect>, effect: Effect): Promise<void>;
  end(snapshot: Snapshot<State, Effect>, event: Event | null): Promise<void>;
}

/** Carries one effect out. Null: it has nothing to tell the loop (a notice was sent). */
export type CarryOut<State, Event, Effect> = (
  effect: Effect,
  context: { readonly state: State; readonly signal: AbortSignal },
) => Promise<Event | null>;

/** What carrying out stands on. */
export interface Ground<State, Event, Effect> {
  readonly machine: Machine<State, Event, Effect>;
  readonly progress: Progress<State, Event, Effect>;
  readonly carryOut: CarryOut<State, Event, Effect>;
  readonly now: () => Moment;
  /** Aborted when the process was told to end. */
  readonly signal: AbortSignal;
}

/** Begins with an event and goes on until nothing is left to be carried out; answers the last state. */
export async function runMachine<State, Event, Effect>(ground: Ground<State, Event, Effect>, state: State, event: Event): Promise<State> {
  const { machine, progress, now } = ground;
  const begun = machine.step(state, event, now());
  const snapshot = { state: begun.state, seq: 0, pending: begun.effects };
  await progress.save(snapshot);
  return carryOutAll(ground, snapshot);
}

/** Goes on where a killed process was: an event that was written down counts, an effect that had begun is asked about. */
export async function resumeMachine<State, Event, Effect>(
  ground: Ground<State, Event, Effect>,
  found: Snapshot<State, Effect>,
  begun: Begun<Event>,
): Promise<State> {
  const snapshot = begun.kind === "ended" ? await advance(ground, found, begun.event) : found;
  const [next] = snapshot.pending;
  if (next === undefined) return snapshot.state;
  const how = begun.kind === "interrupted" ? "interrupted" : "not_begun";
  const event = ground.machine.recover(snapshot.state, next, how);
  return carryOutAll(ground, event === null ? snapshot : await replacing(ground, snapshot, event));
}

async function carryOutAll<State, Event, Effect>(ground: Ground<State, Event, Effect>, first: Snapshot<State, Effect>): Promise<State> {
  const { machine, signal } = ground;
  let snapshot = first;
  for (let carried = 0; ; carried += 1) {
    const [effect] = snapshot.pending;
    if (effect === undefined) return snapshot.state;
    if (carried >= machine.max_effects)
      throw new LoopxError("internal", `a loop carried out ${carried} effects and did not end`, {
        details: { id: machine.idOf(snapshot.state) },
      });
    const end = signal.aborted ? machine.abort(snapshot.state, effect) : null;
    snapshot = end === null ? await carryOutNext(ground, snapshot, effect) : await replacing(ground, snapshot, end);
  }
}

async function carryOutNext<State, Event, Effect>(
  ground: Ground<State, Event, Effect>,
  snapshot: Snapshot<State, Effect>,
  effect: Effect,
): Promise<Snapshot<State, Effect>> {
  await ground.progress.begin(snapshot, effect);
  const event = await outcomeOf(ground, snapshot.state, effect);
  await ground.progress.end(snapshot, event);
  return advance(ground, snapshot, event);
}

async function outcomeOf<State, Event, Effect>(
  { machine, carryOut, signal }: Ground<State, Event, Effect>,
  state: State,
  effect: Effect,
): Promise<Event | null> {
  try {
    return await carryOut(effect, { state, signal });
  } catch (error) {
    return machine.fault(state, effect, error instanceof Error ? error.message : String(error));
  }
}

/** The first effect has ended. */
async function advance<State, Event, Effect>(
  { machine, progress, now }: Ground<State, Event, Effect>,
  { state, seq, pending }: Snapshot<State, Effect>,
  event: Event | null,
): Promise<Snapshot<State, Effect>> {
  const stepped = event === null ? { state, effects: [] } : machine.step(state, event, now());
  const next = { state: stepped.state, seq: seq + 1, pending: [...pending.slice(1), ...stepped.effects] };
  await progress.save(next);
  return next;
}

/** An event takes the place of everything that was still to be done. */
async function replacing<State, Event, Effect>(
  { machine, progress, now }: Ground<State, Event, Effect>,
  { state, seq }: Snapshot<State, Effect>,
  event: Event,
): Promise<Snapshot<State, Effect>> {
  const stepped = machine.step(state, event, now());
  const next = { state: stepped.state, seq: seq + 1, pending: stepped.effects };
  await progress.save(next);
  return next;
}
