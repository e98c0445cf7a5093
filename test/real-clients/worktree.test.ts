/** The worktree loop with real clients: a commit that fails its test is repaired, tested again and promoted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSite } from "../../packages/executors/src/worktree/open-site.ts";
import { runCycle } from "../../packages/executors/src/worktree/run-cycle.ts";
import { realGround, type RealGround } from "../../packages/executors/test/rig/keeper.ts";
import { CLIENTS, story, type Client, type Story } from "./rig.ts";

const TEST = 'import { sum } from "./sum.mjs";\nif (sum(2, 3) !== 5) { console.error("2 and 3 are", sum(2, 3)); process.exit(1); }\n';

const config = (client: Client): string =>
  `worktree:\n  fast_gate: [{id: unit, argv: [${JSON.stringify(process.execPath)}, sum.test.mjs]}]\n` +
  `  fix: {enabled: true, driver: ${client}, paths: ["sum.mjs"], timeout_seconds: 60}\n`;

let real: RealGround;
let it: Story;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());

describe.each(CLIENTS)("%s", (client) => {
  beforeEach(async () => {
    it = await story({
      "loopx-loop.yaml": config(client),
      "sum.test.mjs": TEST,
      "sum.mjs": "export const sum = (a, b) => a - b;\n",
      ".gitignore": "logs/\n.worktrees/\n",
    });
  });
  afterEach(() => it.remove());

  test("repairs what the test says, and the loop commits and promotes it (AGT-98)", async () => {
    const declare = `printf '%s' '{"schema_version":"loopx_agent_result_v1","outcome":"done","summary":"plus"}' > "$LOOPX_RESULT_FILE"`;
    it.model.plan({ run: "sed -i s/-/+/ sum.mjs" }, { run: declare }, { say: "done" });
    const site = await openSite({
      profile: "worktree",
      cwd: it.repo.dir,
      env: it.env,
      home: it.env["HOME"] ?? "",
      version: "0.0.0",
      notify: () => async () => {},
      keeper: real.keeper,
    });
    const base = it.repo.head();
    const cycle = await runCycle(site, { base_sha: null, go_on: false }, new AbortController().signal);
    expect(cycle).toMatchObject({ result: "promoted", agent_runs: 1, base_sha: base });
    expect(readFileSync(join(it.repo.dir, "sum.mjs"), "utf8")).toBe("export const sum = (a, b) => a + b;\n");
    expect(it.repo.git("log", "--format=%an|%s", `${base}..`)).toBe("LoopX|fix: auto-fix from test (attempt 1)");
    // It was told what the test had said, and not to commit.
    const asked = it.model.requests.map(({ text }) => text).join("\n");
    expect([asked.includes("2 and 3 are -1"), asked.includes("Commits are made for you")]).toEqual([true, true]);
  });
});
