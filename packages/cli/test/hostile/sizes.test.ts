/** What an agent has to read stays small: a verdict, and the status of many goals (DEC-51, the acceptance list). */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { openSandbox } from "../rig/sandbox.ts";

const FRESH: readonly (readonly string[])[] = [
  [],
  ["--goal-doc", "GOAL.md", "--objective", "完成解析器：嵌套列表、引用和表格，全部有测试。".repeat(10)],
  ["--adapter-kind", "read_only_project_map_v0", "--adapter-status", "connected-read-only"],
  ["--adapter-kind", "read_only_project_map_v0", "--adapter-status", "planned"],
  ["--spawn-allowed", "--write-scope", "src/**", "--write-scope", "docs/**", "--write-scope", "packages/parser/**"],
];

describe("the verdict of a fresh goal is at most 4,096 bytes of JSON", () => {
  test.each(FRESH.map((flags) => [flags.join(" ").slice(0, 40), flags] as const))("connect %s", async (_name, flags) => {
    const sandbox = openSandbox();
    try {
      await sandbox.run(["connect", "-g", "main-control", ...flags]);
      for (const locale of ["en", "zh"]) {
        const { stdout } = await sandbox.run(["quota", "should-run", "-g", "main-control", "--json", "--locale", locale]);
        expect(JSON.parse(stdout)).toMatchObject({ goal_id: "main-control" });
        expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(4_096);
      }
    } finally {
      sandbox.remove();
    }
  });
});

test.each([1, 5, 20])("the status of %i fresh goals is at most 4 kB and 2.5 kB a goal", async (goals) => {
  const sandbox = openSandbox();
  try {
    for (let goal = 1; goal <= goals; goal += 1) await sandbox.run(["connect", "-g", `main-control-${goal}`, "--goal-doc", "GOAL.md"]);
    const { stdout } = await sandbox.run(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, goal_count: goals });
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(4_000 + 2_500 * goals);
  } finally {
    sandbox.remove();
  }
});
