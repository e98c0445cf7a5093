import { configDefaults, defineConfig } from "vitest/config";

/** The clients themselves, against a scripted model: asked for by `REAL_CLIENTS=1`, and otherwise not even looked at. */
const REAL_CLIENTS = "test/real-clients";
const wanted = process.env["REAL_CLIENTS"] === "1";

export default defineConfig({
  resolve: { conditions: ["@loopx/source"] },
  ssr: { resolve: { conditions: ["@loopx/source"] } },
  test: {
    // The default leaves one processor idle, which is half of a small machine.
    maxWorkers: "100%",
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // Only what hangs is ended: a machine that is busy with something else may be ten times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    exclude: [...configDefaults.exclude, ...(wanted ? [] : [`${REAL_CLIENTS}/**`])],
    globalSetup: wanted ? [`${REAL_CLIENTS}/install.ts`] : [],
    env: { TZ: "UTC" },
    unstubEnvs: true,
    reporters: ["default", "./scripts/counting-reporter.mjs"],
  },
});
