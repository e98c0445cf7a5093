/** The built `loopx-loop gitea` as a person runs it, killed in the middle of its story and started again. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import type { Item } from "./double/records.ts";
import type { Seen } from "./double/server.ts";
import { rig, type Rig } from "./rig.ts";
import { labelId, openService, type Service } from "./rig/service.ts";

let keeper: RealGround;
let all: Rig;
let service: Service;
let folder: string;
let turn = 0;

beforeAll(async () => {
  keeper = await realGround();
});
afterAll(() => keeper.remove());
beforeEach(async () => {
  turn += 1;
  all = await rig({ git: true });
  folder = join(keeper.folder, `process-${turn}`);
  service = openService(all, folder);
});
afterEach(async () => {
  service.end();
  await all.gitea.close();
});

describe("the service", () => {
  /** Answers as soon as an agent runs. */
  async function untilAgent(): Promise<void> {
    while (service.agents().length === 0) await service.asked(() => true);
  }
  const claims = (item: Item): number => item.entries.filter(({ body }) => body.includes("loopx-claim")).length;

  it("ends on SIGTERM with an agent that ignores it: stopped, given back and queued before the exit, and no attempt counted (DSP-3)", async () => {
    for (const name of ["hang", "stubborn"]) writeFileSync(join(folder, name), "");
    const issue = service.issue();
    const { child, ended } = service.gitea("run");
    await untilAgent();
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    expect(service.agents().map(({ pid }) => runs(pid))).toEqual([false]);
    expect(service.records()).toMatchObject([{ state: "queued", attempts: 0, last_reason: "service_stopped", claim: null, plan: [] }]);
    expect([[...issue.assignees], claims(issue)]).toEqual([[], 0]);
    const { text } = await service.gitea("status", "--item", "human/project#1").ended;
    expect(text).toMatch(
      /- state: queued, work because of bot label\n(?:.*\n)*## History\n- \S+ dispatch: [^\n]*\n(?:.*\n)*- \S+ run ended: service_stopped\n/,
    );
    // Nothing has to cool: the next start takes it up at once.
    for (const name of ["hang", "stubborn"]) rmSync(join(folder, name));
    await service.gitea("once").ended;
    expect(service.records()).toMatchObject([{ state: "running", attempts: 0 }]);
  }, 120_000);

  it("leaves its runs to the next process where it is told to, which adopts them (DSP-3, AGT-28)", async () => {
    writeFileSync(join(folder, "hang"), "");
    const issue = service.issue();
    const { child, ended } = service.gitea("run", "--leave-running");
    await untilAgent();
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(service.agents().map(({ pid }) => runs(pid))).toEqual([true]);
    expect(service.records()).toMatchObject([{ state: "running", attempts: 0 }]);
    expect(claims(issue)).toBe(1);
    // A tick that waits for nobody leaves it too.
    expect((await service.gitea("once").ended).code).toBe(0);
    rmSync(join(folder, "hang"));
    await service.gitea("once", "--wait").ended;
    expect(all.repo.items).toHaveLength(2);
    expect(new Set(service.agents().map(({ run }) => run)).size).toBe(service.agents().length);
    expect([[...issue.assignees], claims(issue)]).toEqual([[], 0]);
  }, 120_000);

  it("goes on after kill -9 at eight points of its story, makes nothing twice, and ends on SIGTERM (PSM-7, DSP-3)", async () => {
    const issue = service.issue();
    const at = (method: string, path: RegExp) => (seen: Seen) => seen.method === method && path.test(seen.path);
    const killedAt = async (reached: () => Promise<unknown>): Promise<void> => {
      const { child, ended } = service.gitea("run");
      await reached();
      child.kill("SIGKILL");
      await ended;
    };
    const hang = join(folder, "hang");
    writeFileSync(hang, "");
    writeFileSync(join(folder, "kind"), "");
    // Before the claim, after its comment, after assigning.
    await killedAt(() => service.asked(at("GET", /\/issues\/1\/comments/)));
    await killedAt(() => service.asked(at("POST", /\/issues\/1\/comments$/)));
    await killedAt(() => service.asked(at("PATCH", /\/issues\/1$/)));
    // After the start, and in the middle of a run that was adopted.
    await killedAt(untilAgent);
    await killedAt(() => service.asked(() => true));
    rmSync(hang);
    // With the push, with the pull, before its label.
    await killedAt(() => service.asked(at("POST", /git-receive-pack$/)));
    await killedAt(() => service.asked(at("POST", /\/pulls$/)));
    await killedAt(() => service.asked(at("POST", /\/issues\/2\/labels$/)));
    const ready = labelId(all, "merge-ready");
    const { child, ended } = service.gitea("run");
    const isOver = (): boolean => {
      const [, made] = all.repo.items;
      return made !== undefined && made.labels.has(ready) && !made.entries.some(({ body }) => body.includes("loopx-claim"));
    };
    while (!isOver()) await service.asked(() => true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    expect(service.agents().map(({ role }) => role)).toEqual(["worker", "reviewer"]);
    const [, pull, ...more] = all.repo.items;
    expect(more).toEqual([]);
    expect([...(pull?.assignees ?? [])]).toContain("human");
    const started = service.agents().map(({ run }) => run);
    expect(new Set(started).size).toBe(started.length);
    const marks = [...issue.entries, ...(pull?.entries ?? [])].flatMap(
      ({ body }) => /<!-- (loopx-summary [^>]*) -->/.exec(body)?.[1] ?? [],
    );
    expect(new Set(marks).size).toBe(marks.length);
  }, 120_000);

  it("drains: what runs goes on, nothing else begins, and it says when all is still; `resume` takes up the rest (DSP-1)", async () => {
    writeFileSync(join(folder, "hang"), "");
    writeFileSync(join(folder, "kind"), "");
    service.issue();
    const { child, ended } = service.gitea("run");
    await untilAgent();
    const early = await service.gitea("drain", "--timeout", "1", "--json").ended;
    expect([early.code, JSON.parse(early.text)]).toMatchObject([1, { drained: false, still_moving: 1 }]);
    service.issue();
    const drained = service.gitea("drain", "--json").ended;
    rmSync(join(folder, "hang"));
    const late = await drained;
    expect([late.code, JSON.parse(late.text)]).toMatchObject([0, { drained: true, still_moving: 0 }]);
    // The pull of the first one waits for its review, the second issue for its work.
    expect(service.agents().map(({ role }) => role)).toEqual(["worker"]);
    expect((await service.gitea("resume").ended).code).toBe(0);
    while (service.agents().length < 3) await service.asked(() => true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  }, 120_000);

  it("refuses a state directory that another one has, with exit code 3, and a template with a token, with 2 (DSP-1, DSP-31, DSP-48)", async () => {
    const first = service.gitea("run");
    await service.asked(() => true);
    const second = await service.gitea("run").ended;
    expect(second.code).toBe(3);
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(0);
    for (const name of ["handle-gitea-notifications", "work-on-a-gitea-issue-or-pr"]) {
      mkdirSync(join(folder, ".openclaw/workspace/taskprompts"), { recursive: true });
      writeFileSync(join(folder, `.openclaw/workspace/taskprompts/how-to-${name}.md`), "one\n{{gitea_token}}\n");
    }
    const refused = await service.gitea("once").ended;
    expect(refused.code).toBe(2);
    expect(refused.text).toMatch(/how-to-handle-gitea-notifications\.md:2: \{\{gitea_token\}\} is refused/);
  }, 60_000);
});
