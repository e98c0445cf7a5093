/** The Gitea dispatcher with real clients: a labelled issue becomes a pull that another run has reviewed, and waits for its person. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGitea, type OpenedGitea } from "../../packages/executors/src/drivers/gitea/assemble.ts";
import { giteaPlace } from "../../packages/executors/src/drivers/gitea/place.ts";
import { realTiming } from "../../packages/executors/src/drivers/timing.ts";
import { tickOnce } from "../../packages/executors/src/gitea/service.ts";
import { addLabels, openIssue } from "../../packages/executors/test/gitea/double/items.ts";
import { rig, type Rig } from "../../packages/executors/test/gitea/rig.ts";
import { realGround, type RealGround } from "../../packages/executors/test/rig/keeper.ts";
import type { Step } from "./model-server.ts";
import { CLIENTS, story, type Story } from "./rig.ts";
import { ioAt } from "../../packages/executors/test/rig/io.ts";

const DONE: Step = { say: "done" };

let real: RealGround;
let it: Story;
let all: Rig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());

/** What an agent types to declare its result; `$` is its shell's. */
function declaring(result: object): Step {
  const text = JSON.stringify({ schema_version: "loopx_agent_result_v1", ...result }).replaceAll('"', '\\"');
  return { run: `printf '%s' "${text}" > "$LOOPX_RESULT_FILE"` };
}

async function opened(): Promise<OpenedGitea> {
  const cwd = join(it.repo.outside, "service");
  const env = { ...it.env, GITEA_URL: all.gitea.url, GITEA_TOKEN: all.token, COOLDOWN: "0" };
  const io = ioAt({
    cwd,
    env,
    home: it.env["HOME"] ?? "",
  });
  return openGitea(giteaPlace({ io, globals: { cwd, quiet: true } as never }, {}), {
    dry_run: false,
    wake: () => undefined,
    keeper: real.keeper,
    // The second in which claims settle is no time of ours.
    timing: { ...realTiming, pause: async () => undefined },
  });
}

/** The bare repository that the server has. */
const git = (...args: readonly string[]): string => all.gitea.world.git?.run(all.repo.git_dir ?? "", ...args) ?? "";
const labelId = (name: string): number => all.repo.labels.find((label) => label.name === name)?.id ?? 0;
const labelNames = (ids: ReadonlySet<number>): readonly string[] => all.repo.labels.filter(({ id }) => ids.has(id)).map(({ name }) => name);

describe.each(CLIENTS)("%s", (client) => {
  beforeEach(async () => {
    it = await story({ "README.md": "# one\n" });
    all = await rig({ git: true });
    const service = join(it.repo.outside, "service");
    mkdirSync(join(service, ".loopx"), { recursive: true });
    writeFileSync(
      join(service, ".loopx/gitea.yaml"),
      `repos: [human/project]\nhuman: human\nrunner: ${client}\ngate: [sh, -c, 'grep -q four sum.txt']\nspawn_delay_seconds: 0\n`,
    );
  });
  afterEach(async () => {
    await all.gitea.close();
    await it.remove();
  });

  test("makes a branch and a pull of an issue with `bot`; further runs ask for more, do it, and approve; a person gets it (DSP-45 to DSP-59, PSM-10 to PSM-13)", async () => {
    const issue = openIssue(all.gitea.world, all.repo, { by: "human", title: "Write the sum", body: "Two and two, in sum.txt." });
    addLabels(all.gitea.world, issue, "human", [labelId("bot")]);
    const findings = [{ severity: "major", path: "sum.txt", line: 1, message: "the word is missing" }];
    it.model.plan(
      // What a worker commits by itself is not what is pushed.
      { run: "echo four > sum.txt; git commit -qm mine --allow-empty; true" },
      declaring({
        outcome: "done",
        summary: "four",
        commit_message: "Write the sum",
        pull_request: { title: "The sum", body: "It is four." },
      }),
      DONE,
      declaring({ outcome: "fail", summary: "not yet", reviewed_sha: "$(git rev-parse HEAD)", findings }),
      DONE,
      { run: "echo 'two and two are four' > sum.txt" },
      declaring({ outcome: "done", summary: "in words", commit_message: "Say it in words" }),
      DONE,
      { run: "echo five > sum.txt" },
      declaring({ outcome: "pass", summary: "good", reviewed_sha: "$(git rev-parse HEAD)" }),
      DONE,
    );
    const { dispatcher, ground, agents, close } = await opened();
    for (let ticks = 0; ticks < 8; ticks += 1) await tickOnce(dispatcher, ground, agents.idle);
    await close();
    expect(dispatcher.errors()).toEqual([]);
    const [, pull = expect.fail(), ...more] = all.repo.items;
    expect(more).toEqual([]);
    const added = pull.entries.flatMap(({ body, label }) => (label === undefined || body !== "1" ? [] : label.name));
    expect(added.filter((name) => name !== "bot")).toEqual(["needs-review", "needs-rework", "needs-review", "merge-ready"]);
    expect(labelNames(pull.labels)).toEqual(["merge-ready"]);
    expect([...pull.assignees]).toEqual(["human"]);
    expect(pull.body).toMatch(/closes #1$/);
    expect([labelNames(issue.labels), [...issue.assignees]]).toEqual([[], []]);
    expect(dispatcher.board.get({ repo: "human/project", number: 2 })).toMatchObject({ round: 2, attempts: 0, last_reason: "merge_ready" });
    // The host made the commits, each with its run; nothing of a reviewer's edits and nothing of an agent's commits is in them.
    const log = git("log", "--format=%s|%(trailers:key=Loopx-Run,valueonly,separator=%x2C)", `main..${pull.pull?.head ?? ""}`).split("\n");
    expect(log.map((line) => line.replace(/run_[0-9a-f]{16}/, "RUN"))).toEqual(["Say it in words|RUN", "Write the sum|RUN"]);
    expect(new Set(log.map((line) => line.split("|")[1])).size).toBe(2);
    expect(git("show", `${pull.pull?.head ?? ""}:sum.txt`)).toBe("two and two are four");
    // Four runs, each with a prompt of its own, none with the token.
    const asked = it.model.requests.map(({ text }) => text).join("\n");
    expect([asked.includes("the word is missing"), asked.includes("Two and two, in sum.txt."), asked.includes(all.token)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
