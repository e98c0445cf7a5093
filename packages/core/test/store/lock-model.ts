/**
 * The owner-record protocol as a model small enough to visit every state (REL-162): records are named by the incarnation
 * that wrote them, each file system call is one step, and a crash may fall between any two. The steps are those of
 * `lock-files.ts`; the polite layer is left out, since nothing relies on it.
 */
import type { Protocol } from "../explore.ts";

export interface Bounds {
  readonly processes: number;
  /** How often each process takes the lock. */
  readonly rounds: number;
  readonly crashes: number;
}

/** `unguarded`: a dead record is looked at and then unlinked, without a claim. */
export type Variant = "guarded" | "unguarded";

/** What a process is about to do next. `removing` is a stack: a claim may itself have to be removed first. */
type Step = "link" | "look" | "claim" | "look_again" | "unlink" | "unclaim" | "critical" | "release" | "done";

interface Removal {
  /** "record", or the incarnation whose record the claim to be removed is on. */
  readonly target: "record" | number;
  /** The incarnation whose file it is. */
  readonly mark: number;
}

interface Process {
  readonly incarnation: number;
  readonly rounds: number;
  readonly step: Step;
  readonly removing: readonly Removal[];
}

interface State {
  readonly processes: readonly Process[];
  /** The incarnation that holds, or 0. */
  readonly record: number;
  /** Claims by the incarnation they are on: whose they are. */
  readonly claims: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly born: number;
}

type Outcome = { state: State; broken?: string };

export function lockProtocol(variant: Variant, bounds: Bounds): Protocol<State> {
  return {
    initial: {
      processes: Array.from({ length: bounds.processes }, (_, n) => ({
        incarnation: n + 1,
        rounds: bounds.rounds,
        step: "link",
        removing: [],
      })),
      record: 0,
      claims: {},
      crashes: bounds.crashes,
      born: bounds.processes,
    },
    *next(state) {
      for (const [index, process] of state.processes.entries()) {
        if (process.step === "done") continue;
        yield { step: `${index}: ${process.step}`, ...advance(variant, state, index, process) };
        if (state.crashes > 0) yield { step: `${index} crashes`, state: crashed(state, index) };
      }
    },
  };
}

/** The process starts again as somebody else; what it left stays where it is. */
function crashed(state: State, index: number): State {
  const born = state.born + 1;
  const next = withProcess(state, index, { incarnation: born, step: "link", removing: [] });
  return { ...next, crashes: state.crashes - 1, born };
}

function advance(variant: Variant, state: State, index: number, me: Process): Outcome {
  const lives = (incarnation: number) => state.processes.some((process) => process.incarnation === incarnation);
  const go = (step: Step, more: Partial<State> = {}, removing = me.removing): Outcome => ({
    state: withProcess({ ...state, ...more }, index, { step, removing }),
  });
  const removal = me.removing.at(-1);
  switch (me.step) {
    case "link":
      return state.record === 0 ? go("critical", { record: me.incarnation }) : go("look");
    case "look":
      if (state.record === 0 || lives(state.record)) return go("link");
      return go(variant === "guarded" ? "claim" : "unlink", {}, [{ target: "record", mark: state.record }]);
    case "critical": {
      const inside = state.processes.filter((process) => process.step === "critical" || process.step === "release");
      const outcome = go("release");
      return inside.length > 1 ? { ...outcome, broken: "one process holds the lock" } : outcome;
    }
    case "release": {
      const rounds = me.rounds - 1;
      const freed = state.record === me.incarnation ? 0 : state.record;
      // A new nonce for each attempt, so a record is never mistaken for an earlier one of the same process.
      const born = state.born + 1;
      const next = withProcess({ ...state, record: freed, born: rounds > 0 ? born : state.born }, index, {
        rounds,
        step: rounds > 0 ? "link" : "done",
        removing: [],
      });
      return { state: rounds > 0 ? withProcess(next, index, { incarnation: born }) : next };
    }
    case "claim": {
      const { mark } = removal as Removal;
      const claimant = state.claims[mark];
      if (claimant === undefined) return go("look_again", { claims: { ...state.claims, [mark]: me.incarnation } });
      if (lives(claimant)) return go("link", {}, []);
      return go("claim", {}, [...me.removing, { target: mark, mark: claimant }]);
    }
    case "look_again": {
      const { target, mark } = removal as Removal;
      return go(standsAt(state, target) === mark ? "unlink" : "unclaim");
    }
    case "unlink": {
      const { target } = removal as Removal;
      if (variant === "unguarded") return go("link", { record: 0 }, []);
      return go("unclaim", target === "record" ? { record: 0 } : { claims: without(state.claims, target) });
    }
    case "unclaim": {
      const { mark } = removal as Removal;
      return go("link", { claims: state.claims[mark] === me.incarnation ? without(state.claims, mark) : state.claims }, []);
    }
    case "done":
      return { state };
  }
}

function standsAt(state: State, target: Removal["target"]): number {
  return target === "record" ? state.record : (state.claims[target] ?? 0);
}

function without(claims: State["claims"], mark: number): State["claims"] {
  return Object.fromEntries(Object.entries(claims).filter(([key]) => key !== String(mark)));
}

function withProcess(state: State, index: number, change: Partial<Process>): State {
  return { ...state, processes: state.processes.map((process, n) => (n === index ? { ...process, ...change } : process)) };
}
