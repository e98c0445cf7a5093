/**
 * The soak of `npm run soak`, bounded: eight processes of mixed commands, killed and stopped, a race for dead locks, connects
 * at once and a disk that fills up (REL-1, REL-3, REL-6, REL-166 to REL-168, PRF-19 to PRF-21).
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const OPERATIONS = 250;

test(`${OPERATIONS} operations among kills and pauses: what was acknowledged is there, once and whole`, () => {
  const argv = [join(ROOT, "scripts", "soak", "main.mjs"), "--operations", String(OPERATIONS)];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  process.stdout.write(stdout);
  expect([stdout, stderr, status]).toEqual([expect.stringContaining("verdict: held"), "", 0]);
  expect(stdout).toMatch(/^lost: 0, torn: 0, doubled: 0, stuck: 0, failed: 0$/m);
  expect(Number(/^acknowledged: (\d+)/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(OPERATIONS);
  expect(stdout).toMatch(/^takeover: 20 rounds .* double commits: 0, lost: 0,/m);
  expect(stdout).toMatch(
    /^full disk: (?:skipped, .+|\d+ acknowledged, \d+ refused while it was full, lost: 0, torn: 0, refused without a type: 0)$/m,
  );
});
