import { describe, expect, it } from "vitest";
import { explore } from "../explore.ts";
import { lockProtocol, type Bounds } from "./lock-model.ts";

const LIMIT = 400_000;

describe("the owner-record protocol, every interleaving (REL-162)", () => {
  it.each<[string, Bounds]>([
    ["3 processes with 3 crashes", { processes: 3, rounds: 1, crashes: 3 }],
    ["2 processes with 2 rounds and a crash", { processes: 2, rounds: 2, crashes: 1 }],
    ["4 processes with a crash", { processes: 4, rounds: 1, crashes: 1 }],
  ])("%s: one process holds the lock at a time", (_name, bounds) => {
    const explored = explore(lockProtocol("guarded", bounds), LIMIT);
    expect(explored).toMatchObject({ kind: "held" });
    expect(explored.states).toBeGreaterThan(100);
  });

  it("removal without a claim is found broken", () => {
    const explored = explore(lockProtocol("unguarded", { processes: 3, rounds: 1, crashes: 1 }), LIMIT);
    expect(explored).toMatchObject({ kind: "broken", promise: "one process holds the lock" });
  });
});
