import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./scripts/longest-first.mjs";
import { memoryFolder } from "./scripts/memory-folder.mjs";

/** The clients themselves, against a scripted model: asked for by `REAL_CLIENTS=1`, and otherwise not even looked at. */
const REAL_CLIENTS = "test/real-clients";
const wanted = process.env["REAL_CLIENTS"] === "1";

// Nothing else here leaves the machine, and every process that is started would read that file: half of its start.
if (!wanted) delete process.env["NODE_EXTRA_CA_CERTS"];
const folder = wanted ? null : memoryFolder();

/**
 * Rooms whose tests leave nothing behind in their process, and so share one: to start it and to read the sources again
 * for each file would cost more than most of them. A room that starts many programs keeps to small processes of its own.
 */
const SHARING = [
  "packages/*/src/**/*.test.ts",
  "packages/core/test/{actions,conformance,histories,older-python,store}/**/*.test.ts",
  "packages/cli/test/*.test.ts",
  "packages/cli/test/{hostile,window}/**/*.test.ts",
  "packages/lark-card/test/**/*.test.ts",
];
/**
 * Rooms that start many programs, and share a process among themselves only: a small one starts them at a fraction of the
 * cost of one that has read everything else.
 */
const STARTING = ["packages/executors/test/{drivers,gitea,lark,looper,notify,scenario}/**/*.test.ts"];
const exclude = [...configDefaults.exclude, ...(wanted ? [] : [`${REAL_CLIENTS}/**`])];

export default defineConfig({
  resolve: { conditions: ["@loopx/source"] },
  ssr: { resolve: { conditions: ["@loopx/source"] } },
  test: {
    // One more than there are processors: many tests wait for a process or an answer, and one is computing meanwhile. Another one gains nothing.
    maxWorkers: availableParallelism() + 1,
    // V8's other threads would only take turns with the other workers: what computes much costs a tenth less without them.
    execArgv: ["--single-threaded-gc"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...exclude, ...SHARING, ...STARTING],
        },
      },
      { extends: true, test: { name: "sharing", isolate: false, include: SHARING, exclude } },
      { extends: true, test: { name: "starting", isolate: false, include: STARTING, exclude } },
    ],
    // Only what hangs is ended: a machine that is busy with something else may be ten times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    globalSetup: wanted ? [`${REAL_CLIENTS}/install.ts`] : [],
    env: { TZ: "UTC", ...(folder === null ? {} : { TMPDIR: folder }) },
    unstubEnvs: true,
    reporters: ["default", "./scripts/counting-reporter.mjs"],
  },
});
