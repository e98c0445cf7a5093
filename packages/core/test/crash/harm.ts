/** The suite over every scenario and the given faults. It says how many points it harmed; none is left out. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { courseOf, type Fault, harmEvery } from "./matrix.ts";
import { SCENARIOS } from "./scenarios.ts";
import { openWorld, type World } from "./world.ts";

/** Faults that only a write knows. */
const OF_WRITES: readonly Fault[] = ["dies half-way through", "a short write"];

/** Seconds on a machine of its own; others may be busy. */
const BUSY_MS = 300_000;

export function harmsEveryCommand(title: string, faults: readonly Fault[]): void {
  let world: World;
  const points = new Map<Fault, number>(faults.map((fault) => [fault, 0]));
  beforeAll(() => {
    world = openWorld();
  });
  afterAll(() => {
    world.remove();
    const shown = [...points].map(([fault, count]) => `${fault} ${count}`).join(", ");
    const total = [...points.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`${title}: ${total} points (${shown}), none skipped\n`);
  });

  describe(title, { timeout: BUSY_MS }, () => {
    it.each(SCENARIOS)("$name: old or new, nothing lost, the next writer goes on, no litter", async (scenario) => {
      const course = await courseOf(world, scenario);
      const recovered = new Set<string>();
      for (const fault of faults) {
        const harmed = await harmEvery(course, fault, recovered);
        expect(harmed, fault).toBeGreaterThan(OF_WRITES.includes(fault) ? 0 : 20);
        points.set(fault, (points.get(fault) ?? 0) + harmed);
      }
    });
  });
}
