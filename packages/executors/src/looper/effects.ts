/**
 * What the machine asks for, carried out one after the other: announce, stop, wait, start, check, answer (LPR-30 to LPR-38).
 * It holds the runs and whoever waits for an answer; what is true about them stands in the machine's state.
 */
import type { JsonObject, Moment } from "@loopx/core/domain";
import type { Log } from "../drivers/looper/server-log.ts";
import type { Timing } from "../scenario/run.ts";
import { signalCode } from "./after-run.ts";
import { startRun, type ActiveRun, type PlannedRun, type RunsGround } from "./agents.ts";
import { refusalAnswer, resultOf, successAnswer, type HttpAnswer, type StartedRun } from "./answers.ts";
import { noticeText } from "./idle.ts";
import type { LooperEffect, LooperEvent } from "./machine.ts";
import type { WorkspaceLocks } from "./workspace-locks.ts";

/** How an announcement went: sent, skipped for a reason, or failed. */
export type Announced = { readonly kind: "sent" | "skipped"; readonly output: string } | { readonly kind: "failed"; readonly text: string };

/** What effects stand on. */
export interface EffectsGround {
  readonly runs: RunsGround;
  readonly timing: Timing;
  readonly log: Log;
  readonly now: () => Moment;
  readonly locks: WorkspaceLocks;
  readonly announce: (message: string, script: string | null, signal: AbortSignal) => Promise<Announced>;
  /** Told when the service begins to end: no wait outlives it. */
  readonly closing: AbortSignal;
  /** Takes the next event to the machine. */
  readonly dispatch: (event: LooperEvent) => Promise<void>;
  /** Writes down what a restart has to know. */
  readonly remember: () => Promise<void>;
  /** How often in a row the newest prompt was run. */
  readonly promptRuns: () => number;
}

/** What a request brought that the machine does not know. */
interface Pending {
  readonly plan: PlannedRun | null;
  readonly script: string | null;
  readonly answer: (answer: HttpAnswer) => void;
  /** Known from the start to the answer: an early end may come before it. */
  started: StartedRun | null;
}

type Of<Kind extends LooperEffect["kind"]> = Extract<LooperEffect, { kind: Kind }>;

export class Effects {
  readonly active = new Map<string, ActiveRun>();
  /** The last look of the idle timer. */
  lastTick: JsonObject | null = null;
  readonly #ground: EffectsGround;
  readonly #pending = new Map<string, Pending>();
  readonly #watched = new Set<Promise<void>>();

  constructor(ground: EffectsGround) {
    this.#ground = ground;
  }

