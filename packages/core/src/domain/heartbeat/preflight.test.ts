import { expect, test } from "vitest";
import { preflightLines } from "./preflight.ts";

test("the preflight finds the binary or stops; it installs nothing (HBT-14, HBT-68)", () => {
  const lines = preflightLines("loopx-canary");
  expect(lines.length).toBeLessThanOrEqual(6);
  const text = lines.join("\n");
  expect(text).toContain("loopx-canary");
  expect(text).toContain("$HOME/.local/bin");
  expect(text).not.toMatch(/install|npm|curl|pip|git|doctor/);
});
