import { validateCard } from "@loopx/lark-card/schema";
import { describe, expect, test } from "vitest";
import { newCycle, PHASES, RESULTS, type Cycle } from "./cycle.ts";
import { progressCard } from "./progress-card.ts";

const CYCLE = newCycle({
  cycle_id: "cycle_1",
  profile: "lark",
  base_sha: "a".repeat(40),
  started_at: "2026-11-21T10:00:00.000Z",
  limits: { max_cycles: 5, max_retries: 3, max_slow_fixes: 2 },
  fix_enabled: true,
  starts_test: true,
  has_slow_gate: false,
  tested_candidate: null,
});
const NOW = { ms: Date.parse("2026-11-21T10:01:05.000Z"), offset_minutes: 0 };
const failed = { tier: "fast", step: "unit", exit_code: 1, reason: "exit code 1", log: null } as const;
const shown = (more: Partial<Cycle>): string =>
  [...JSON.stringify(progressCard({ ...CYCLE, attempt: 1, ...more }, null, NOW, "en")).matchAll(/[○▶✓✗]/g)].map(([mark]) => mark).join("");

describe("the card of a cycle", () => {
  // build, start test server, fast gate, promote, deploy
  test.each<[string, Partial<Cycle>]>([
    ["○○○○○", { phase: "reset" }],
    ["▶○○○○", { phase: "build" }],
    ["✓▶○○○", { phase: "start_test" }],
    ["✓✓▶○○", { phase: "fast_gate" }],
    ["✓✓✗○○", { phase: "fix", failure: failed }],
    ["✓✓✓▶○", { phase: "approve" }],
    ["✓✓✓✓▶", { phase: "deploy_main" }],
    ["✓✓✓✓✓", { phase: "record", result: "promoted" }],
    ["✓✓✗○○", { phase: "record", result: "fix_exhausted", failure: failed }],
    ["✓✓✓✗○", { phase: "record", result: "main_dirty" }],
    ["✓✓✓✓✗", { phase: "record", result: "deploy_failed" }],
    ["○○○○○", { phase: "record", result: "infra_error" }],
  ])("shows %s for %j", (marks, more) => {
    expect(shown(more)).toBe(marks);
  });

  test("is valid and says how long it took, whatever the phase and the end", () => {
    for (const phase of PHASES)
      for (const result of [null, ...RESULTS])
        for (const locale of ["en", "zh"] as const) {
          const card = progressCard({ ...CYCLE, phase, result }, "bots", NOW, locale);
          expect(validateCard(card)).toMatchObject({ ok: true });
          expect(JSON.stringify(card)).toContain("01:05");
        }
  });
});
