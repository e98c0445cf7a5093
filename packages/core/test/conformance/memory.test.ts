import { describe, it } from "vitest";
import { storeConformance } from "../../src/testing/conformance.ts";
import { memoryStore, type MemoryStore } from "../../src/testing/memory-store.ts";

describe("the memory store (REL-172)", () => {
  storeConformance(() => memoryStore(), {
    runner: { describe, it },
    plants: true,
    reopen: (store) => memoryStore((store as MemoryStore).ground),
  });
});
