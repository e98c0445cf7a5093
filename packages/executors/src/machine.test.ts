import { isJsonObject } from "@loopx/core/domain";
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resumeMachine, runMachine, type CarryOut, type Ground, type Machine, type Read } from "./machine.ts";
import { storedProgress, type LoopPlace } from "./progress.ts";

/** A loop that climbs: each `climb` is one stair, each stair is told to somebody, and the roof ends it. */
interface Climb {
  readonly id: string;
  readonly stair: number;
  readonly roof: number;
  readonly ended: "no" | "roof" | "fault" | "aborted" | "recovered";
}
type Event = { readonly kind: "go" | "up" | "aborted" | "recovered" } | { readonly kind: "fault"; readonly message: string };
type Effect = { readonly kind: "climb" } | { readonly kind: "tell"; readonly stair: number };

const PLACE: LoopPlace = { executor: "climbing", state: "climb.json", journal: "journal" };

const read =
  <Value>(kinds: readonly string[]): Read<Value> =>
  (value) =>
    isJsonObject(value) && typeof value["kind"] === "string" && kinds.includes(value["kind"]) ? (value as Value) : null;

const climbing: Machine<Climb, Event, Effect> = {
  step: (state, event) => {
    switch (event.kind) {
      case "go":
        return { state, effects: [{ kind: "climb" }] };
      case "up": {
        const stair = state.stair + 1;
        const told: Effect = { kind: "tell", stair };
        return stair >= state.roof
          ? { state: { ...state, stair, ended: "roof" }, effects: [told] }
          : { state: { ...state, stair }, effects: [told, { kind: "climb" }] };
      }
      case "fault":
      case "aborted":
      case "recovered":
        return { state: { ...state, ended: event.kind }, effects: [] };
    }
  },
  idOf: (state) => state.id,
  journalFields: (state) => ({ stair: state.stair }),
  fault: (_state, _effect, message) => ({ kind: "fault", message }),
  recover: (_state, effect, how) => (effect.kind === "climb" && how === "interrupted" ? { kind: "recovered" } : null),
  abort: (state) => (state.stair > 0 ? { kind: "aborted" } : null),
  max_effects: 50,
  read: {
    state: (value) => (isJsonObject(value) && typeof value["id"] === "string" ? (value as unknown as Climb) : null),
    event: read<Event>(["go", "up", "aborted", "recovered", "fault"]),
    effect: read<Effect>(["climb", "tell"]),
  },
};

const start: Climb = { id: "climb_1", stair: 0, roof: 3, ended: "no" };
const never = new AbortController().signal;

function ground(host: MemoryHost, carryOut: CarryOut<Climb, Event, Effect>, signal = never): Ground<Climb, Event, Effect> {
  const now = () => host.clock.moment();
  return { machine: climbing, progress: storedProgress(host, PLACE, climbing, now), carryOut, now, signal };
}

/** Carries everything out at once, and remembers it. */
function willing(done: string[] = []): CarryOut<Climb, Event, Effect> {
  return async (effect) => {
    done.push(effect.kind === "tell" ? `tell ${effect.stair}` : "climb");
    return effect.kind === "climb" ? { kind: "up" } : null;
  };
}

/** The process dies at the n-th call of its progress: nothing after it happens. */
class Killed extends Error {}

function killedAt(call: number, whole: Ground<Climb, Event, Effect>): Ground<Climb, Event, Effect> {
  let calls = 0;
  const counted =
    <Args extends unknown[]>(act: (...args: Args) => Promise<void>) =>
    async (...args: Args): Promise<void> => {
      calls += 1;
      if (calls === call) throw new Killed();
      await act(...args);
    };
  const { save, begin, end } = whole.progress;
  return { ...whole, progress: { save: counted(save), begin: counted(begin), end: counted(end) } };
}

async function resume(host: MemoryHost, carryOut: CarryOut<Climb, Event, Effect>): Promise<Climb | null> {
  const now = () => host.clock.moment();
  const progress = storedProgress(host, PLACE, climbing, now);
  const earlier = await progress.load();
  if (earlier.kind !== "found") return null;
  return resumeMachine({ machine: climbing, progress, carryOut, now, signal: never }, earlier.snapshot, earlier.begun);
}

async function journal(host: MemoryHost): Promise<readonly string[]> {
  const page = await host.logs.tail({ kind: "executor_log", executor: PLACE.executor, name: PLACE.journal }, { limit: 100 });
  if (page.kind !== "page") return [];
  return page.entries
    .toReversed()
    .flatMap((entry) =>
      entry.kind === "record"
        ? [
            `${String(entry.record["seq"])} ${entry.record["intent"] === true ? JSON.stringify(entry.record["effect"]) : JSON.stringify(entry.record["event"])}`,
          ]
        : [],
    );
}

