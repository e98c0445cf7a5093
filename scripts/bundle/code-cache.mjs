// Makes the code caches that come with the bundle. A cache holds the functions that were compiled when it was made, so the
// lines below are run on a workspace with something of everything a wake-up meets; each run adds to the cache of the one
// before. What they do not touch is compiled when it is first called, and costs a user that much.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeWorkspace } from "../bench/workspace.mjs";
import { ROOT } from "../steps.mjs";

const LOOPX = join(ROOT, "packages", "cli", "bin", "loopx.cjs");
const GOAL = ["-g", "goal-0000"];
const LINES = [
  ["quota", "should-run", ...GOAL, "--json"],
  ["should-run", ...GOAL],
  ["status", "--json"],
  ["todo", "list", ...GOAL, "--json"],
  ["history", ...GOAL, "--json"],
];
/** A short history is folded whole, a long one by its summary, which the first look makes; many goals are remembered. */
const SIZES = [
  { goals: 1, runs: 20, todos: 40 },
  { goals: 40, runs: 200, todos: 4 },
];

/** @param {string} dist */
export function makeCodeCaches(dist) {
  const folder = mkdtempSync(join(tmpdir(), "loopx-build-"));
  const env = { PATH: process.env["PATH"], HOME: folder, LOOPX_BUILD_CODE_CACHE: dist };
  try {
    for (const [n, size] of SIZES.entries()) {
      const workspace = makeWorkspace(join(folder, String(n)), { ...size, overlays: 2, spends: 2, seed: n, now: Date.now() });
      for (const line of [...LINES, ...LINES])
        execFileSync(process.execPath, [LOOPX, ...line], { cwd: workspace.project, env, stdio: "pipe" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
