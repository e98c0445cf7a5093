/**
 * REL-164 and REL-165, pairs of faults: a call fails, and while the command cleans up after it another call fails too, or
 * the process dies. Drawn at random; the seed is printed, LOOPX_SEED replays it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomFrom, seedOf } from "../store/random.ts";
import { courseOf, type Fault, harmTwice } from "./matrix.ts";
import { SCENARIOS } from "./scenarios.ts";
import { openWorld, type World } from "./world.ts";

const PAIRS = Number(process.env["LOOPX_FAULT_PAIRS"] ?? 12);
const ERRNOS = ["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE"] as const;
const SECONDS: readonly [Fault, ...Fault[]] = ["dies before", "dies after", "EIO", "ENOSPC", "EACCES", "EROFS"];
/** What follows from a failure is its cleaning up: most second faults lie there. */
const NEAR = 8;

let world: World;
let reached = 0;
let harmed = 0;
beforeAll(() => {
  world = openWorld();
});
afterAll(() => {
  world.remove();
  process.stdout.write(`two faults in one command: ${harmed} pairs, the second one reached in ${reached}\n`);
});

describe("two faults in one command", () => {
  const seed = seedOf();
  it.each(SCENARIOS)(`$name, ${PAIRS} times: old or new, nothing lost, the next writer goes on, no litter`, async (scenario) => {
    const random = randomFrom(seed + SCENARIOS.indexOf(scenario));
    const drawn = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
    const course = await courseOf(world, scenario);
    const recovered = new Set<string>();
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const n = 1 + Math.floor(random() * (course.trace.length - 1));
      const far = random() < 0.3 ? course.trace.length - n : NEAR;
      const second = { fault: drawn(SECONDS), n: n + 1 + Math.floor(random() * far) };
      if (await harmTwice(course, { errno: drawn(ERRNOS), n }, second, recovered)) reached += 1;
      harmed += 1;
    }
    expect(harmed).toBeGreaterThanOrEqual(PAIRS);
  });
  it("most of them reach the second fault", () => expect(reached).toBeGreaterThan(harmed / 3));
});
