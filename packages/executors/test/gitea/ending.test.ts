/**
 * A service that was told to end: what had begun is finished, what was claimed is given back, and nothing makes it wait for
 * ever (DSP-3). The acceptance with signals and processes is in process.test.ts; here are the moments that no signal hits.
 */
import { describe, expect, it } from "vitest";
import { endService } from "../../src/gitea/service.ts";
import { openYard, REPO, type Yard } from "./rig/yard.ts";

const idle = async (): Promise<void> => undefined;

async function labelled(): Promise<Yard> {
  const yard = await openYard();
  yard.server.label(yard.server.open(REPO, "carl", "Item"), "carl", "bot");
  return yard;
}

describe("a dispatcher that ends", () => {
  it("within a claim gives it back and starts nothing; the next one begins at once", async () => {
    const yard = await labelled();
    const { server, runs, dispatcher } = yard;
    const issue = server.issue(REPO, 1);
    yard.advance(15);
    // The claim goes on beside the tick.
    await dispatcher.tick();
    await dispatcher.close(false, idle);
    expect(runs.started).toEqual([]);
    expect(dispatcher.board.all()).toMatchObject([{ state: "queued", last_reason: "service_stopped", attempts: 0, claim: null }]);
    expect([issue.assignees, issue.comments]).toEqual([[], []]);
    await dispatcher.tick({ all: true });
    expect(runs.started).toEqual([]);
    await yard.reopen();
    await yard.ticks(1);
    expect(runs.started).toHaveLength(1);
  });

  it("with a live run stops it and queues its item, without an attempt; where it leaves it, the claim stays", async () => {
    const left = await labelled();
    await left.ticks(1);
    await left.dispatcher.close(true, idle);
    expect([await left.runs.live(), left.dispatcher.board.all()]).toMatchObject([{ length: 1 }, [{ state: "running" }]]);
    const yard = await labelled();
    await yard.ticks(1);
    await yard.dispatcher.close(false, idle);
    expect([await yard.runs.live(), yard.dispatcher.board.all()]).toMatchObject([
      [],
      [{ state: "queued", last_reason: "service_stopped", attempts: 0 }],
    ]);
    expect([yard.server.issue(REPO, 1).assignees, yard.server.issue(REPO, 1).comments]).toEqual([[], []]);
    await yard.reopen();
    await yard.ticks(1);
    expect(yard.runs.started).toHaveLength(2);
  });

  it("between two effects of a finished work rests, and the next one goes on there: one pull, one summary", async () => {
    const yard = await labelled();
    const { server, runs } = yard;
    runs.answers = ({ role }) => ({ outcome: role === "worker" ? "done" : "pass" });
    await yard.ticks(1);
    yard.advance(15);
    await yard.dispatcher.tick();
    await yard.dispatcher.close(false, idle);
    expect(yard.dispatcher.board.all()).toMatchObject([{ state: "applying", last_reason: "done" }]);
    expect(server.issues).toHaveLength(1);
    await yard.reopen();
    await yard.ticks(6, 65);
    expect(server.issues).toHaveLength(2);
    expect(server.issue(REPO, 2).labels).toEqual(["merge-ready"]);
    const bodies = server.issues.flatMap(({ comments }) => comments.map(({ body }) => body));
    expect(bodies.filter((body) => body.includes(`loopx-summary ${REPO}#1 work`))).toHaveLength(1);
  });

  it("waits so long and no longer for what does not come, then cuts it off", async () => {
    const { dispatcher } = await labelled();
    const waits: number[] = [];
    let cut = 0;
    const never = new Promise<void>(() => undefined);
    // The limit comes at once.
    const within = async (ms: number): Promise<null> => {
      waits.push(ms);
      return null;
    };
    await endService({ dispatcher, timing: { within }, leave_running: false, idle: () => never, last: never, cut: () => (cut += 1) });
    expect([waits, cut]).toEqual([[12_000], 1]);
  });
});
