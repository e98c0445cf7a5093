/** Programs of a cycle: their environment, their words, and what a run of several amounts to (WTL-40, WTL-41, WTL-44). */
import { readEnvFile } from "../drivers/env-files.ts";
import { below } from "../drivers/loop-files.ts";
import { runStep, type StepOutcome } from "../drivers/process/step.ts";
import type { GateStep } from "./config.ts";
import type { Cycle } from "./cycle.ts";
import { cycleLogs, type Site } from "./site.ts";

const INHERITED = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"] as const;

/** What a step says about itself. */
export interface StepReport {
  readonly id: string;
  readonly required: boolean;
  readonly passed: boolean;
  readonly flaky: boolean;
  readonly reason: string;
  readonly exit_code: number | null;
  readonly log: string;
  readonly tail: string;
}

/** All steps, or why the rest could not be run: a fault is never an answer of a gate. */
export type StepsOutcome =
  | { readonly kind: "ran"; readonly steps: readonly StepReport[] }
  | { readonly kind: "stopped"; readonly reason: string }
  | { readonly kind: "fault"; readonly reason: string };

/** The mark by which processes of a cycle are found again. */
export function markOfCycle(cycle_id: string): { readonly name: string; readonly value: string } {
  return { name: "LOOPX_RUN_ID", value: cycle_id };
}

/** Words with their placeholders filled; whole words only (WTL-110). */
export function filled(words: readonly string[], places: Readonly<Record<string, string>>): readonly string[] {
  return words.map((word) => places[word] ?? word);
}

/** Runs the steps in order; the first required one that fails ends it unless the profile goes on. */
export async function runSteps(
  site: Site,
  cycle: Cycle,
  tier: string,
  steps: readonly GateStep[],
  signal: AbortSignal,
): Promise<StepsOutcome> {
  const reports: StepReport[] = [];
  for (const step of steps) {
    const outcome = await runOne(site, cycle, tier, step, signal);
    if (outcome.kind !== "report") return outcome;
    reports.push(outcome.report);
    if (!outcome.report.passed && step.required && !site.config.profile.keep_going) break;
  }
  return { kind: "ran", steps: reports };
}

/** The first required step that failed. */
export function failedStep(steps: readonly StepReport[]): StepReport | null {
  return steps.find(({ passed, required }) => required && !passed) ?? null;
}

type One = { readonly kind: "report"; readonly report: StepReport } | Exclude<StepsOutcome, { kind: "ran" }>;

/** A pass on a later try is one, and is called flaky. */
async function runOne(site: Site, cycle: Cycle, tier: string, step: GateStep, signal: AbortSignal): Promise<One> {
  for (let attempt = 0; ; attempt += 1) {
    const log = `${cycleLogs(site, cycle.cycle_id)}/${cycle.attempt}-${tier}-${step.id}${attempt === 0 ? "" : `-retry-${attempt}`}.log`;
    const outcome = await runProgram(site, cycle, { ...step, log, env_values: step.env_files ? envOf(site) : {} }, signal);
    if (outcome.kind !== "ran") return outcome;
    if (!outcome.passed && attempt < step.retries) continue;
    const { passed, reason, exit_code, tail } = outcome;
    const report = { id: step.id, required: step.required, passed, flaky: passed && attempt > 0, reason, exit_code, log, tail };
    return { kind: "report", report };
  }
}

/** One program in the test worktree. */
export function runProgram(
  site: Site,
  cycle: Cycle,
  program: Pick<GateStep, "argv" | "timeout_seconds"> & {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly env_values?: Readonly<Record<string, string>>;
    readonly must_match?: string | undefined;
    readonly log: string;
  },
  signal: AbortSignal,
): Promise<StepOutcome> {
  return runStep(
    {
      argv: program.argv,
      cwd: below(site.worktree, program.cwd ?? "."),
      env: { ...gateEnvironment(site, cycle), ...program.env_values, ...program.env },
      timeout_ms: program.timeout_seconds * 1000,
      must_match: program.must_match ?? null,
      log: program.log,
      redact: site.secrets.values,
      mark: markOfCycle(cycle.cycle_id),
      ...site.patience,
    },
    site.launch,
    signal,
  );
}

function gateEnvironment(site: Site, cycle: Cycle): Record<string, string> {
  const env: Record<string, string> = { CI: "1", NO_COLOR: "1", LOOPX_BASE_SHA: cycle.base_sha, LOOPX_CANDIDATE_SHA: cycle.candidate_sha };
  for (const name of INHERITED) {
    const value = site.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function envOf(site: Site): Readonly<Record<string, string>> {
  return Object.assign({}, ...site.config.profile.worktree.env_files.map((path) => readEnvFile(below(site.worktree, path)))) as Record<
    string,
    string
  >;
}
