/**
 * REL-164 with real processes: they kill themselves at a call drawn from every scenario. The seed is printed;
 * LOOPX_SEED replays it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "../store/children.ts";
import { randomFrom, seedOf } from "../store/random.ts";
import { assertOldOrNew, assertRecovers, type Course, courseOf, type Death } from "./matrix.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { openWorld, type World } from "./world.ts";

const KILLS = 40;
const DEATHS: readonly Death[] = ["before", "half-way through", "after"];

let world: World;
let victim: Awaited<ReturnType<typeof program>>;
beforeAll(async () => {
  world = openWorld();
  victim = await program(new URL("./children/victim.ts", import.meta.url));
});
afterAll(() => {
  world.remove();
  victim.remove();
});

// Seconds on a machine of its own; others may be busy.
describe("a process that is killed", () => {
  it(`${KILLS} times, at any call of any command: old or new, nothing lost, the next writer goes on, no litter`, async () => {
    const seed = seedOf();
    const random = randomFrom(seed);
    const courses = new Map<Scenario, Course>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const scenario = SCENARIOS[kill % SCENARIOS.length];
      const death = DEATHS[kill % DEATHS.length];
      if (scenario === undefined || death === undefined) throw new RangeError("no such scenario");
      const course = courses.get(scenario) ?? (await courseOf(world, scenario));
      courses.set(scenario, course);
      const call = callOf(course, death, random());
      const where = `${scenario.name} killed ${death} call ${call}, LOOPX_SEED=${seed}`;
      world.reset(course.old);
      const { lines, code } = await victim.start(world.root, scenario.name, String(call), death).gone;
      expect([lines, code], where).toEqual([[], null]);
      assertOldOrNew(course, world.snapshot(), null, where);
      await assertRecovers(course, where);
    }
  });
});

/** Any call, but only a write has a half. */
function callOf({ trace }: Course, death: Death, chance: number): number {
  const numbers = trace.flatMap((name, index) => (death === "half-way through" && name !== "write" ? [] : [index + 1]));
  return numbers[Math.floor(chance * numbers.length)] ?? 1;
}
