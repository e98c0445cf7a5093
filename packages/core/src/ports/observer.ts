/**
 * Who looks on while actions run, such as a tracing system. It sees names, questions, outcomes and times; it decides
 * nothing, changes nothing, and without one nothing is gathered.
 */
import type { Clock } from "./clock.ts";

/** One action that begins. */
export interface ActionCall {
  /** The function's name as words: `spend_slot`. */
  readonly name: string;
  readonly input: unknown;
  readonly clock: Clock;
}

/** Looks on at every action of a host. */
export interface Observer {
  /** Runs the action and returns, or throws, what it returns or throws. */
  action<Result>(call: ActionCall, run: () => Promise<Result>): Promise<Result>;
}
