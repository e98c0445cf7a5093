import { defineConfig } from "vitest/config";

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
    env: { TZ: "UTC" },
    unstubEnvs: true,
    reporters: ["default", "./scripts/counting-reporter.mjs"],
  },
});
