/** REL-167: a lock whose owner died, and eight processes that want it at once. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { sha256 } from "../../src/node/hashing.ts";
import { formatOwner, newOwner } from "../../src/node/owner-record.ts";
import { type Child, program } from "./children.ts";
import { deadIdentity, yards } from "./rig.ts";

const fresh = yards();
const RUSHERS = 8;
const ROUNDS = 3;

let bundle: Awaited<ReturnType<typeof program>>;
beforeAll(async () => {
  bundle = await program(new URL("./children/rusher.ts", import.meta.url));
});
afterAll(() => bundle.remove());

const GRAVES = {
  "a record alone": (grave: Grave) => grave.bury(),
  "a record with its lock directory": (grave: Grave) => {
    grave.bury();
    mkdirSync(grave.directory);
  },
  "a record with a dead claim on it": (grave: Grave) => grave.claim(grave.bury()),
  "a record with a dead claim, and a dead claim on that": (grave: Grave) => grave.claim(grave.claim(grave.bury())),
  "a lock directory without a record": (grave: Grave) => mkdirSync(grave.directory),
};

interface Grave {
  readonly directory: string;
  bury(): string;
  claim(nonce: string): string;
}

describe("eight processes rush for a dead lock", () => {
  it("never two of them hold it, and the first one does within a second (REL-6, REL-167)", async () => {
    const yard = fresh();
    mkdirSync(yard.locks, { recursive: true });
    const rushers = Array.from({ length: RUSHERS }, () => bundle.start(yard.runtime, join(yard.directory, "inside")));
    for (const rusher of rushers) expect(await rusher.next()).toBe("ready");
    for (const [name, dig] of Object.entries(GRAVES)) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const path = join(yard.directory, `${name}-${round}`);
        dig(graveOf(yard.locks, path));
        const answers = await rush(rushers, path);
        expect(
          answers.map((answer) => answer.overlaps),
          name,
        ).toEqual(Array.from({ length: RUSHERS }, () => 0));
        expect(Math.min(...answers.map((answer) => answer.ms)), name).toBeLessThan(1000);
      }
    }
    for (const rusher of rushers) rusher.signal("SIGKILL");
    await Promise.all(rushers.map((rusher) => rusher.gone));
    expect(yard.tree().filter((path) => path.startsWith("runtime/locks/"))).toEqual([]);
  });
});

async function rush(rushers: readonly Child[], path: string): Promise<{ ms: number; overlaps: number }[]> {
  for (const rusher of rushers) rusher.say(path);
  return Promise.all(
    rushers.map(async (rusher) => {
      const [ms, overlaps] = (await rusher.next()).split(" ").map(Number);
      return { ms: ms ?? Number.NaN, overlaps: overlaps ?? Number.NaN };
    }),
  );
}

function graveOf(locks: string, path: string): Grave {
  const key = sha256(path).slice(0, 32);
  const place = (name: string) => {
    const owner = newOwner(deadIdentity(), systemClock, "died");
    writeFileSync(join(locks, name), formatOwner(owner));
    return owner.nonce;
  };
  return {
    directory: join(locks, `${key}.lock`),
    bury: () => place(`${key}.owner.json`),
    claim: (nonce) => place(`${key}.clear.${nonce}`),
  };
}
