/** More work than may be done at a time, with the server over HTTP, git remotes and processes: who waits, who is next, and who lives. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { configureGoal, connect } from "@loopx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run as pause } from "../../src/commands/gitea-pause.ts";
import { run as resume } from "../../src/commands/gitea-resume.ts";
import { giteaPlace } from "../../src/drivers/gitea/place.ts";
import { addLabels } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import { addLabel } from "./double/world.ts";
import { openShift, startWorks, type Shift, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const missing = undefined as never;
const NO_WORDS = { input: {}, row: missing, words: missing, host: missing };

describe("60 items with the label", () => {
  let shift: Shift;
  let items: readonly Item[];
  const config = (): string => join(shift.folder, ".loopx/gitea.yaml");
  const reasons = (): ReadonlySet<string> => new Set(shift.now.dispatcher.board.all().map(({ last_reason }) => last_reason));
  const lives = (): number => shift.now.dispatcher.board.all().filter(({ state }) => state === "running").length;
  const touched = (): readonly string[] => works.asked().filter((line) => !line.startsWith("GET ") && line.includes("/many/"));

  it("wait as long as there is a pause, their goal may not run, or nobody can count the agents, in this order (DSP-1, DSP-7, DSP-35, DSP-36, DSP-99)", async () => {
    const gateway = join(works.keeper.folder, "gateway");
    mkdirSync(gateway);
    writeFileSync(join(gateway, "openclaw"), `#!/bin/sh\n[ -f "${gateway}/up" ] && echo '{"jobs":[]}'\n`, { mode: 0o755 });
    const work = `echo "begin $item" >> "$box/diary"; : < "$box/gate"; say '"outcome":"noop"'; echo "end $item" >> "$box/diary"`;
    shift = await openShift(works, {
      name: "many",
      env: { OPENCLAW_BIN: join(gateway, "openclaw") },
      yaml: "repos: [{repo: human/many, goal_id: parser}]\nmax_agents: 3\nreviewer_runner: openclaw\n",
      laid: { Item: { work } },
    });
    await pause({ ...shift.call(), ...NO_WORDS });
    const { host } = giteaPlace(shift.call(), {});
    await connect(host, { cwd: shift.folder, project: ".", goal_id: "parser", objective: "Parse" });
    await configureGoal(host, { goal_id: "parser", quota_compute: 0 });
    items = Array.from({ length: 60 }, () => shift.issue("Item"));
    works.gitea.journal.length = 0;
    await shift.ticks(2);
    expect([shift.now.dispatcher.board.all().length, reasons()]).toEqual([60, new Set(["paused"])]);
    // What is urgent by the time it can begin is the first, however late it came and however late it was said.
    const urgent = items.at(-1) ?? expect.fail();
    addLabels(works.gitea.world, urgent, "human", [addLabel(works.gitea.world, shift.repo, { name: "priority/high" }).id]);
    await resume({ ...shift.call(), ...NO_WORDS });
    await shift.ticks(1);
    expect(reasons()).toEqual(new Set(["goal_not_runnable"]));
    await configureGoal(host, { goal_id: "parser", quota_compute: 1 });
    await shift.ticks(1);
    expect(reasons()).toEqual(new Set(["waiting_capacity"]));
    expect([shift.ran(), touched()]).toEqual([[], []]);
    writeFileSync(join(gateway, "up"), "");
    writeFileSync(
      config(),
      readFileSync(config(), "utf8")
        .replace(/^repos:.*$/m, "repos: [human/many]")
        .replace(/^reviewer_runner:.*$/m, ""),
    );
  });

  it("are all done, the urgent one and then the oldest first, and never more than three at a time, by what the agents wrote (DSP-33, DSP-36, DSP-95, DSP-99)", async () => {
    const diary = join(shift.folder, "diary");
    const gate = join(shift.folder, "gate");
    writeFileSync(diary, "");
    execFileSync("mkfifo", [gate]);
    const written = (): readonly (readonly [string, string])[] =>
      readFileSync(diary, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]);
    const begun = (): readonly string[] => written().flatMap(([word, item]) => (word === "begin" ? [item] : []));
    const order = [60, ...items.slice(0, -1).map(({ number }) => number)].map((number) => `human/many#${number}`);
    for (let round = 1; round <= 20; round += 1) {
      // Whoever has begun waits at the gate, so all three live at a time.
      for (let ticks = 0; ticks < 10 && lives() < 3; ticks += 1) await shift.ticks(1, 1);
      await until(diary, () => begun().length >= 3 * round);
      if (round === 1) await shift.ticks(3);
      expect(begun().toSorted(byNumber)).toEqual(order.slice(0, 3 * round).toSorted(byNumber));
      const opened = await open(gate, "w");
      await shift.now.agents.idle();
      await opened.close();
      await shift.ticks(1, 1);
    }
    let live = 0;
    const counts = written().map(([word]) => (live += word === "begin" ? 1 : -1));
    expect([Math.max(...counts), counts.at(-1), counts.length]).toEqual([3, 0, 120]);
    await shift.through();
    for (const item of items) {
      expect(shift.held(item)).toMatchObject({ state: "cooling", last_reason: "noop", attempts: 1 });
      expect([[...item.assignees], item.entries.filter(({ type }) => type === "comment")]).toEqual([[], []]);
    }
    await shift.close();
  });
});

const byNumber = (one: string, other: string): number => Number(one.split("#")[1]) - Number(other.split("#")[1]);

/** Waits for others to write into the file until this holds. */
async function until(file: string, holds: () => boolean): Promise<void> {
  const watcher = watch(file);
  try {
    while (!holds()) await new Promise((resolve) => watcher.once("change", resolve));
  } finally {
    watcher.close();
  }
}
