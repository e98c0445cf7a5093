/** What agents leave behind, good and bad, over HTTP, git remotes and processes: section 13 of the dispatcher's requirements. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpSync, rmSync } from "node:fs";
import { addLabels } from "./double/items.ts";
import { openPull } from "./double/pulls.ts";
import type { Item, Repo } from "./double/records.ts";
import { addRepo, addUser, collaborate } from "./double/world.ts";
import { newRepo, openShift, startWorks, told, type Shift, type Works } from "./rig/works.ts";

let works: Works;
let shift: Shift;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const branches = ({ repo }: Shift): readonly string[] => works.gitea.world.git?.branches(repo.git_dir ?? "") ?? [];

describe("what a worker leaves", () => {
  it("is refused with every rule it breaks, tried once more, and then a person's; nothing of it is pushed (DSP-57)", async () => {
    const key = ["ghp", "a1B2".repeat(9)].join("_");
    const bad = [
      "mkdir -p .gitea/workflows .GitHub/Workflows docs inner",
      "echo 'on: push' > .gitea/workflows/ci.yaml; echo 'on: push' > .GitHub/Workflows/ci.yml",
      "echo '* @eve' > docs/CODEOWNERS; echo x > .gitmodules",
      "ln -s /etc/passwd secrets; ln -s ../../outside docs/up",
      "head -c 6291456 /dev/zero > big.bin",
      `echo '${key}' > settings.ini`,
      "git -C inner init -q; git -C inner -c user.name=x -c user.email=x@x commit -q --allow-empty -m x",
      `say '"outcome":"done"'`,
    ].join("\n");
    shift = await openShift(works, { name: "refused", laid: { Bad: { work: bad } } });
    const issue = shift.issue("Bad");
    await shift.through();
    expect(shift.held(issue)).toMatchObject({ state: "blocked_human", last_reason: "policy_violation", attempts: 1 });
    const notes = shift.held(issue)?.notes ?? "";
    for (const rule of [
      "workflow: .gitea/",
      "workflow: .GitHub/",
      "codeowners: docs/CODEOWNERS",
      "submodule: .gitmodules",
      "submodule: inner",
    ])
      expect(notes).toContain(rule);
    for (const rule of ["symlink out of the tree: secrets", "symlink out of the tree: docs/up", "over 5 MiB: big.bin", "settings.ini"])
      expect(notes).toContain(rule);
    expect(shift.ran()).toHaveLength(2);
    expect(branches(shift)).toEqual(["main"]);
    expect([...issue.assignees]).toEqual(["human"]);
    await shift.close();
  });

  it("goes back to the worker when the gate fails or hangs, and to a person when its program is missing (DSP-55, DSP-85)", async () => {
    // The gate does what the work says; the issue of the other repository has a gate that nobody has installed.
    const gate = `[sh, -c, '. ./gate.sh']`;
    newRepo(works, "nowhere");
    const yaml = `repos: [{repo: human/gated, gate: ${gate}}, {repo: human/nowhere, gate: [no-such-gate-program, .]}]\ngate_seconds: 1\n`;
    const work = (text: string): string => `echo '${text}' > gate.sh; say '"outcome":"done"'`;
    shift = await openShift(works, {
      name: "gated",
      yaml,
      laid: { Red: { work: work("echo the gate is red; exit 1") }, Slow: { work: work("sleep 60") } },
    });
    const nowhere = works.gitea.world.repos.find(({ name }) => name === "nowhere") ?? expect.fail();
    const [red, slow, lost] = [shift.issue("Red"), shift.issue("Slow"), shift.issue("Lost", { in: nowhere })];
    await shift.ticks(1);
    await shift.now.agents.idle();
    await shift.ticks(1, 1);
    expect(shift.held(red)).toMatchObject({ state: "queued", step: "work", last_reason: "gate_failed", attempts: 1 });
    expect(shift.held(red)?.notes).toContain("the gate is red");
    expect(shift.held(slow)).toMatchObject({ state: "queued", last_reason: "gate_timeout", attempts: 1 });
    expect(shift.held(lost, nowhere)).toMatchObject({ state: "blocked_human", last_reason: "gate_missing" });
    expect([...lost.assignees]).toEqual(["human"]);
    expect(lost.entries.map(({ body }) => body).join()).toContain("no-such-gate-program");
    expect(branches(shift)).toEqual(["main"]);
    await shift.close();
    expect(told(shift).filter((key) => key.includes("gate"))).toEqual([expect.stringContaining("human/nowhere#1 gate_missing")]);
  });
});

describe("a pull that is not ours", () => {
  it("of a fork or of a branch without our prefix is only reviewed; its rework is its author's (PSM-16)", async () => {
    const fail = `say '"outcome":"fail","reviewed_sha":"'$sha'","findings":[{"severity":"major","path":"f.txt","line":1,"message":"a case is missing"}]'`;
    shift = await openShift(works, { name: "foreign", laid: { Forked: { review: fail }, Branched: { review: fail } } });
    const { gitea } = works;
    const git = gitea.world.git ?? expect.fail();
    collaborate(shift.repo, addUser(gitea.world, "carol").login, "write");
    const fork = addRepo(gitea.world, { owner: "stranger", name: "foreign" });
    rmSync(fork.git_dir ?? "", { recursive: true });
    cpSync(shift.repo.git_dir ?? "", fork.git_dir ?? "", { recursive: true });
    git.commit(fork.git_dir ?? "", "agent/1-x", { "f.txt": "1\n" });
    git.commit(shift.repo.git_dir ?? "", "feature", { "f.txt": "2\n" });
    const pull = (by: string, title: string, head: string, head_repo: Repo): Item => {
      const made = openPull(gitea.world, shift.repo, { by, title, head, base: "main", head_repo });
      git.setPullHead(shift.repo.git_dir ?? "", head_repo.git_dir ?? "", made.number, made.pull?.head_sha ?? "");
      addLabels(gitea.world, made, "human", [shift.label("bot")]);
      return made;
    };
    const forked = pull("stranger", "Forked", "agent/1-x", fork);
    const branched = pull("carol", "Branched", "feature", shift.repo);
    const heads = [forked.pull?.head_sha, branched.pull?.head_sha];
    await shift.through();
    expect(shift.ran().every(({ role }) => role === "review")).toBe(true);
    expect(new Set(shift.ran().map(({ sha }) => sha))).toEqual(new Set(heads));
    for (const each of [forked, branched]) {
      expect(shift.worn(each)).toEqual(["needs-rework"]);
      expect(each.pull?.reviews.map(({ body }) => body).join()).toContain("a case is missing");
      expect(shift.held(each)).toMatchObject({ state: "done", last_reason: "author_reworks" });
      expect(each.entries.filter(({ body }) => body.includes("loopx-claim"))).toEqual([]);
    }
    // The server lets only those be assigned who may write; the other is told of, and holds nothing up.
    expect([[...forked.assignees], [...branched.assignees]]).toEqual([[], ["carol"]]);
    expect([forked.pull?.head_sha, branched.pull?.head_sha]).toEqual(heads);
    // The author pushes: the turn is not ours before somebody says so.
    git.commit(fork.git_dir ?? "", "agent/1-x", { "f.txt": "3\n" });
    await shift.ticks(4, 200);
    expect(shift.ran()).toHaveLength(2);
    expect(gitea.journal.filter(({ path }) => path.endsWith("/foreign.git/git-receive-pack"))).toEqual([]);
    await shift.close();
    expect(told(shift)).toEqual(["human/foreign#1 assign"]);
  });
});
