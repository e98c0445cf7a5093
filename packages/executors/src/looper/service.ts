/**
 * The service behind HTTP and timer: it checks what can be refused, asks the machine, and has its effects carried out. Two
 * requests never overlap, a key never starts two runs, and a service that ends leaves nothing half-way (LPR-27, LPR-30, LPR-65).
 */
import type { JsonObject } from "@loopx/core/domain";
import { adoptRuns } from "./agents.ts";
import { keepAnswer, keptAnswer, refusalAnswer, type HttpAnswer } from "./answers.ts";
import { FRESH } from "./autopoll.ts";
import { Effects, type EffectsGround } from "./effects.ts";
import { AUTO_REQUEST, autoOrder } from "./idle.ts";
import { step, type LooperEvent, type LooperState, type Order } from "./machine.ts";
import { memoryOf, readMemory, type Memory } from "./memory.ts";
import type { Preparing } from "./prepare.ts";
import type { RunView } from "./records.ts";
import { BUSY, CLOSING, type RunRequest } from "./request.ts";

/** What the service stands on. */
export interface ServiceGround extends Omit<EffectsGround, "closing" | "dispatch" | "remember" | "promptRuns"> {
  readonly prepare: Preparing;
  readonly announcement_required: boolean;
  /** Counters and kept answers, written down after each change. */
  readonly remember: (state: JsonObject) => Promise<void>;
  readonly recalled: JsonObject | null;
  readonly newestLogMs: () => number | null;
  readonly requestId: () => string;
  /** The runs as their records have them. */
  readonly records: () => Promise<readonly RunView[]>;
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
  /** Ends with every run ended, or left to the next service; whoever waits is told that the service ends. */
  close(leave_running: boolean): Promise<void>;
  autopoll(): JsonObject;
}

const STOPPED = "service_stopped";

/** Nothing runs until `run`, `tick` or `recover` is called. */
export function openLooper(ground: ServiceGround): Looper {
  return new Service(ground);
}

class Service implements Looper {
  readonly #ground: ServiceGround;
  readonly #effects: Effects;
  readonly #closing = new AbortController();
  /** Requests that are being carried out, by their key if they have one. */
  readonly #open = new Set<Promise<unknown>>();
  readonly #keys = new Map<string, { readonly body_sha256: string; readonly answer: Promise<HttpAnswer> }>();
  #kept: Memory["kept"];
  #state: LooperState;

