import { describe, expect, it } from "vitest";
import { openYard, REPO } from "./rig/yard.ts";

describe("the story of an issue", () => {
  it("goes worker, reviewer, worker, reviewer, and waits for its person with one state label (PSM-10 to PSM-13, DSP-55)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Add a test", { body: "Please." });
    server.label(issue, "carl", "bot");
    let reviews = 0;
    runs.answers = ({ role }) => {
      if (role === "worker") return { outcome: "done" };
      reviews += 1;
      return { outcome: reviews === 1 ? "fail" : "pass" };
    };
    await yard.ticks(12, 130);
    const pull = server.issue(REPO, 2);
    expect(runs.started.map(({ role }) => role)).toEqual(["worker", "reviewer", "worker", "reviewer"]);
    expect(pull.labels).toEqual(["merge-ready"]);
    expect(pull.assignees).toEqual(["hana"]);
    expect(pull.body).toContain("closes #1");
    expect(yard.dispatcher.board.get({ repo: REPO, number: 2 })).toMatchObject({ attempts: 0, round: 2, conflicts: 0 });
    expect(issue.labels).toEqual([]);
    expect(issue.assignees).toEqual([]);
    expect([...issue.comments, ...pull.comments].filter(({ body }) => body.includes("loopx-claim"))).toEqual([]);
  });
});
