/** What the store's own steps promise when any number of callers run them at once, in any order of their port calls. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import type { Documents } from "../../src/ports/documents.ts";
import type { Logs } from "../../src/ports/logs.ts";
import { keepBackup } from "../../src/store/backup.ts";
import { updateRegistryGoals } from "../../src/store/registry-update.ts";
import { appendRun } from "../../src/store/runs.ts";
import { type MemoryHost, memoryHost } from "../../src/testing/memory-host.ts";

const GOAL = "alpha" as GoalId;
const RUNS = { kind: "runs", goal_id: GOAL } as const;
const CALLERS = [0, 1, 2, 3, 4, 5, 6, 7];
const NUM_RUNS = 100;

/** Eight hosts over one ground; the scheduler decides whose call goes next. */
function callers(scheduler: fc.Scheduler): { ground: MemoryHost; each: MemoryHost[] } {
  const ground = memoryHost();
  const each = CALLERS.map((n) => {
    const host = ground.reopen();
    const turn = async <T>(call: () => Promise<T>) => {
      await scheduler.schedule(Promise.resolve(), `caller ${n}`);
      return call();
    };
    const documents: Documents = {
      ...host.documents,
      update: (key, edit, options) => turn(() => host.documents.update(key, edit, options)),
    };
    const logs: Logs = {
      ...host.logs,
      append: (key, record, options) => turn(() => host.logs.append(key, record, options)),
      tail: (key, options) => turn(() => host.logs.tail(key, options)),
    };
    return { ...host, documents, logs };
  });
  return { ground, each };
}

/** Runs the work of all eight under a random schedule, and gives what each answered. */
async function together<T>(
  scheduler: fc.Scheduler,
  each: readonly MemoryHost[],
  work: (host: MemoryHost, n: number) => Promise<T>,
): Promise<T[]> {
  const all = Promise.all(each.map(work));
  await scheduler.waitFor(all);
  return all;
}

describe("eight callers at once, in any order", () => {
  it("record eight runs of one instant under eight stems, with all their artifacts (FIL-62, FIL-122)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { ground, each } = callers(scheduler);
        const outcomes = await together(scheduler, each, (host) =>
          appendRun(host, {
            goal_id: GOAL,
            kind: "run",
            now: host.clock.moment(),
            classification: "c",
            recommended_action: "r",
            health_check: "h",
            fields: {},
          }),
        );
        const paths = outcomes.map((outcome) => (outcome.kind === "appended" ? outcome.json_path : outcome.kind));
        expect(new Set(paths).size).toBe(CALLERS.length);
        for (const path of paths) expect([ground.textOf(path), ground.textOf(path.replace(/json$/, "md"))]).not.toContain(null);
        const page = await ground.logs.tail(RUNS, { limit: 20 });
        const stored =
          page.kind === "page"
            ? page.entries.map((entry) => (entry.kind === "record" ? (entry.record["json_path"] as string) : entry.kind))
            : [];
        expect(stored.toSorted()).toEqual(paths.toSorted());
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("never append more than was free when they decide from the log and append with its head (REL-46)", async () => {
    const FREE = 3;
    const spend = async (host: MemoryHost, n: number): Promise<string> => {
      for (let attempt = 0; attempt <= CALLERS.length; attempt += 1) {
        const page = await host.logs.tail(RUNS, { limit: FREE });
        if (page.kind !== "page" || page.entries.length === FREE) return "refused";
        const outcome = await host.logs.append(RUNS, { id: `${n}`, goal_id: GOAL }, { expected_head: page.head });
        if (outcome.kind !== "conflict") return outcome.kind;
      }
      return "gave up";
    };
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { each } = callers(scheduler);
        const outcomes = await together(scheduler, each, spend);
        expect(outcomes.toSorted()).toEqual(["appended", "appended", "appended", "refused", "refused", "refused", "refused", "refused"]);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("register eight goals, and every one is there (FIL-121)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { ground, each } = callers(scheduler);
        const outcomes = await together(scheduler, each, (host, n) =>
          updateRegistryGoals(host.documents, {
            key: { kind: "registry" },
            file: "registry.json",
            now: host.clock.moment(),
            common_runtime_root: "/srv/runtime",
            decide: () => ({ edits: [{ kind: "put", goal_id: `goal-${n}`, entry: { id: `goal-${n}` } }], value: n }),
          }),
        );
        expect(outcomes.map((outcome) => outcome.kind)).toEqual(CALLERS.map(() => "written"));
        const { goals } = JSON.parse(ground.textOf({ kind: "registry" }) ?? "") as { goals: { id: string }[] };
        expect(goals.map(({ id }) => id).toSorted()).toEqual(CALLERS.map((n) => `goal-${n}`));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("keep eight backups of one second, none over another", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { ground, each } = callers(scheduler);
        ground.plant({ kind: "registry" }, '{"goals":[]}\n');
        const place = { folder: "_registry", now: ground.clock.moment(), name: "registry.json" };
        const copies = await together(scheduler, each, (host) =>
          keepBackup(host.documents, { kind: "registry" }, place, host.places.runtime_root),
        );
        const paths = copies.map((copy) => copy?.path ?? "");
        expect(new Set(paths).size).toBe(CALLERS.length);
        for (const path of paths) expect(ground.textOf(path)).toBe('{"goals":[]}\n');
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
