/** The doors for tests of programs that use LoopX: a host in memory, a clock that stands still, and the suite for stores. */
export * from "./conformance.ts";
export * from "./fake-clock.ts";
export * from "./file-store.ts";
export type { Fault, Planted } from "./memory-disk.ts";
export { MemoryDisk } from "./memory-disk.ts";
export * from "./memory-host.ts";
export { PROJECT } from "./memory-ground.ts";
export { RUNTIME_ROOT } from "./memory-places.ts";
export * from "./memory-store.ts";
export * from "./private-texts.ts";
export * from "./sequence-ids.ts";
