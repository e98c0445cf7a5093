/**
 * The service behind HTTP and timer: it checks what can be refused, lets the machine decide, and carries its effects out one
 * after the other (LPR-30 to LPR-38). It holds the runs; the machine holds what is true about them.
 */
import type { JsonObject, JsonValue, Moment } from "@loopx/core/domain";
import type { Log } from "../drivers/looper/server-log.ts";
import type { Timing } from "../scenario/run.ts";
import { adoptRuns, signalCode, startRun, type ActiveRun, type PlannedRun, type RunsGround } from "./agents.ts";
import {
  keepAnswer,
  keptAnswer,
  readKept,
  refusalAnswer,
  resultOf,
  successAnswer,
  type HttpAnswer,
  type KeptAnswer,
  type StartedRun,
} from "./answers.ts";
import { FRESH, type AutoState } from "./autopoll.ts";
import { step, type LooperEffect, type LooperEvent, type LooperState, type Order } from "./machine.ts";
import type { Preparing } from "./prepare.ts";
import type { RunRequest } from "./request.ts";

/** How an announcement went: sent, skipped for a reason, or failed. */
export type Announced = { readonly kind: "sent" | "skipped"; readonly output: string } | { readonly kind: "failed"; readonly text: string };

/** What the service stands on. */
export interface ServiceGround {
  readonly runs: RunsGround;
  readonly timing: Timing;
  readonly log: Log;
  readonly now: () => Moment;
  readonly prepare: Preparing;
  readonly announce: (message: string, script: string | null) => Promise<Announced>;
  readonly announcement_required: boolean;
  /** Counters and kept answers, written down after each change. */
  readonly remember: (state: JsonObject) => Promise<void>;
  readonly recalled: JsonObject | null;
  readonly newestLogMs: () => number | null;
  readonly requestId: () => string;
}

/** One request as it came in. */
export interface Asked {
  readonly request: RunRequest;
  readonly request_id: string;
  readonly idempotency: { readonly key: string; readonly body_sha256: string } | null;
}

export interface Looper {
  run(asked: Asked): Promise<HttpAnswer>;
  /** One look at whether an idle service starts by itself. */
  tick(): Promise<void>;
  stop(run_id: string): Promise<HttpAnswer>;
  live(): readonly string[];
  recover(): Promise<void>;
  /** Ends with every run ended, or left to the next service. */
  close(leave_running: boolean): Promise<void>;
  autopoll(): JsonObject;
}

