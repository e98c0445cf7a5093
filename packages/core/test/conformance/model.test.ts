import { describe, it } from "vitest";
import { memoryStore, type MemoryStore } from "../../src/testing/memory-store.ts";
import { assertModelHolds } from "./store-model.ts";

describe("a plain model and the store agree after any commands (REL-161)", () => {
  it("in memory", async () => {
    await assertModelHolds(
      () => memoryStore(),
      (store) => memoryStore((store as MemoryStore).ground),
      500,
    );
  });
});
