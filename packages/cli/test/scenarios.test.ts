import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { runStep, setUp, type Scenario } from "./rig/scenario.ts";

const folder = new URL("scenarios/", import.meta.url);
const scenarios = readdirSync(folder)
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Scenario);

describe("scenarios", () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.title, scenario] as const))("%s: %s", async (_id, _title, scenario) => {
    const sandbox = setUp(scenario);
    try {
      for (const step of scenario.steps) await runStep(step, sandbox);
    } finally {
      sandbox.remove();
    }
  });
});