/** Looks at the outside are over before this begins; nothing runs until `run`, `tick` or `recover` is called. */
export function openLooper(ground: ServiceGround): Looper {
  const { runs, timing, log, now } = ground;
  const { config } = runs;
  const active = new Map<string, ActiveRun>();
  const planned = new Map<string, PlannedRun>();
  const scripts = new Map<string, string | null>();
  const answers = new Map<string, (answer: HttpAnswer) => void>();
  /** Until the answer: an early end may come before it. */
  const begun = new Map<string, StartedRun>();
  const never = new AbortController().signal;
  let kept: ReadonlyMap<string, KeptAnswer> = readKept(ground.recalled?.["kept"]);
  let lastTick: JsonObject | null = null;
  let state: LooperState = {
    scope: config.scope,
    limits: config.auto,
    ongoing: null,
    runs: [],
    auto: config.auto.reset ? FRESH : readAuto(ground.recalled?.["auto"]),
    same_prompt: null,
    no_progress: 0,
    closing: false,
  };

  const dispatch = async (event: LooperEvent): Promise<void> => {
    const stepped = step(state, event, now());
    state = stepped.state;
    for (const effect of stepped.effects) await carryOut(effect);
  };

  const remember = async (): Promise<void> =>
    ground.remember({ auto: state.auto as unknown as JsonValue, kept: Object.fromEntries(kept) as unknown as JsonValue });

  const carryOut = async (effect: LooperEffect): Promise<void> => {
    switch (effect.kind) {
      case "announce":
        return announce(effect.message);
      case "stop":
        return stopAll(effect.run_ids, effect.reason);
      case "delay":
        log("DEBUG", "run.step", { step: "delay", seconds: effect.seconds });
        await timing.pause(effect.seconds * 1_000, never);
        return dispatch({ kind: "delayed" });
      case "start":
        return start(effect.run_id);
      case "check":
        return check(effect.run_id, effect.seconds);
      case "answer":
        return answer(effect);
      case "tell_tick":
        lastTick = { at_ms: now().ms, reason: effect.reason, detail: effect.detail };
        return log("DEBUG", "codex.exec.autopoll.tick", {
          reason: effect.reason,
          ...(effect.detail === null ? {} : { detail: effect.detail }),
        });
      case "notice": {
        const text = effect.notice === "breaker_open" ? breakerText(config.auto.max_failures) : NO_PROGRESS;
        log("WARNING", "codex.exec.autopoll.notice", { notice: effect.notice });
        await ground.announce(text, null);
        return;
      }
    }
  };

  const announce = async (message: string): Promise<void> => {
    log("INFO", "run.step", { step: "announce" });
    const said = await ground.announce(message, scripts.get(state.ongoing?.order.request_id ?? "") ?? null);
    if (said.kind === "failed") return dispatch({ kind: "announce_failed", text: said.text });
    return dispatch({ kind: "announced", zulip_output: said.output });
  };

  const stopAll = async (run_ids: readonly string[], reason: string): Promise<void> => {
    log("INFO", "run.step", { step: "stop", run_ids });
    const stopped = await Promise.all(
      run_ids.map(async (run_id) => {
        const run = active.get(run_id);
        run?.stop(reason);
        const end = await run?.ended;
        return { pid: run?.record.process?.pid ?? null, still_alive: end?.result.still_alive ?? [] };
      }),
    );
    const remaining = stopped.flatMap(({ still_alive }) => still_alive);
    const killed = stopped.flatMap(({ pid }) => (pid === null || remaining.includes(pid) ? [] : [pid]));
    return dispatch({ kind: "stopped", killed, remaining });
  };

  const start = async (run_id: string): Promise<void> => {
    const run = planned.get(run_id);
    if (run === undefined) throw new Error(`nothing was planned for ${run_id}`);
    log("INFO", "run.step", { step: "spawn", run_id });
    const started = await startRun(runs, run);
    if (!("ended" in started)) {
      const error =
        started.reason === "ENOENT" ? "required tool is missing from PATH: codex" : `codex exec could not be started: ${started.reason}`;
      return dispatch({
        kind: "start_failed",
        refusal: { status: 500, error, code: "startup_failed", more: { tail: started.output_tail } },
      });
    }
    begun.set(run.request_id, startedRun(run, started));
    watch(started);
    return dispatch({ kind: "started" });
  };

  /** Told to the machine only once the run is known there, so its end cannot come first. */
  const watch = (run: ActiveRun): void => {
    active.set(run.run_id, run);
    void run.ended.then(async ({ result, progress }) => {
      active.delete(run.run_id);
      planned.delete(run.run_id);
      await dispatch({ kind: "ended", run_id: run.run_id, end: result.end, progress });
      await remember();
    });
  };

  const check = async (run_id: string, seconds: number): Promise<void> => {
    const run = active.get(run_id);
    const over = new AbortController();
    const early = run === undefined ? null : await Promise.race([run.ended, timing.pause(seconds * 1_000, over.signal).then(() => null)]);
    over.abort();
    const { exit_code = null, signal = null, output_tail = "" } = early?.result ?? {};
    const code = early === null ? null : (exit_code ?? signalCode(signal) ?? 1);
    return dispatch({ kind: "checked", exit_code: code, tail: output_tail });
  };

  const answer = async (effect: Extract<LooperEffect, { kind: "answer" }>): Promise<void> => {
    const { request_id } = effect;
    const started = begun.get(request_id) ?? null;
    const given =
      effect.answer.status === 200
        ? successAnswer(request_id, effect.answer, started)
        : refusalAnswer(
            started === null || effect.answer.code !== "startup_failed"
              ? effect.answer
              : { ...effect.answer, more: { ...effect.answer.more, codex_exec_result: resultOf(started, exitIn(effect.answer.error)) } },
          );
    log(given.status === 200 ? "INFO" : "WARNING", given.status === 200 ? "run.success" : "run.fail", { request_id, status: given.status });
    scripts.delete(request_id);
    begun.delete(request_id);
    answers.get(request_id)?.(given);
    answers.delete(request_id);
    await remember();
  };

  const ask = async (order: Order, plan: PlannedRun | null, script: string | null): Promise<HttpAnswer> => {
    if (plan !== null) planned.set(plan.run_id, plan);
    scripts.set(order.request_id, script);
    const answered = new Promise<HttpAnswer>((resolve) => answers.set(order.request_id, resolve));
    await dispatch({ kind: "asked", order });
    return answered;
  };

  const run = async ({ request, request_id }: Asked): Promise<HttpAnswer> => {
    if (state.closing) return refusalAnswer({ status: 503, error: "shutting down", code: "shutting_down" });
    const prepared = await ground.prepare(request, { request_id, trigger: "http" });
    if (prepared.kind === "refused") return refusalAnswer(prepared.refusal);
    const order: Order = {
      request_id,
      trigger: "http",
      message: request.zulip_message,
      run: prepared.order,
      announcement_required: ground.announcement_required,
    };
    return ask(order, prepared.plan, request.zulip_script_path);
  };

  return {
    run: async (asked) => {
      const { idempotency } = asked;
      if (idempotency === null) return run(asked);
      const before = keptAnswer(kept, idempotency.key, idempotency.body_sha256, now().ms);
      if (before !== null) return before;
      const given = await run(asked);
      kept = keepAnswer(kept, idempotency.key, { body_sha256: idempotency.body_sha256, at_ms: now().ms, answer: given });
      await remember();
      return given;
    },
    tick: async () => {
      const request_id = `auto${ground.requestId()}`;
      const prepared = await ground.prepare(AUTO_REQUEST, { request_id, trigger: "auto" });
      const refusal = prepared.kind === "refused" ? prepared.refusal : null;
      const plan = prepared.kind === "refused" ? null : prepared.plan;
      if (plan !== null) planned.set(plan.run_id, plan);
      const message = config.auto.message ?? `Looper: idle, starting a fresh run in ${(plan?.workspace ?? "").split("/").at(-1) ?? ""}`;
      const order: Order = {
        request_id,
        trigger: "auto",
        message,
        run: prepared.kind === "refused" ? null : prepared.order,
        announcement_required: false,
      };
      const facts = { newest_log_ms: ground.newestLogMs(), goal_refusal: refusal?.error ?? null };
      await dispatch({ kind: "tick", facts, order });
      if (plan !== null && !state.runs.some((each) => each.run_id === plan.run_id)) planned.delete(plan.run_id);
    },
    stop: async (run_id) => {
      const found = active.get(run_id);
      if (found === undefined) return refusalAnswer({ status: 409, error: "not running", code: "not_running" });
      found.stop("stopped by request");
      const { result } = await found.ended;
      return { status: 200, body: { ok: true, run_id, end: result.end, still_alive: [...result.still_alive] } };
    },
    live: () => [...active.keys()],
    recover: async () => {
      for (const found of await adoptRuns(runs, ground.prepare.clientOf)) {
        const { run_id, record } = found;
        await dispatch({
          kind: "adopted",
          run: { run_id, workspace: record.workspace, trigger: "http", prompt_sha256: record.prompt_sha256 },
        });
        watch(found);
      }
    },
    close: async (leave_running) => {
      await dispatch({ kind: "closing" });
      if (leave_running) return;
      for (const found of active.values()) found.stop("service_stopped");
      await Promise.all([...active.values()].map(async (found) => found.ended));
    },
    autopoll: () => ({ ...(state.auto as unknown as JsonObject), last_tick: lastTick }),
  };
}

