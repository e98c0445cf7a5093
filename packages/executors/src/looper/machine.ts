/**
 * The service as a pure step (LPR invariants 1 to 3): one request at a time, in a fixed order of announcing, stopping, waiting,
 * starting and checking; at most one live run per scope; an idle service may ask itself. What is refused has no effect but
 * its answer.
 */
import type { Moment } from "@loopx/core/domain";
import type { Stepped } from "../machine.ts";
import { afterEnd, afterStart, decideTick, type AutoLimits, type AutoState, type TickFacts, type TickReason } from "./autopoll.ts";
import { BUSY, CLOSING, type Refusal } from "./request.ts";

/** What a checked request wants; every path and binary in it was allowed before. */
export interface Order {
  readonly request_id: string;
  readonly trigger: "http" | "auto";
  readonly message: string;
  /** Null: announce only (LPR-34). */
  readonly run: RunOrder | null;
  /** A failed announcement ends the request. */
  readonly announcement_required: boolean;
}

export interface RunOrder {
  readonly run_id: string;
  readonly workspace: string;
  readonly prompt_sha256: string;
  readonly delay_seconds: number;
  readonly check_seconds: number;
}

export interface LiveRun {
  readonly run_id: string;
  readonly workspace: string;
  readonly trigger: "http" | "auto";
  readonly prompt_sha256: string;
}

export type Phase = "announce" | "stop" | "delay" | "start" | "check";

/** The request that is being carried out. */
export interface Ongoing {
  readonly order: Order;
  readonly phase: Phase;
  readonly zulip_output: string;
  readonly killed: readonly number[];
}

export interface LooperState {
  readonly scope: "service" | "workspace";
  readonly limits: AutoLimits;
  readonly ongoing: Ongoing | null;
  readonly runs: readonly LiveRun[];
  readonly auto: AutoState;
  /** How often in a row the newest prompt was run (LPR-21), and how often in a row nothing changed (LPR-38). */
  readonly same_prompt: { readonly prompt_sha256: string; readonly count: number } | null;
  readonly no_progress: number;
  readonly closing: boolean;
}

export type LooperEvent =
  | { readonly kind: "asked"; readonly order: Order }
  | { readonly kind: "announced"; readonly zulip_output: string }
  | { readonly kind: "announce_failed"; readonly text: string }
  | { readonly kind: "stopped"; readonly killed: readonly number[]; readonly remaining: readonly number[] }
  | { readonly kind: "delayed" }
  | { readonly kind: "started" }
  | { readonly kind: "start_failed"; readonly refusal: Refusal }
  | { readonly kind: "checked"; readonly exit_code: number | null; readonly tail: string }
  /** Any run, also one that was adopted. */
  | { readonly kind: "ended"; readonly run_id: string; readonly end: string; readonly progress: "progress" | "no_progress" | null }
  | { readonly kind: "adopted"; readonly run: LiveRun }
  | { readonly kind: "tick"; readonly facts: LookFacts; readonly order: Order }
  /** An effect could not be carried out at all: a fault of this machine or a bug, told in the log. */
  | { readonly kind: "faulted"; readonly request_id: string }
  | { readonly kind: "closing" };

/** What a look of the idle timer found out; the rest is in the state. */
export interface LookFacts extends Omit<TickFacts, "request_running" | "runs_alive"> {
  /** Another service of this machine has a run in that workspace. */
  readonly held_elsewhere: boolean;
}

export type LooperEffect =
  | { readonly kind: "announce"; readonly request_id: string; readonly message: string }
  | { readonly kind: "stop"; readonly run_ids: readonly string[]; readonly reason: "superseded" }
  | { readonly kind: "delay"; readonly seconds: number }
  | { readonly kind: "start"; readonly request_id: string; readonly run_id: string }
  | { readonly kind: "check"; readonly run_id: string; readonly seconds: number }
  /** The exit code is that of an agent which ended within the check; null otherwise. */
  | { readonly kind: "answer"; readonly request_id: string; readonly answer: RunAnswer | Refusal; readonly exit_code: number | null }
  | { readonly kind: "tell_tick"; readonly reason: TickReason; readonly detail: string | null }
  | { readonly kind: "notice"; readonly notice: "breaker_open" | "no_progress" };

