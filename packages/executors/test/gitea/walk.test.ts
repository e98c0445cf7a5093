/**
 * A long walk of the dispatcher among people who change labels and speak, and a server that fails now and then: over HTTP, a
 * git remote and processes. `LOOPX_STEPS=1000` asks for a longer one, `LOOPX_SEED` draws another.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { stateRoleOf } from "../../src/gitea/labels.ts";
import { addLabels, comment, removeLabel } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import { addLabel } from "./double/world.ts";
import { pause } from "./rig/looks.ts";
import { seeded } from "./rig/seeded.ts";
import { openShift, startWorks, type Shift, type Works } from "./rig/works.ts";

const STEPS = Number(process.env["LOOPX_STEPS"] ?? 100);
/** A look comes after so many steps of people, and after so many looks the walk rests until the next reconcile. */
const [EACH_LOOK, EACH_REST] = [10, 10];
const NAMES = { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" };
const STATES = [NAMES.review, NAMES.rework, NAMES.ready];
const FAULTS = { "500": 0.05, "500_empty": 0.03, reset: 0.03, reset_after: 0.03 };

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const pullsOf = ({ repo }: Shift): readonly Item[] => repo.items.filter(({ pull }) => pull !== null);

it(`${STEPS} steps of people's edits and failures leave each pull with one state label after each reconcile, and foreign labels alone (PSM-1, PSM-4)`, async () => {
  const random = seeded(Number(process.env["LOOPX_SEED"] ?? 11));
  const review = `if [ $((n % 3)) = 0 ]; then say '"outcome":"pass","reviewed_sha":"'$sha'"'; else say '"outcome":"fail","reviewed_sha":"'$sha'","findings":[{"severity":"major","path":"work.txt","message":"a case is missing"}]'; fi`;
  const shift = await openShift(works, {
    name: "walk",
    yaml: "max_agents: 2\nmax_rounds: 50\nmax_attempts: 50\n",
    env: { BOT_SCAN_INTERVAL: "120" },
    laid: { Story: { review } },
  });
  const { gitea } = works;
  const docs = addLabel(gitea.world, shift.repo, { name: "docs" }).id;
  for (let count = 0; count < 3; count += 1) addLabels(gitea.world, shift.issue("Story"), "human", [docs]);
  let [edits, rests] = [0, 0];
  const look = async (seconds: number): Promise<void> => {
    await shift.ticks(1, seconds);
    await shift.now.agents.idle();
  };
  for (let step = 1; step <= STEPS; step += 1) {
    const pulls = pullsOf(shift);
    const pull = pulls[random(Math.max(1, pulls.length))];
    const label = shift.label(STATES[random(3)] ?? "");
    const act = random(6);
    if (pull !== undefined && act < 4) edits += 1;
    if (pull !== undefined && act < 2) addLabels(gitea.world, pull, "human", [label]);
    if (pull !== undefined && act === 2) removeLabel(gitea.world, pull, "human", label);
    if (pull !== undefined && act === 3) comment(gitea.world, pull, "human", "@clawbot please");
    if (pull !== undefined && act === 4) addLabels(gitea.world, pull, "human", [docs]);
    if (step % EACH_LOOK !== 0) continue;
    gitea.faults.rates = random(2) === 0 ? FAULTS : {};
    await look(60);
    gitea.faults.rates = {};
    if (step % (EACH_LOOK * EACH_REST) !== 0) continue;
    // Nothing begins any more, what runs is carried out, and then comes a reconcile.
    await pause(shift, true);
    await look(60);
    await look(700);
    await look(60);
    await pause(shift, false);
    rests += 1;
    for (const each of pullsOf(shift))
      expect(["review", "rework", "ready"], `step ${step}: #${each.number} ${shift.worn(each).join()}`).toContain(
        stateRoleOf(shift.worn(each), NAMES),
      );
  }
  await shift.close();
  const ran = shift.ran();
  expect(edits).toBeGreaterThan(STEPS / 2);
  expect(ran.filter(({ role }) => role === "review").length).toBeGreaterThan(rests * 2);
  expect(pullsOf(shift)).toHaveLength(3);
  expect(shift.repo.items.filter(({ pull, labels }) => pull === null && !labels.has(docs))).toEqual([]);
});
