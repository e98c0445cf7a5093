/** The launch as its picture needs it: starts and events from which every phase is reached. The machine is the one that runs. */
import { newLaunch, type Launch, type LaunchEvent } from "./launch.ts";
import { launchMachine } from "./machine.ts";

const START = { launch_id: "launch", started_at: "", limits: { max_retries: 2 } };
const REASON = { reason: "" };
const EVENTS: readonly { readonly name: string; readonly event: LaunchEvent }[] = [
  ...(["begin", "running", "down", "built", "ready"] as const).map((kind) => ({ name: kind, event: { kind } })),
  ...(["failed", "not_ready", "foreign_port", "fault"] as const).map((kind) => ({ name: kind, event: { kind, ...REASON } })),
  ...(["promoted", "validated", "base_moved", "fix_exhausted", "skipped_quota", "busy"] as const).map((result) => ({
    name: result,
    event: { kind: "cycle" as const, result, ...REASON },
  })),
];

/** What the drawing of a launch is made of. */
export function drawnLaunch() {
  const both = [true, false];
  return {
    machine: launchMachine,
    starts: both.flatMap((fix_enabled) => both.map((keep_running) => newLaunch({ ...START, fix_enabled, keep_running }))),
    events: EVENTS,
    outside: [{ name: "told to end", eventIn: (launch: Launch) => launchMachine.abort(launch, { kind: "phase", phase: launch.phase }) }],
    phaseOf: ({ phase }: Launch) => phase,
    deciding: ({ reason: _reason, failure: _failure, starts: _starts, ...rest }: Launch) => JSON.stringify(rest),
    resultOf: ({ result }: Launch) => result,
    ending: "done",
    done: "done",
  };
}