/** The part of a success that the machine knows (LPR-26). */
export interface RunAnswer {
  readonly status: 200;
  readonly run_id: string | null;
  readonly zulip_output: string;
  readonly killed: readonly number[];
}

type Next = Stepped<LooperState, LooperEffect>;

/** Three runs in a row that changed nothing are worth a word (LPR-38). */
const NO_PROGRESS_NOTICE = 3;
const INTERNAL: Refusal = { status: 500, error: "internal error", code: "internal" };

/** One step of the service. */
export function step(state: LooperState, event: LooperEvent, now: Moment): Next {
  switch (event.kind) {
    case "asked":
      return asked(state, event.order);
    case "tick":
      return tick(state, event, now);
    case "ended":
      return ended(state, event, now);
    case "adopted":
      return keep({ ...state, runs: [...state.runs, event.run] });
    case "faulted":
      return state.ongoing?.order.request_id === event.request_id ? refuse(state, state.ongoing, INTERNAL) : keep(state);
    case "closing":
      return keep({ ...state, closing: true });
    case "announced":
      return inPhase(state, "announce", (ongoing) => announced(state, { ...ongoing, zulip_output: event.zulip_output }));
    case "announce_failed":
      return inPhase(state, "announce", (ongoing) =>
        ongoing.order.announcement_required
          ? refuse(state, ongoing, { status: 500, error: `zulip send failed: ${event.text}`, code: "zulip_failed" })
          : announced(state, { ...ongoing, zulip_output: `failed: ${event.text}` }),
      );
    case "stopped":
      return inPhase(state, "stop", (ongoing) => stopped(state, ongoing, event));
    case "delayed":
      return inPhase(state, "delay", (ongoing) => start(state, ongoing));
    case "started":
      return inPhase(state, "start", (ongoing) => started(state, ongoing, now));
    case "start_failed":
      return inPhase(state, "start", (ongoing) => refuse(state, ongoing, event.refusal));
    case "checked":
      return inPhase(state, "check", (ongoing) => checked(state, ongoing, event));
  }
}

function keep(state: LooperState): Next {
  return { state, effects: [] };
}

/** An event that belongs to no phase of now is late; it changes nothing. */
function inPhase(state: LooperState, phase: Phase, act: (ongoing: Ongoing) => Next): Next {
  return state.ongoing?.phase === phase ? act(state.ongoing) : keep(state);
}

function asked(state: LooperState, order: Order): Next {
  const { request_id, message } = order;
  const refusal = state.closing ? CLOSING : state.ongoing === null ? null : BUSY;
  if (refusal !== null) return { state, effects: [{ kind: "answer", request_id, answer: refusal, exit_code: null }] };
  const ongoing: Ongoing = { order, phase: "announce", zulip_output: "", killed: [] };
  return { state: { ...state, ongoing }, effects: [{ kind: "announce", request_id, message }] };
}

function announced(state: LooperState, ongoing: Ongoing): Next {
  const { run } = ongoing.order;
  if (run === null) return answer(state, ongoing, null);
  if (state.closing) return refuse(state, ongoing, CLOSING);
  const live = state.runs.filter((each) => state.scope === "service" || each.workspace === run.workspace);
  if (live.length === 0) return delay(state, ongoing, run);
  const effect: LooperEffect = { kind: "stop", run_ids: live.map((each) => each.run_id), reason: "superseded" };
  return { state: { ...state, ongoing: { ...ongoing, phase: "stop" } }, effects: [effect] };
}

function stopped(state: LooperState, ongoing: Ongoing, event: Extract<LooperEvent, { kind: "stopped" }>): Next {
  const { killed, remaining } = event;
  const { run } = ongoing.order;
  if (remaining.length > 0)
    return refuse(state, ongoing, { status: 500, error: `could not stop pids: ${remaining.join(", ")}`, code: "stop_failed" });
  return run === null ? answer(state, ongoing, null) : delay(state, { ...ongoing, killed }, run);
}

function delay(state: LooperState, ongoing: Ongoing, { delay_seconds: seconds }: RunOrder): Next {
  return { state: { ...state, ongoing: { ...ongoing, phase: "delay" } }, effects: [{ kind: "delay", seconds }] };
}

