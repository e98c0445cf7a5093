/** The story of an issue, with the process gone at one point after another: before or after any write of anything. */
import { describe, expect, it } from "vitest";
import type { GiteaGround } from "../../src/gitea/ground.ts";
import type { MemoryServer } from "./rig/memory-server.ts";
import { seeded } from "./rig/seeded.ts";
import { openYard, REPO, type Yard } from "./rig/yard.ts";

/** A process that dies at one of its writes, and from then on does nothing at all. */
interface Doomed {
  points: number;
  dies_at: number;
  dead: boolean;
}

const WRITES = new Set(["update", "append", "remove", "acquire", "renew", "release", "commit", "push", "start", "open"]);
const FORGE_READS =
  /^(server|me|unread|threads?|labelled|changed|search|issue|pulls?From|pull|openPulls|comments|reviews|timeline|labels|organisationLabels|repository|repositories|permission)$/;

/** Every write of the ground is two points: right before it, and right after it was carried out. */
function mortal(life: Doomed): (ground: GiteaGround) => GiteaGround {
  const point = (): void => {
    if (life.dead) throw new Error("the process is gone");
    life.points += 1;
    if (life.points === life.dies_at) {
      life.dead = true;
      throw new Error("killed");
    }
  };
  const wrap = <Port extends object>(port: Port, isWrite: (name: string) => boolean): Port =>
    new Proxy(port, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== "function" || typeof name !== "string" || name === "scan") return member;
        return (...given: unknown[]) => {
          if (life.dead) return Promise.reject(new Error("the process is gone"));
          if (!isWrite(name)) return Reflect.apply(member, target, given) as unknown;
          return (async () => {
            point();
            const answer: unknown = await Reflect.apply(member, target, given);
            point();
            return answer;
          })();
        };
      },
    });
  const some = (name: string): boolean => WRITES.has(name);
  return (ground) => ({
    ...ground,
    forge: wrap(ground.forge, (name) => !FORGE_READS.test(name)),
    documents: wrap(ground.documents, some),
    logs: wrap(ground.logs, some),
    leases: wrap(ground.leases, some),
    checkouts: wrap(ground.checkouts, some),
    runs: wrap(ground.runs, some),
  });
}

interface Told {
  readonly yard: Yard;
  readonly kills: number;
  readonly points: number;
}

/** The story, with a process that dies after so many points each time; an endless supply of new ones. */
async function story(dies: () => number, budget: number): Promise<Told> {
  const life: Doomed = { points: 0, dies_at: Number.POSITIVE_INFINITY, dead: false };
  let kills = 0;
  let total = 0;
  const yard = await openYard({ wrap: (ground) => mortal(life)(ground) });
  const { server, runs } = yard;
  const issue = server.open(REPO, "carl", "Add a test", { body: "Please." });
  server.label(issue, "carl", "bot");
  server.notify(issue, "clawbot", "carl", "");
  let reviews = 0;
  runs.answers = ({ role }) => {
    if (role === "worker") return { outcome: "done" };
    reviews += 1;
    return { outcome: reviews === 1 ? "fail" : "pass" };
  };
  for (let ticks = 0; ticks < 120; ticks += 1) {
    life.dies_at = kills < budget && life.dies_at === Number.POSITIVE_INFINITY ? life.points + 1 + dies() : life.dies_at;
    yard.advance(65);
    try {
      await yard.dispatcher.tick();
    } catch {
      // A tick that dies takes the process with it.
    }
    await yard.dispatcher.settled();
    if (life.dead) {
      kills += 1;
      total += life.points;
      Object.assign(life, { points: 0, dies_at: Number.POSITIVE_INFINITY, dead: false });
      await yard.reopen();
      yard.advance(400);
    }
    if (
      server.issues.some(({ labels }) => labels.includes("merge-ready")) &&
      yard.dispatcher.board.all().every(({ plan }) => plan.length === 0)
    )
      break;
  }
  // What the last process had taken and not disposed of is disposed of by the next tick.
  await yard.dispatcher.tick();
  await yard.dispatcher.settled();
  return { yard, kills, points: total + life.points };
}

function expectWellTold({ yard }: Told, seed: string): void {
  const { server, runs } = yard;
  const [issue, pull, ...more] = server.issues;
  expect(runs.doubles, seed).toEqual([]);
  expect(more, `${seed}: one pull`).toEqual([]);
  expect(pull?.labels, seed).toEqual(["merge-ready"]);
  expect(pull?.assignees, seed).toEqual(["hana"]);
  expect(issue?.labels, seed).toEqual([]);
  expect(issue?.assignees, seed).toEqual([]);
  for (const each of [issue, pull]) expect(doubled(each?.comments ?? []), seed).toEqual([]);
  expect(doubled(pull?.reviews ?? []), seed).toEqual([]);
  expect(open(yard), seed).toEqual([]);
}

/** Comments that stand twice, and claims that were left. */
function doubled(texts: MemoryServer["issues"][number]["comments"] | MemoryServer["issues"][number]["reviews"]): readonly string[] {
  const marks = texts.map(({ body }) => /<!-- (loopx-\S+ [^>]*) -->/.exec(body)?.[1] ?? body);
  return marks.filter((mark, at) => marks.indexOf(mark) !== at || mark.startsWith("loopx-claim"));
}

function open(yard: Yard): readonly unknown[] {
  return yard.dispatcher.inbox.open();
}

describe("a dispatcher that is killed", () => {
  it("tells the same story after 200 deaths at random points (PSM-7, DSP-22, DSP-59, DSP-90)", async () => {
    const { points } = await story(() => Number.POSITIVE_INFINITY, 0);
    let kills = 0;
    for (let seed = 1; kills < 200; seed += 1) {
      const random = seeded(seed);
      const told = await story(() => random(Math.ceil(points / 3)), 8);
      kills += told.kills;
      expectWellTold(told, `seed ${seed}`);
    }
  }, 60_000);
});
