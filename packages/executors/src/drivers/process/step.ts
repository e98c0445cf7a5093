/**
 * One program of a gate, a build or a preparation: its own group, its own bounded log, a limit on all of it (WTL-40 to WTL-42).
 * What it answered is a value; that it could not be run at all is a fault, never a failure.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createContext, Script } from "node:vm";
import { lastLines, smallFile } from "../agents/run-files.ts";
import { LOG_LIMIT } from "./bounded-log.ts";
import { launch, type LaunchGround } from "./launch.ts";
import type { Mark } from "./members.ts";
import { supervise } from "./supervise.ts";

const MATCH_MS = 100;
const TAIL_LINES = 40;

/** One program to run. */
export interface StepOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout_ms: number;
  /** A regular expression that has to match its output: a guard against "no tests found". */
  readonly must_match: string | null;
  readonly log: string;
  readonly redact: readonly string[];
  readonly mark: Mark;
  /** Shorter in tests. */
  readonly term_grace_ms?: number;
  readonly remains_ms?: number;
}

/** How it went. */
export type StepOutcome =
  | {
      readonly kind: "ran";
      readonly passed: boolean;
      readonly exit_code: number | null;
      readonly signal: string | null;
      readonly timed_out: boolean;
      readonly reason: string;
      readonly duration_ms: number;
      readonly tail: string;
    }
  | { readonly kind: "stopped"; readonly reason: string }
  | { readonly kind: "fault"; readonly reason: string };

/** Runs it to its end. When this answers, nothing it started is alive, or the answer is a fault that says so. */
export async function runStep(order: StepOrder, ground: LaunchGround, signal: AbortSignal): Promise<StepOutcome> {
  const [program = "", ...argv] = order.argv;
  mkdirSync(dirname(order.log), { recursive: true, mode: 0o700 });
  const started = performance.now();
  const launched = await launch(
    {
      program,
      argv,
      env: { ...order.env, [order.mark.name]: order.mark.value },
      cwd: order.cwd,
      stdin: null,
      log: { path: order.log, limit: LOG_LIMIT, policy: "cut" },
      stdout_copy: null,
      exit_file: null,
      redact: order.redact,
    },
    ground,
  );
  if (launched.kind === "not_started") return { kind: "fault", reason: `${program} cannot be started (${launched.errno})` };
  const limits = { max_ms: order.timeout_ms, silence_ms: 0 };
  const { mark, term_grace_ms, remains_ms } = order;
  const graces = { ...(term_grace_ms === undefined ? {} : { term_grace_ms }), ...(remains_ms === undefined ? {} : { remains_ms }) };
  const { end, still_alive, log_truncated } = await supervise(launched, { mark, limits, table: ground.table, signal, ...graces });
  if (still_alive.length > 0) return { kind: "fault", reason: `processes of ${program} cannot be ended: ${still_alive.join(", ")}` };
  if (end.kind === "stopped") return { kind: "stopped", reason: end.reason };
  if (end.kind === "lost") return { kind: "fault", reason: `nobody saw how ${program} ended` };
  if (log_truncated === "write_error") return { kind: "fault", reason: `the log ${order.log} could not be written` };
  const exit = end.kind === "exited" ? end.exit : { exit_code: null, signal: null };
  const reason = reasonOf(end.kind !== "exited", exit, order);
  return {
    kind: "ran",
    passed: reason === "",
    ...exit,
    timed_out: end.kind !== "exited",
    reason,
    duration_ms: Math.round(performance.now() - started),
    tail: lastLines(order.log, TAIL_LINES),
  };
}

function reasonOf(timedOut: boolean, exit: { exit_code: number | null; signal: string | null }, order: StepOrder): string {
  if (timedOut) return `its time of ${Math.round(order.timeout_ms / 1000)} s was over`;
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  if (exit.exit_code !== 0) return `exit code ${exit.exit_code ?? "unknown"}`;
  return order.must_match === null || matches(order.must_match, smallFile(order.log, LOG_LIMIT))
    ? ""
    : "its output lacks what must_match asks for";
}

/** An expression that takes too long does not match. */
function matches(pattern: string, text: string): boolean {
  try {
    const context = createContext({ pattern, text });
    return new Script("new RegExp(pattern, 'm').test(text)").runInContext(context, { timeout: MATCH_MS }) === true;
  } catch {
    return false;
  }
}
