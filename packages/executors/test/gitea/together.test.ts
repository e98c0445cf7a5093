/** One dispatcher after another: what an older one began. */
import { describe, expect, it } from "vitest";
import { openYard, REPO } from "./rig/yard.ts";

describe("one dispatcher with many items", () => {
  it("lets what an older dispatcher began cool to its end (DSP-34, DSP-40)", async () => {
    const until = Date.parse("2026-03-01T10:20:00Z");
    const yard = await openYard({ cooling: [[`${REPO}#1`, until]] });
    yard.server.label(yard.server.open(REPO, "carl", "Item"), "carl", "bot");
    await yard.ticks(15, 65);
    expect(yard.runs.started).toEqual([]);
    await yard.ticks(10, 65);
    expect(yard.runs.started).toHaveLength(1);
  });
});