const NO_PROGRESS = "Looper: three runs in a row changed nothing. Look at the prompt and its task list.";

function breakerText(failures: number): string {
  return `Looper: ${failures} automatic runs in a row failed. It starts none until a manual run ends well or the service restarts with LOOPER_AUTO_RESET=1.`;
}

/** An idle service asks for what is configured. */
const AUTO_REQUEST: RunRequest = {
  zulip_message: "",
  prompt: null,
  workspace: null,
  goal_id: null,
  codex_exec_binary: null,
  delay_seconds: null,
  startup_check_seconds: null,
  zulip_script_path: null,
  unknown_keys: [],
};

function startedRun(plan: PlannedRun, { record, log_path }: ActiveRun): StartedRun {
  return {
    workspace: plan.workspace,
    binary: plan.settings.program,
    binary_source: plan.binary_source,
    pid: record.process?.pid ?? null,
    command: record.shown_command,
    log_path,
    prompt_sha256: record.prompt_sha256,
    prompt_bytes: record.prompt_bytes,
  };
}

/** The machine says it in words only. */
function exitIn(error: string): number | null {
  const code = /code (-?\d+)$/.exec(error)?.[1];
  return code === undefined ? null : Number(code);
}

/** Counters as they were written down; anything odd begins fresh. */
function readAuto(value: unknown): AutoState {
  if (typeof value !== "object" || value === null) return FRESH;
  const { failures, not_before_ms, starts_ms, breaker_open } = value as Partial<Record<keyof AutoState, unknown>>;
  const sound =
    typeof failures === "number" && typeof not_before_ms === "number" && typeof breaker_open === "boolean" && Array.isArray(starts_ms);
  return sound
    ? { failures, not_before_ms, breaker_open, starts_ms: starts_ms.filter((at): at is number => typeof at === "number") }
    : FRESH;
}
