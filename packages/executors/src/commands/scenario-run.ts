import { LoopxError } from "@loopx/core/domain";
import { fields, nested, section, title, type Answer, type Call, type Io } from "@loopx/cli/program";
import { findConfigText, folderOf, folderWithConfig } from "../drivers/loop-files.ts";
import { openGateways } from "../drivers/gateways/open.ts";
import { absolute, requireWritable, scenarioTexts, writeReport } from "../drivers/scenario-files.ts";
import { realTiming } from "../drivers/timing.ts";
import { machineMoment } from "../drivers/clock.ts";
import type { SCENARIO_RUN_FLAGS } from "../options/scenario.ts";
import { readScenarios } from "../scenario/read.ts";
import { errorsOf, reportOf, type RunReport } from "../scenario/report.ts";
import { reportJunit, reportMarkdown } from "../scenario/report-forms.ts";
import { REFERENCE_NOTE } from "../scenario/reference-gateway.ts";
import { runScenarios } from "../scenario/run.ts";
import { isWanted } from "../scenario/select.ts";
import { scenarioGateway } from "../worktree/config.ts";

/** Plays the scenarios of a folder; `check_failed` when one failed. Whatever is wrong with a file is said before any is run (WTL-100). */
export async function run({ input, globals, io }: Call<typeof SCENARIO_RUN_FLAGS>): Promise<Answer> {
  const { dir, timeout_ms, fail_fast = false } = input;
  const { gateway, cwd } = gatewayOf(input.gateway, globals.cwd, io.env);
  const wanted = { names: input.name ?? [], tags: input.tag ?? [] };
  const scenarios = readScenarios(scenarioTexts(absolute(globals.cwd, dir), dir), dir);
  if (!scenarios.some((scenario) => isWanted(scenario, wanted))) throw nothingMatched(dir, scenarios.length);
  const outputs = [input.json_out, input.md_out, input.junit_out].map((path) => (path === undefined ? null : absolute(globals.cwd, path)));
  for (const path of outputs) if (path !== null) requireWritable(path);

  const note = gateway === "reference" ? REFERENCE_NOTE : null;
  if (note !== null) await io.write("stderr", `note: ${note}\n`);
  const stop = new AbortController();
  const giveBack = io.takeSignals(() => stop.abort());
  const gateways = await openGateways(gateway, { cwd, env: io.env });
  const at = machineMoment(io.clock);
  const started = realTiming.monotonicMs();
  try {
    const ground = { create: gateways.create, timing: realTiming, timeout_ms, fail_fast, signal: stop.signal };
    const reports = await runScenarios(ground, scenarios, wanted);
    const report = reportOf(gateway, at, realTiming.monotonicMs() - started, reports);
    const [json, markdown, junit] = outputs;
    if (json) writeReport(json, `${JSON.stringify(report, null, 2)}\n`);
    if (markdown) writeReport(markdown, reportMarkdown(report, note));
    if (junit) writeReport(junit, reportJunit(report));
    return answerOf(
      report,
      outputs.filter((path) => path !== null),
    );
  } finally {
    await gateways.close();
    giveBack();
  }
}

/** The bot of the flag, else of the nearest loop's configuration, from where that lies; else the small one that is built in. */
function gatewayOf(named: string | undefined, cwd: string, env: Io["env"]): { readonly gateway: string; readonly cwd: string } {
  if (named !== undefined) return { gateway: named, cwd };
  const config = findConfigText(env["LOOPX_LOOP_CONFIG"] || null, folderWithConfig(cwd), cwd);
  const gateway = config === null ? null : scenarioGateway(config.path, config.text);
  return config === null || gateway === null ? { gateway: "reference", cwd } : { gateway, cwd: folderOf(config.path) };
}

function nothingMatched(dir: string, count: number): LoopxError {
  return new LoopxError(
    "invalid_value",
    count === 0 ? `${dir} holds no scenario file` : `none of the ${count} scenarios of ${dir} was asked for`,
    {
      hint: count === 0 ? "name the folder of the scenario files with --dir" : "correct --name or --tag; manual scenarios have to be named",
      details: { dir, scenarios: count },
    },
  );
}

function answerOf(report: RunReport, reports: readonly string[]): Answer {
  const { schema_version, ...rest } = report;
  const failed = report.scenarios.filter((scenario) => scenario.status === "fail");
  const payload = {
    ...(failed.length === 0 ? {} : { error: failedError(failed[0]?.name ?? "", failed.length, report.summary.total) }),
    report_version: schema_version,
    ...rest,
    reports,
  };
  const lines = () => [
    title("Scenario Run"),
    ...fields(report, ["gateway", "duration_ms"]),
    ...fields(report.summary, ["total", "passed", "failed", "skipped"]),
    ...fields({ reports }, ["reports"]),
    ...section(
      "Failed",
      failed.flatMap((scenario) => [`- ${scenario.name} (${scenario.file})`, ...errorsOf(scenario).map(nested)]),
    ),
  ];
  return { payload, lines };
}

function failedError(
  first: string,
  failed: number,
  total: number,
): { code: "check_failed"; message: string; hint: string; details: object } {
  return {
    code: "check_failed",
    message: `${failed} of ${total} scenarios failed, ${first} first`,
    hint: `loopx-loop scenario run --name ${JSON.stringify(first)}`,
    details: { failed, total },
  };
}
