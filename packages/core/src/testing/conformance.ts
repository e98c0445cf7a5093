/**
 * The one behavioural suite that every store has to pass (REL-174). It knows the ports only; a store in memory, in
 * files or in a database is given as `make`, and whatever can be damaged from outside through its back door.
 */
import type { ConformanceOptions, ConformanceStore, OpenedStore } from "./conformance/store.ts";
import { damagedDocumentConformance, documentConformance } from "./conformance/documents.ts";
import { damagedLeaseConformance, fenceConformance, leaseConformance, leaseLookConformance } from "./conformance/leases.ts";
import { damagedLogConformance, logConformance } from "./conformance/logs.ts";
import { togetherConformance } from "./conformance/together.ts";

export { conformanceWork } from "./conformance/together.ts";
export type { ConformanceOptions, ConformanceStore, PlaceKey, Runner, WorkReport } from "./conformance/store.ts";

/** Declares the suite. `make` gives a store over fresh ground for each test. */
export function storeConformance(make: () => ConformanceStore | Promise<ConformanceStore>, options: ConformanceOptions): void {
  const { describe, it } = options.runner;
  const test = (name: string, run: (store: ConformanceStore) => Promise<void>, timeout_ms?: number) => {
    it(name, async () => run(await make()), timeout_ms);
  };
  const damageTest = (name: string, run: (store: OpenedStore) => Promise<void>) => {
    it(name, async () => run(opened(await make())));
  };
  const rooms: readonly [string, () => void][] = [
    ["documents", () => documentConformance(test, options)],
    ["logs", () => logConformance(test, options)],
    ["leases", () => leaseConformance(test, options)],
    ["looking at leases", () => leaseLookConformance(test, options)],
    ["fenced writes", () => fenceConformance(test)],
    ["many writers", () => togetherConformance(test, options)],
  ];
  const damagedRooms: readonly [string, () => void][] = [
    ["documents that somebody else changed or damaged", () => damagedDocumentConformance(damageTest)],
    ["damaged logs", () => damagedLogConformance(damageTest)],
    ["damaged leases", () => damagedLeaseConformance(damageTest)],
  ];
  for (const [name, tests] of options.plants ? [...rooms, ...damagedRooms] : rooms) describe(name, tests);
}

function opened(store: ConformanceStore): OpenedStore {
  const { plant, bytesOf } = store;
  if (plant === undefined || bytesOf === undefined) throw new TypeError("a store that `plants` needs `plant` and `bytesOf`");
  return { ...store, plant, bytesOf };
}
