// The order of `npm test`: what takes long starts first, so that no processor is left without work at the end. A fresh
// clone remembers no durations, so the long ones are named here; tests that share a process stand together, behind them.
import { BaseSequencer } from "vitest/node";

/** Files that wait for processes and files that compute take turns, so that one uses what the other leaves. */
export const LONGEST = [
  "packages/executors/test/dual-agent/loop.test.ts",
  "packages/core/test/crash/failing-disk.test.ts",
  "packages/cli/test/processes/races.test.ts",
  "packages/core/test/crash/failing-access.test.ts",
  "packages/executors/test/worktree/example.test.ts",
  "packages/core/test/crash/dying.test.ts",
  "packages/dashboard/test/page.test.ts",
  "packages/executors/test/worktree/cycle.test.ts",
  "test/soak.test.ts",
  "packages/core/test/crash/killed.test.ts",
  "packages/executors/test/worktree/every-death.test.ts",
  "test/install.test.ts",
  "packages/cli/test/hostile/fuzz.test.ts",
  "packages/executors/test/looper/service.test.ts",
  "packages/executors/test/gitea/checkouts.test.ts",
  "packages/executors/test/gitea/process.test.ts",
  "packages/core/test/conformance/file.test.ts",
];

export default class LongestFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const place = (/** @type {import("vitest/node").TestSpecification} */ { moduleId }) => {
      const index = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
      return index === -1 ? LONGEST.length : index;
    };
    const shares = (/** @type {import("vitest/node").TestSpecification} */ { project }) => Number(!project.config.isolate);
    return (await super.sort(files)).sort((a, b) => shares(a) - shares(b) || place(a) - place(b));
  }
}
