/**
 * The launch machine: build, start, and when that fails a repair by a cycle of the loop, then once more (000: `lark.sh start`
 * with `auto_fix`). Pure. It asks for at most `max_retries` repairs; within one of them the cycle's own `max_cycles` holds. A
 * running bot is stopped only after its successor is built.
 */
import type { JsonObject } from "@loopx/core/domain";
import type { Machine, Stepped } from "../machine.ts";
import {
  LaunchEffectSchema,
  LaunchEventSchema,
  LaunchSchema,
  type Launch,
  type LaunchEffect,
  type LaunchEvent,
  type LaunchNotice,
  type LaunchPhase,
  type LaunchResult,
} from "./launch.ts";

type Next = Stepped<Launch, LaunchEffect>;

/** One step. An event that does not belong to the phase is a fault of ours and ends the launch as one. */
export function step(launch: Launch, event: LaunchEvent): Next {
  if (launch.phase === "done") return { state: launch, effects: [] };
  if (event.kind === "fault") return finish(launch, "infra_error", event.reason);
  if (event.kind === "aborted") return finish(launch, "aborted", event.reason);
  return RULES[launch.phase](launch, event) ?? finish(launch, "infra_error", `${event.kind} in ${launch.phase}`);
}

type Rule = (launch: Launch, event: LaunchEvent) => Next | null;

const RULES: Readonly<Record<Exclude<LaunchPhase, "done">, Rule>> = {
  look: (launch, event) => {
    if (event.kind === "begin") return to(launch, "look");
    if (event.kind === "down") return to(launch, "build");
    if (event.kind !== "running") return null;
    if (launch.repairs > 0) return finish(launch, "ready", "", ["fixed"]);
    return launch.keep_running ? finish(launch, "already_running", "") : to(launch, "build");
  },
  build: (launch, event) => {
    if (event.kind === "built") return to({ ...launch, starts: launch.starts + 1 }, "start");
    // A cycle that runs has the one place to build in.
    if (event.kind === "cycle" && event.result === "busy") return finish(launch, "busy", event.reason);
    return event.kind === "failed" ? afterFailure({ ...launch, failure: { stage: "build", reason: event.reason } }) : null;
  },
  start: (launch, event) => {
    if (event.kind === "ready") return finish(launch, "ready", "", [launch.repairs > 0 ? "fixed" : "ready"]);
    // No repair of the code frees a port.
    if (event.kind === "foreign_port") return finish(launch, "foreign_port", event.reason);
    return event.kind === "not_ready" ? afterFailure({ ...launch, failure: { stage: "start", reason: event.reason } }) : null;
  },
  // The cycle restarts a bot that was up; whether it did is looked at, not believed.
  repair: (launch, event) => {
    if (event.kind !== "cycle") return null;
    if (event.result === "validated") return to({ ...launch, code_is_good: true }, "look");
    if (event.result === "promoted" || event.result === "base_moved") return to(launch, "look");
    return finish(launch, event.result === "fix_exhausted" ? "exhausted" : event.result, event.reason);
  },
};

/** A repair while there are some left and the code may be at fault; else the end. */
function afterFailure(launch: Launch): Next {
  const { failure, fix_enabled, repairs, limits, code_is_good } = launch;
  const notice: LaunchNotice = failure?.stage === "build" ? "build_failed" : "start_failed";
  const reason = failure?.reason ?? "";
  if (!fix_enabled) return finish(launch, "not_ready", reason, [notice]);
  if (code_is_good) return finish(launch, "exhausted", `the commit passes its gates as it is; look at the bot's own settings: ${reason}`);
  if (repairs >= limits.max_retries) return finish(launch, "exhausted", reason);
  return to({ ...launch, repairs: repairs + 1 }, "repair", [notice, "attempt"]);
}

/** Goes to a phase and asks for its effect, after the notices that belong to the transition. */
function to(launch: Launch, phase: LaunchPhase, notices: readonly LaunchNotice[] = []): Next {
  const state = { ...launch, phase };
  return { state, effects: [...told(state, notices), { kind: "phase", phase }] };
}

/** Every end is told but the two that change nothing. */
function finish(launch: Launch, result: LaunchResult, reason: string, notices: readonly LaunchNotice[] = []): Next {
  const state: Launch = { ...launch, phase: "done", result, reason };
  const quiet = result === "already_running" || notices.length > 0;
  return { state, effects: told(state, quiet ? notices : [result === "exhausted" ? "exhausted" : "ended"]) };
}

function told(state: Launch, notices: readonly LaunchNotice[]): LaunchEffect[] {
  return notices.map((notice) => ({ kind: "notice", notice, repairs: state.repairs, repairing: state.phase === "repair" }));
}

/** The launch for the driver of machines. Each phase may be begun anew: what it finds decides, not what was begun. */
export const launchMachine: Machine<Launch, LaunchEvent, LaunchEffect> = {
  step,
  idOf: (launch) => launch.launch_id,
  journalFields: ({ launch_id, phase, starts, repairs }): JsonObject => ({ launch_id, phase, starts, repairs }),
  fault: (_launch, effect, reason) => (effect.kind === "notice" ? null : { kind: "fault", reason }),
  recover: () => null,
  abort: () => ({ kind: "aborted", reason: "the command was told to end" }),
  // Each repair has at most six effects; the configuration allows 20 of them.
  max_effects: 500,
  read: {
    state: (value) => LaunchSchema.safeParse(value).data ?? null,
    event: (value) => LaunchEventSchema.safeParse(value).data ?? null,
    effect: (value) => LaunchEffectSchema.safeParse(value).data ?? null,
  },
};