  /** The answer to a request that is about to be asked; nothing of it is done yet. */
  expect(request_id: string, plan: PlannedRun | null, script: string | null): Promise<HttpAnswer> {
    return new Promise((answer) => this.#pending.set(request_id, { plan, script, answer, started: null }));
  }

  /** A request that never was: the idle timer looked and did not start. */
  forget(request_id: string): void {
    this.#pending.delete(request_id);
  }

  async carryOut(effect: LooperEffect): Promise<void> {
    const { dispatch, timing, log, closing } = this.#ground;
    switch (effect.kind) {
      case "announce":
        return this.#announce(effect);
      case "stop":
        return this.#stop(effect);
      case "delay":
        log("DEBUG", "run.step", { step: "delay", seconds: effect.seconds });
        await timing.pause(effect.seconds * 1_000, closing);
        return dispatch({ kind: "delayed" });
      case "start":
        return this.#start(effect);
      case "check":
        return this.#check(effect);
      case "answer":
        return this.#answer(effect);
      case "tell_tick":
        return this.#tellTick(effect);
      case "notice":
        log("WARNING", "codex.exec.autopoll.notice", { notice: effect.notice });
        await this.#ground.announce(noticeText(effect.notice, this.#ground.runs.config.auto.max_failures), null, closing);
    }
  }

  /** Told to the machine only once the run is known there, so its end cannot come first. */
  watch(run: ActiveRun): void {
    this.active.set(run.run_id, run);
    const watched = run.ended.then(async ({ result, progress }) => {
      this.active.delete(run.run_id);
      await this.#ground.dispatch({ kind: "ended", run_id: run.run_id, end: result.end, progress });
      await this.#ground.locks.release(run.run_id);
      await this.#ground.remember();
      this.#watched.delete(watched);
    });
    this.#watched.add(watched);
  }

  /** Ends every run, and answers when all that follows an end is done too. */
  async stopAll(reason: string): Promise<void> {
    for (const run of this.active.values()) run.stop(reason);
    await Promise.all(this.#watched);
  }

  async #announce({ request_id, message }: Of<"announce">): Promise<void> {
    const { log, announce, dispatch, closing } = this.#ground;
    log("INFO", "run.step", { step: "announce", request_id });
    const said = await announce(message, this.#pending.get(request_id)?.script ?? null, closing);
    if (said.kind === "failed") return dispatch({ kind: "announce_failed", text: said.text });
    return dispatch({ kind: "announced", zulip_output: said.output });
  }

  async #stop({ run_ids, reason }: Of<"stop">): Promise<void> {
    this.#ground.log("INFO", "run.step", { step: "stop", run_ids });
    const stopped = await Promise.all(
      run_ids.map(async (run_id) => {
        const run = this.active.get(run_id);
        run?.stop(reason);
        const end = await run?.ended;
        return { pid: run?.record.process?.pid ?? null, still_alive: end?.result.still_alive ?? [] };
      }),
    );
    const remaining = stopped.flatMap(({ still_alive }) => still_alive);
    const killed = stopped.flatMap(({ pid }) => (pid === null || remaining.includes(pid) ? [] : [pid]));
    return this.#ground.dispatch({ kind: "stopped", killed, remaining });
  }

  async #start({ request_id, run_id }: Of<"start">): Promise<void> {
    const { runs, log, dispatch } = this.#ground;
    const pending = this.#pending.get(request_id);
    if (pending?.plan?.run_id !== run_id) throw new Error(`nothing was planned for ${run_id}`);
    log("INFO", "run.step", { step: "spawn", run_id });
    const started = await startRun(runs, pending.plan);
    if (!("ended" in started)) {
      const gone = started.reason === "ENOENT";
      const error = gone
        ? `required tool is missing from PATH: ${pending.plan.client.name}`
        : `codex exec could not be started: ${started.reason}`;
      const refusal = { status: 500, error, code: gone ? "missing_tool" : "startup_failed", more: { tail: started.output_tail } } as const;
      return dispatch({ kind: "start_failed", refusal });
    }
    pending.started = startedRun(pending.plan, started);
    this.watch(started);
    await dispatch({ kind: "started" });
  }

  async #check({ run_id, seconds }: Of<"check">): Promise<void> {
    const { log, timing, dispatch, runs, promptRuns, remember, closing } = this.#ground;
    log("DEBUG", "run.step", { step: "check", run_id, seconds });
    await remember();
    await runs.note({ run_id, state: "running", same_prompt_runs: promptRuns() });
    const run = this.active.get(run_id);
    const over = new AbortController();
    const waited = timing.pause(seconds * 1_000, AbortSignal.any([over.signal, closing])).then(() => null);
    const early = run === undefined ? null : await Promise.race([run.ended, waited]);
    over.abort();
    const { exit_code = null, signal = null, output_tail = "" } = early?.result ?? {};
    const code = early === null ? null : (exit_code ?? signalCode(signal) ?? 1);
    return dispatch({ kind: "checked", exit_code: code, tail: output_tail });
  }

  async #answer({ request_id, answer, exit_code }: Of<"answer">): Promise<void> {
    const { log, locks, remember } = this.#ground;
    const pending = this.#pending.get(request_id);
    const started = pending?.started ?? null;
    const result = started === null ? {} : { codex_exec_result: resultOf(started, exit_code) };
    const given =
      answer.status === 200
        ? successAnswer(request_id, answer, started, exit_code)
        : refusalAnswer(answer.code === "startup_failed" ? { ...answer, more: { ...answer.more, ...result } } : answer);
    log(given.status === 200 ? "INFO" : "WARNING", given.status === 200 ? "run.success" : "run.fail", { request_id, status: given.status });
    if (started === null && pending?.plan) await locks.release(pending.plan.run_id);
    await remember();
    this.#pending.delete(request_id);
    pending?.answer(given);
  }

  #tellTick({ reason, detail }: Of<"tell_tick">): void {
    this.lastTick = { at_ms: this.#ground.now().ms, reason, detail };
    this.#ground.log("DEBUG", "codex.exec.autopoll.tick", { reason, ...(detail === null ? {} : { detail }) });
  }
}

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
