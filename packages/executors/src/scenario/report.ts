/** What a run of scenarios found, as the value that every form of the report is made from (WTL-106). Pure. */
import { formatInstant, type Moment } from "@loopx/core/domain";

/** One turn; its milliseconds do not count its own pause. */
export interface TurnReport {
  readonly index: number;
  readonly duration_ms: number;
  /** How many calls the bot made to its messenger. */
  readonly calls: number;
  readonly errors: readonly string[];
}

/** One scenario. `errors` are those of no single turn: a bot that could not be started or closed. */
export interface ScenarioReport {
  readonly name: string;
  readonly file: string;
  readonly tags: readonly string[];
  readonly status: "pass" | "fail" | "skip";
  readonly duration_ms: number;
  readonly turns: readonly TurnReport[];
  readonly errors: readonly string[];
}

/** The whole run; `skipped` counts manual ones, those that were not asked for, and those behind a failure with `--fail-fast`. */
export interface RunReport {
  readonly schema_version: "loopx_scenario_report_v1";
  readonly timestamp: string;
  readonly gateway: string;
  readonly duration_ms: number;
  readonly summary: { readonly total: number; readonly passed: number; readonly failed: number; readonly skipped: number };
  readonly scenarios: readonly ScenarioReport[];
}

/** A scenario that was not run. */
export function skipped({ name, file, tags }: Pick<ScenarioReport, "name" | "file" | "tags">): ScenarioReport {
  return { name, file, tags, status: "skip", duration_ms: 0, turns: [], errors: [] };
}

/** The report of a run that began at `at`. */
export function reportOf(gateway: string, at: Moment, duration_ms: number, scenarios: readonly ScenarioReport[]): RunReport {
  const count = (status: ScenarioReport["status"]) => scenarios.filter((scenario) => scenario.status === status).length;
  return {
    schema_version: "loopx_scenario_report_v1",
    timestamp: formatInstant(at, "milliseconds"),
    gateway,
    duration_ms: Math.round(duration_ms),
    summary: { total: scenarios.length, passed: count("pass"), failed: count("fail"), skipped: count("skip") },
    scenarios,
  };
}

/** Every error of a scenario, those of its turns with their number. */
export function errorsOf({ errors, turns }: ScenarioReport): string[] {
  return [...errors, ...turns.flatMap((turn) => turn.errors.map((error) => `turn ${turn.index}: ${error}`))];
}
