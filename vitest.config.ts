import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@loopx/source"] },
  ssr: { resolve: { conditions: ["@loopx/source"] } },
  test: {
    // The default leaves one processor idle, which is half of a small machine.
    maxWorkers: "100%",
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: "UTC" },
    unstubEnvs: true,
    reporters: ["default", "./scripts/counting-reporter.mjs"],
  },
});
