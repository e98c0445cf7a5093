/**
 * The built service, killed at random points of a story with a review that fails: real processes, a real remote, a server over HTTP.
 * `LOOPX_KILLS=200` asks for so many deaths; `LOOPX_SEED` draws others. What a death leaves is looked at when the story is over.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { seeded } from "./rig/seeded.ts";
import { rig, type Rig } from "./rig.ts";
import { labelId, openService, type Service } from "./rig/service.ts";

const KILLS = Number(process.env["LOOPX_KILLS"] ?? 3);
const SEED = Number(process.env["LOOPX_SEED"] ?? 1);
/** A story that is killed more often hardly ends: each start asks the same questions again. */
const KILLS_OF_A_STORY = 10;
/** A death comes so many requests after a start at the most, and so many milliseconds after the request. */
const REQUESTS = 70;
const AFTER_MS = 80;

let keeper: RealGround;
beforeAll(async () => {
  keeper = await realGround();
});
afterAll(() => keeper.remove());

/** True when the pull waits for its person and nothing is left to be written. */
function isOver({ repo }: Rig, ready: number): boolean {
  const [issue, pull] = repo.items;
  if (issue === undefined || pull === undefined || !pull.labels.has(ready) || issue.labels.size > 0) return false;
  return ![issue, pull].some(({ entries }) => entries.some(({ body }) => body.includes("loopx-claim")));
}

/** The story until it is over, or the next death; true when it is over. */
async function lives(service: Service, all: Rig, death: { readonly requests: number; readonly after_ms: number } | null): Promise<boolean> {
  const ready = labelId(all, "merge-ready");
  const { child, ended } = service.gitea("run");
  const over = new Promise<null>((resolve) => child.once("exit", () => resolve(null)));
  let asked = 0;
  while (asked !== death?.requests && !isOver(all, ready)) {
    const seen = await Promise.race([service.asked(() => true), over]);
    if (seen === null) throw new Error(`the service ended by itself: ${(await ended).text}`);
    asked += 1;
  }
  const is_over = isOver(all, ready);
  // No wait for anything: the moment of a death is drawn.
  if (death !== null) await new Promise((resolve) => setTimeout(resolve, death.after_ms));
  child.kill(death === null ? "SIGTERM" : "SIGKILL");
  await ended;
  return is_over;
}

/** Tells the story with at most so many deaths; returns how many there were. */
async function story(folder: string, seed: number, most: number): Promise<number> {
  const random = seeded(seed);
  const all = await rig({ git: true });
  const service = openService(all, folder);
  const issue = service.issue();
  let kills = 0;
  try {
    let is_over = false;
    for (; kills < most && !is_over; kills += 1)
      is_over = await lives(service, all, { requests: 1 + random(REQUESTS), after_ms: random(AFTER_MS) });
    await lives(service, all, null);
    // What the server shows is there before all of it is written down. A person has the pull now, which is what 1 says.
    const last = await service.gitea("once", "--wait").ended;
    const where = `LOOPX_SEED=${seed}: ${last.text}`;
    expect(last.code, where).toBe(1);
    const [, pull = expect.fail(`${where}: no pull`), ...more] = all.repo.items;
    expect(more, `${where}: one pull`).toEqual([]);
    expect([[...pull.labels], [...pull.assignees]], where).toEqual([[labelId(all, "merge-ready")], ["human"]]);
    expect([[...issue.labels], [...issue.assignees]], where).toEqual([[], []]);
    const marks = [issue, pull].flatMap(({ entries }) => entries.flatMap(({ body }) => /<!-- (loopx-\S+ [^>]*) -->/.exec(body)?.[1] ?? []));
    expect(new Set(marks).size, `${where}: no comment twice`).toBe(marks.length);
    const runs = service.agents().map(({ run }) => run);
    expect(new Set(runs).size, `${where}: no run twice`).toBe(runs.length);
    expect(together(join(folder, "lives.log")), `${where}: one agent at a time`).toEqual([]);
    const open = service.records().filter((record) => "plan" in record && Array.isArray(record.plan) && record.plan.length > 0);
    expect(open, `${where}: nothing left to write`).toEqual([]);
  } finally {
    service.end();
    await all.gitea.close();
  }
  return kills;
}

/** The agents that began while another one lived: the file has a line for each beginning and each end. */
function together(file: string): readonly string[] {
  const living = new Set<string>();
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .filter((line) => {
      const [word, run = ""] = line.split(" ");
      if (word === "end") return !living.delete(run);
      living.add(run);
      return living.size > 1;
    });
}

it(`tells its story after ${KILLS} times kill -9 at random points: nothing lost, nothing twice (PSM-7, DSP-22, DSP-59, DSP-90)`, async () => {
  let kills = 0;
  for (let seed = SEED; kills < KILLS; seed += 1)
    kills += await story(join(keeper.folder, `story-${seed}`), seed, Math.min(KILLS_OF_A_STORY, KILLS - kills));
  expect(kills).toBe(KILLS);
}, 3_600_000);