describe("a loop that is carried out", () => {
  test("does its effects in order and ends when none is left", async () => {
    const done: string[] = [];
    const state = await runMachine(ground(memoryHost(), willing(done)), start, { kind: "go" });
    expect(state).toEqual({ ...start, stair: 3, ended: "roof" });
    expect(done).toEqual(["climb", "tell 1", "climb", "tell 2", "climb", "tell 3"]);
  });

  test("writes each effect down before it begins and after it ended (WTL-33)", async () => {
    const host = memoryHost();
    await runMachine(ground(host, willing()), { ...start, roof: 1 }, { kind: "go" });
    expect(await journal(host)).toEqual(['0 {"kind":"climb"}', '0 {"kind":"up"}', '1 {"kind":"tell","stair":1}', "1 null"]);
  });

  test("takes an effect that throws for a fault, never for an answer (WTL-32)", async () => {
    const state = await runMachine(
      ground(memoryHost(), async () => {
        throw new Error("no such program");
      }),
      start,
      { kind: "go" },
    );
    expect(state.ended).toBe("fault");
  });

  test("is a bug when it does not end", async () => {
    const running = runMachine(ground(memoryHost(), willing()), { ...start, roof: 1000 }, { kind: "go" });
    await expect(running).rejects.toMatchObject({ code: "internal" });
  });

  test("that is told to end goes on to where it may", async () => {
    const ending = new AbortController();
    const done: string[] = [];
    ending.abort();
    const state = await runMachine(ground(memoryHost(), willing(done), ending.signal), start, { kind: "go" });
    expect([state.ended, done]).toEqual(["aborted", ["climb"]]);
  });

  test("stops when somebody else changed its state", async () => {
    const host = memoryHost();
    const meddling: CarryOut<Climb, Event, Effect> = async (effect) => {
      await host.documents.update({ kind: "executor_state", executor: PLACE.executor, name: PLACE.state }, () => ({
        write: "{}\n",
        value: null,
      }));
      return willing()(effect, { state: start, signal: never });
    };
    await expect(runMachine(ground(host, meddling), start, { kind: "go" })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a loop that was killed", () => {
  test("carries nothing out twice that had ended, wherever it was killed (WTL-34)", async () => {
    for (let call = 1; call <= 19; call += 1) {
      const host = memoryHost();
      const done: string[] = [];
      const killed = await runMachine(killedAt(call, ground(host, willing(done))), start, { kind: "go" }).catch((error: unknown) => error);
      const state = await resume(host, willing(done));
      if (call === 1) expect([killed instanceof Killed, state]).toEqual([true, null]);
      else expect(["roof", "recovered"]).toContain(state?.ended);
      // A notice may be told again when nobody knows whether it was; a climb never.
      expect(done.filter((each) => each === "climb").length).toBe(state?.stair === undefined ? 0 : climbs(state));
    }
  });

  test("asks the loop about an effect that had begun", async () => {
    const host = memoryHost();
    // save, begin, (climb), end: the third call is the report of the first climb.
    await runMachine(killedAt(3, ground(host, willing())), start, { kind: "go" }).catch(() => null);
    expect(await resume(host, willing())).toMatchObject({ stair: 0, ended: "recovered" });
  });

  test("counts an event that was written down before its state was", async () => {
    const host = memoryHost();
    await runMachine(killedAt(4, ground(host, willing())), start, { kind: "go" }).catch(() => null);
    const done: string[] = [];
    expect(await resume(host, willing(done))).toMatchObject({ stair: 3, ended: "roof" });
    expect(done).toEqual(["tell 1", "climb", "tell 2", "climb", "tell 3"]);
  });

  test("has nothing to go on with when it had ended", async () => {
    const host = memoryHost();
    await runMachine(ground(host, willing()), start, { kind: "go" });
    const done: string[] = [];
    expect(await resume(host, willing(done))).toMatchObject({ ended: "roof" });
    expect(done).toEqual([]);
  });

  test("never trusts a damaged state and keeps its text (WTL-12)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const host = memoryHost();
        host.plant({ kind: "executor_state", executor: PLACE.executor, name: PLACE.state }, text.replaceAll(/\p{Surrogate}/gu, ""));
        const progress = storedProgress(host, PLACE, climbing, () => host.clock.moment());
        expect((await progress.load()).kind).toBe("damaged");
        await progress.save({ state: start, seq: 0, pending: [] });
        expect(Object.keys(host.files()).filter((path) => path.includes("climb.json"))).toHaveLength(2);
      }),
      { numRuns: 50 },
    );
  });

  test("takes a torn line of the journal for one that was never written", async () => {
    const host = memoryHost();
    await runMachine(killedAt(2, ground(host, willing())), start, { kind: "go" }).catch(() => null);
    host.plant({ kind: "executor_log", executor: PLACE.executor, name: PLACE.journal }, '{"id":"climb_1","seq":0,"intent":tr');
    expect(await resume(host, willing())).toMatchObject({ stair: 3, ended: "roof" });
  });
});

/** Every stair that counts was climbed, and the one that was interrupted was climbed without being counted. */
function climbs(state: Climb): number {
  return state.ended === "recovered" ? state.stair + 1 : state.stair;
}
