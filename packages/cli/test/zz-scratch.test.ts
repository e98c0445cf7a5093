import { readFileSync } from "node:fs";
import { test } from "vitest";
import { runStep, setUp, type Scenario } from "./rig/scenario.ts";
for (const name of (process.env["SCEN"] ?? "").split(","))
  test(name, async () => {
    const scenario = JSON.parse(readFileSync(name, "utf8")) as Scenario;
    const sandbox = setUp(scenario);
    const bad: string[] = [];
    try {
      for (const step of scenario.steps) {
        try { await runStep(step, sandbox); } catch (e) { bad.push(String((e as Error).message).slice(0, 1500)); }
      }
    } finally { sandbox.remove(); }
    if (bad.length) throw new Error(bad.join("\n=====\n"));
  });
