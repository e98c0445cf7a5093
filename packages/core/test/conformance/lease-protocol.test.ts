import { describe, expect, it } from "vitest";
import { explore } from "../explore.ts";
import { leaseProtocol, type Bounds, type Variant } from "./lease-model.ts";

const LIMIT = 400_000;

describe("the lease and fence protocol, every interleaving (REL-7, REL-163)", () => {
  it.each<[string, Bounds]>([
    ["3 processes with 2 grants each, a crash, and time that passes", { actors: 3, grants: 2, crashes: 1, ticks: 1, steps_back: 0 }],
    // A process that takes no step for as long as it likes is a paused one: every pause is among the interleavings.
    ["3 processes with a grant each, 2 crashes, and time that passes", { actors: 3, grants: 1, crashes: 2, ticks: 1, steps_back: 0 }],
    [
      "2 processes with 2 grants each, 2 crashes, and a clock that steps back",
      { actors: 2, grants: 2, crashes: 2, ticks: 3, steps_back: 1 },
    ],
  ])("%s: tokens grow and no older token writes", (_name, bounds) => {
    const explored = explore(leaseProtocol("sound", bounds), LIMIT);
    expect(explored).toMatchObject({ kind: "held" });
    expect(explored.states).toBeGreaterThan(2_500);
  });

  it.each<[Variant, string]>([
    ["token_before_lock", "tokens of one key only grow"],
    ["no_row_lock", "tokens of one key only grow"],
    ["fence_outside_lock", "no write of an older token follows a newer grant"],
  ])("the variant %s is found broken: not %s", (variant, promise) => {
    expect(explore(leaseProtocol(variant, { actors: 2, grants: 1, crashes: 0, ticks: 1, steps_back: 0 }), LIMIT)).toMatchObject({
      kind: "broken",
      promise,
    });
  });
});