  constructor(ground: ServiceGround) {
    this.#ground = ground;
    const { config } = ground.runs;
    const { auto, kept, ...rest } = readMemory(ground.recalled);
    this.#kept = kept;
    this.#state = {
      scope: config.scope,
      limits: config.auto,
      ongoing: null,
      runs: [],
      auto: config.auto.reset ? FRESH : auto,
      closing: false,
      ...rest,
    };
    this.#effects = new Effects({
      ...ground,
      closing: this.#closing.signal,
      dispatch: (event) => this.#dispatch(event),
      remember: () => this.#remember(),
      promptRuns: () => this.#state.same_prompt?.count ?? 0,
    });
  }

  async run(asked: Asked): Promise<HttpAnswer> {
    const { idempotency } = asked;
    if (idempotency === null) return this.#tracked(this.#asked(asked));
    const { key, body_sha256 } = idempotency;
    const { now } = this.#ground;
    const before = keptAnswer(this.#kept, key, body_sha256, now().ms);
    if (before !== null) return before;
    const twin = this.#keys.get(key);
    if (twin !== undefined) return twin.body_sha256 === body_sha256 ? twin.answer : refusalAnswer(BUSY);
    const answer = this.#tracked(this.#asked(asked));
    this.#keys.set(key, { body_sha256, answer });
    try {
      const given = await answer;
      this.#kept = keepAnswer(this.#kept, key, { body_sha256, at_ms: now().ms, answer: given });
      await this.#remember();
      return given;
    } finally {
      this.#keys.delete(key);
    }
  }

  async tick(): Promise<void> {
    const { prepare, runs, requestId, newestLogMs } = this.#ground;
    const request_id = `auto${requestId()}`;
    const prepared = await prepare(AUTO_REQUEST, { request_id, trigger: "auto" });
    const order = autoOrder(runs.config, request_id, prepared);
    const plan = prepared.kind === "refused" ? null : prepared.plan;
    const goal_refusal = prepared.kind === "refused" ? prepared.refusal.error : null;
    const held_elsewhere = !(await this.#taken(order));
    void this.#effects.expect(request_id, plan, null);
    const facts = { newest_log_ms: newestLogMs(), goal_refusal, held_elsewhere };
    await this.#tracked(this.#carried(request_id, { kind: "tick", facts, order }));
    this.#effects.forget(request_id);
    if (order.run !== null && !this.#state.runs.some(({ run_id }) => run_id === order.run?.run_id)) await this.#release(order);
  }

  async stop(run_id: string): Promise<HttpAnswer> {
    const found = this.#effects.active.get(run_id);
    if (found === undefined) return refusalAnswer({ status: 409, error: "not running", code: "not_running" });
    found.stop("stopped by request");
    const { result } = await found.ended;
    return { status: 200, body: { ok: true, run_id, end: result.end, still_alive: [...result.still_alive] } };
  }

  live(): readonly string[] {
    return [...this.#effects.active.keys()];
  }

  async recover(): Promise<void> {
    const { runs, prepare, locks } = this.#ground;
    const triggers = new Map((await this.#ground.records()).map(({ run_id, trigger }) => [run_id, trigger]));
    for (const found of await adoptRuns(runs, prepare.clientOf)) {
      const { run_id, record } = found;
      const { workspace, prompt_sha256 } = record;
      await locks.take(workspace, run_id);
      const trigger = triggers.get(run_id) === "auto" ? "auto" : "http";
      await this.#dispatch({ kind: "adopted", run: { run_id, workspace, trigger, prompt_sha256 } });
      this.#effects.watch(found);
    }
  }

  async close(leave_running: boolean): Promise<void> {
    await this.#dispatch({ kind: "closing" });
    this.#closing.abort();
    // A run that was just being started is known once its request is answered; one that is being checked has to end for that.
    if (!leave_running) await this.#effects.stopAll(STOPPED);
    await Promise.all(this.#open);
    if (leave_running) return this.#ground.locks.releaseAll();
    await this.#effects.stopAll(STOPPED);
  }

  autopoll(): JsonObject {
    return { ...(this.#state.auto as unknown as JsonObject), last_tick: this.#effects.lastTick };
  }

  async #asked({ request, request_id }: Asked): Promise<HttpAnswer> {
    const { prepare, announcement_required } = this.#ground;
    if (this.#state.closing) return refusalAnswer(CLOSING);
    const prepared = await prepare(request, { request_id, trigger: "http" });
    if (prepared.kind === "refused") return refusalAnswer(prepared.refusal);
    const message = request.zulip_message;
    const order: Order = { request_id, trigger: "http", message, run: prepared.order, announcement_required };
    if (!(await this.#taken(order))) return refusalAnswer(BUSY);
    const answer = this.#effects.expect(request_id, prepared.plan, request.zulip_script_path);
    await this.#carried(request_id, { kind: "asked", order });
    return answer;
  }

  /** A request whose effect fails is over, so that the next one is not kept out (LPR-30, LPR-74). */
  async #carried(request_id: string, event: LooperEvent): Promise<void> {
    try {
      await this.#dispatch(event);
    } catch (error) {
      this.#ground.log("ERROR", "run.fail", { request_id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      await this.#dispatch({ kind: "faulted", request_id });
    }
  }

  async #dispatch(event: LooperEvent): Promise<void> {
    const stepped = step(this.#state, event, this.#ground.now());
    this.#state = stepped.state;
    for (const effect of stepped.effects) await this.#effects.carryOut(effect);
  }

  /** What cannot be written down is lost with the service, and ends nobody's request. */
  async #remember(): Promise<void> {
    try {
      await this.#ground.remember(memoryOf(this.#state, this.#kept));
    } catch (error) {
      this.#ground.log("ERROR", "run.fail", { step: "remember", error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #taken({ run }: Order): Promise<boolean> {
    return run === null || this.#ground.locks.take(run.workspace, run.run_id);
  }

  async #release({ run }: Order): Promise<void> {
    if (run !== null) await this.#ground.locks.release(run.run_id);
  }

  /** A service that ends waits for it. */
  async #tracked<Value>(carriedOut: Promise<Value>): Promise<Value> {
    const open = carriedOut.catch(() => undefined);
    this.#open.add(open);
    try {
      return await carriedOut;
    } finally {
      this.#open.delete(open);
    }
  }
}