/** A run that was adopted during the delay keeps the new one from starting: the old one is stopped first. */
function start(state: LooperState, ongoing: Ongoing): Next {
  const { run, request_id } = ongoing.order;
  if (run === null || state.closing) return refuse(state, ongoing, CLOSING);
  if (state.runs.some((each) => state.scope === "service" || each.workspace === run.workspace)) return announced(state, ongoing);
  return { state: { ...state, ongoing: { ...ongoing, phase: "start" } }, effects: [{ kind: "start", request_id, run_id: run.run_id }] };
}

function started(state: LooperState, ongoing: Ongoing, now: Moment): Next {
  const { order } = ongoing;
  if (order.run === null) return keep(state);
  const { run_id, workspace, prompt_sha256, check_seconds: seconds } = order.run;
  const again = state.same_prompt?.prompt_sha256 === prompt_sha256 ? state.same_prompt.count : 0;
  const next: LooperState = {
    ...state,
    ongoing: { ...ongoing, phase: "check" },
    runs: [...state.runs, { run_id, workspace, trigger: order.trigger, prompt_sha256 }],
    auto: order.trigger === "auto" ? afterStart(state.auto, now.ms) : state.auto,
    same_prompt: { prompt_sha256, count: again + 1 },
  };
  // Whoever ends the service ends, or leaves, this run too.
  if (state.closing) return refuse(next, ongoing, CLOSING);
  return { state: next, effects: [{ kind: "check", run_id, seconds }] };
}

function checked(state: LooperState, ongoing: Ongoing, { exit_code, tail }: Extract<LooperEvent, { kind: "checked" }>): Next {
  if (state.closing) return refuse(state, ongoing, CLOSING);
  if (exit_code === null || exit_code === 0) return answer(state, ongoing, exit_code);
  const error = `codex exec exited immediately with code ${exit_code}`;
  return refuse(state, ongoing, { status: 500, error, code: "startup_failed", more: { tail } }, exit_code);
}

function answer(state: LooperState, { order, zulip_output, killed }: Ongoing, exit_code: number | null): Next {
  const success: RunAnswer = { status: 200, run_id: order.run?.run_id ?? null, zulip_output, killed };
  return done(state, order, success, exit_code);
}

function refuse(state: LooperState, { order }: Ongoing, refusal: Refusal, exit_code: number | null = null): Next {
  return done(state, order, refusal, exit_code);
}

function done(state: LooperState, { request_id }: Order, said: RunAnswer | Refusal, exit_code: number | null): Next {
  return { state: { ...state, ongoing: null }, effects: [{ kind: "answer", request_id, answer: said, exit_code }] };
}

function ended(state: LooperState, event: Extract<LooperEvent, { kind: "ended" }>, now: Moment): Next {
  const run = state.runs.find((each) => each.run_id === event.run_id);
  if (run === undefined) return keep(state);
  const auto = afterEnd(state.auto, { trigger: run.trigger, ok: event.end === "ok" }, state.limits, now.ms);
  const no_progress = event.progress === "no_progress" ? state.no_progress + 1 : event.progress === "progress" ? 0 : state.no_progress;
  const notices: LooperEffect[] = [
    ...(auto.opened ? [{ kind: "notice", notice: "breaker_open" } as const] : []),
    ...(no_progress >= NO_PROGRESS_NOTICE ? [{ kind: "notice", notice: "no_progress" } as const] : []),
  ];
  const runs = state.runs.filter((each) => each.run_id !== event.run_id);
  return {
    state: { ...state, runs, auto: auto.state, no_progress: no_progress >= NO_PROGRESS_NOTICE ? 0 : no_progress },
    effects: notices,
  };
}

function tick(state: LooperState, { facts, order }: Extract<LooperEvent, { kind: "tick" }>, now: Moment): Next {
  if (state.closing) return keep(state);
  const all: TickFacts = { ...facts, request_running: state.ongoing !== null || facts.held_elsewhere, runs_alive: state.runs.length };
  const reason = decideTick(state.auto, all, state.limits, now.ms);
  const told: LooperEffect = { kind: "tell_tick", reason, detail: reason === "goal_not_runnable" ? facts.goal_refusal : null };
  if (reason !== "start") return { state, effects: [told] };
  const next = asked(state, order);
  return { state: next.state, effects: [told, ...next.effects] };
}
