/** The table's rows about scenarios. */
import type { CommandRow } from "@loopx/cli/program";

export const SCENARIO_RUN_FLAGS = {
  dir: { kind: "text", value: "DIR", default: "tests/scenarios/lark", describe: "folder of the scenario files, *.yaml and *.yml" },
  name: { kind: "text", value: "NAME", repeatable: true, describe: "only this scenario" },
  tag: { kind: "text", value: "TAG", repeatable: true, split: true, describe: "only scenarios with this tag; any of them is enough" },
  gateway: {
    kind: "text",
    value: "BOT",
    default_note: "scenario.gateway of loopx-loop.yaml, else reference",
    describe: "the bot: reference, module:PATH, command:JSON or http://127.0.0.1:PORT/PATH",
  },
  "json-out": { kind: "text", value: "FILE", describe: "write the report as JSON" },
  "md-out": { kind: "text", value: "FILE", describe: "write the report as Markdown" },
  "junit-out": { kind: "text", value: "FILE", describe: "write the report as JUnit XML" },
  "fail-fast": { kind: "switch", describe: "skip the rest after the first failure" },
  "timeout-ms": {
    kind: "integer",
    value: "MS",
    default: 30_000,
    min: 1,
    max: 3_600_000,
    describe: "the longest a bot may take to start, to answer one turn, to close",
  },
} as const;

export const SCENARIOS: readonly CommandRow[] = [
  {
    path: ["scenario", "run"],
    summary: "play scenarios against a bot and judge what it did",
    kind: "query",
    flags: SCENARIO_RUN_FLAGS,
    examples: [
      "loopx-loop scenario run --dir examples/scenarios",
      "loopx-loop scenario run --tag smoke --gateway module:./bot.mjs --json-out logs/lark-scenarios.json",
    ],
    reads: "the scenario files",
    writes: "the reports that were asked for",
    exits: { 1: "a scenario failed" },
    load: () => import("../commands/scenario-run.ts"),
  },
];
