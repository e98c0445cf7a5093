/** `doctor` against the double and a machine of the test's own making (DSP-85). */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../src/commands/gitea-doctor.ts";
import { giteaForge } from "../../src/drivers/gitea/forge.ts";
import type { Check } from "../../src/doctor/check.ts";
import { serverChecks, type DoctorGround } from "../../src/gitea/doctor.ts";
import { addOrganisationLabel, addRepo, addToken, addUser, collaborate } from "./double/world.ts";
import { startGitea, type DoubleOptions } from "./double/server.ts";
import { configOf } from "./rig/yard.ts";
import { LABELS, rig, type Rig } from "./rig.ts";
import { ioAt } from "../rig/io.ts";

let all: Rig;
const folders: string[] = [];
afterEach(async () => {
  await all.gitea.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const YAML = "repos: [{repo: human/project, goal_id: goal}]\nhuman: human\n";

async function looked(
  options: DoubleOptions & { yaml?: string; prepare?: (all: Rig) => void; over?: (all: Rig) => Partial<DoctorGround> } = {},
) {
  all = await rig(options);
  options.prepare?.(all);
  const config = configOf(options.yaml ?? YAML, { GITEA_URL: all.gitea.url });
  const ground = { config, forge: all.forge, reviewer: all.as("stranger"), create: false, ...options.over?.(all) };
  return serverChecks(ground);
}

const bad = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ level }) => level !== "ok").map(({ check, level, repo = "", detail }) => `${level} ${check} ${repo}: ${detail}`);

describe("what a server shows", () => {
  test("of a place where all is well is fine, by GETs alone", async () => {
    const checks = await looked({ profile: "current" });
    expect(bad(checks)).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual(["server", "token", "scope", "reviewer", "access", "labels"]);
    expect(all.asked().filter((line) => !line.startsWith("GET "))).toEqual([]);
  });

  test("of labels that are missing names them; they are made when that is wished, once, in their colours", async () => {
    const prepare = ({ repo }: Rig): void => void repo.labels.splice(1, 2);
    const checks = await looked({ prepare });
    expect(bad(checks)).toEqual(["fault label_missing human/project: needs-review", "fault label_missing human/project: needs-rework"]);
    await all.gitea.close();
    const made = await looked({ prepare, over: () => ({ create: true }) });
    expect(bad(made)).toEqual([]);
    expect(all.repo.labels.map(({ name, color }) => [name, color]).slice(2)).toEqual([
      ["needs-review", "fbca04"],
      ["needs-rework", "5319e7"],
    ]);
    expect(all.asked().filter((line) => line.startsWith("POST "))).toHaveLength(2);
  });

  test("of an organisation's own label, an archived repository, no gate and no goal is a warning (DSP-7, DSP-S12)", async () => {
    const checks = await looked({
      profile: "current",
      yaml: "repos: [acme/*]\nhuman: human\ngate: []\n",
      prepare: ({ gitea: { world } }) => {
        addUser(world, "acme", true);
        const repo = addRepo(world, { owner: "acme", name: "tools", collaborators: { clawbot: "write", human: "write" }, labels: LABELS });
        addOrganisationLabel(world, "acme", { name: "bot" });
        expect(repo.archived).toBe(false);
      },
    });
    expect(bad(checks)).toEqual([
      "warning goal acme/tools: it has no goal: only the dispatcher's own limits hold",
      "warning gate acme/tools: it has no gate: nothing is run before a pull is made",
      "warning organisation_label acme/tools: acme has a label bot of its own: on an item it looks the same and is not",
    ]);
  });

  test("of rights that are missing is a fault: the bot's, its person's, the reviewer's, a repository that is not there", async () => {
    const checks = await looked({
      yaml: "repos: [{repo: human/project, goal_id: g}, {repo: human/none, goal_id: g}]\nhuman: stranger\n",
      prepare: ({ repo }) => collaborate(repo, "clawbot", "read"),
      over: ({ forge }) => ({ reviewer: forge }),
    });
    expect(bad(checks)).toEqual([
      "fault reviewer : it is clawbot as well: the server refuses to let it approve its own pulls",
      "fault access human/project: the bot may not write there",
      "fault human human/project: stranger may not write there, so cannot be assigned",
      "fault repository human/none: The target couldn't be found.",
    ]);
  });

  test("of a token that is worth nothing, is another's, or lacks a scope says so, and never shows it", async () => {
    const none = await looked({ over: ({ account }) => ({ forge: giteaForge({ ...account, token: "0".repeat(40) }) }) });
    expect(bad(none)).toEqual(["fault token : the server refuses it: token is required"]);
    await all.gitea.close();
    const other = await looked({ over: () => ({ forge: all.as("stranger"), reviewer: null }) });
    expect(bad(other).slice(0, 2)).toEqual([
      "fault bot : the token is stranger's, not clawbot's",
      "warning reviewer : there is no second account: reviews are comments, not approvals",
    ]);
    await all.gitea.close();
    const scopes = ["write:issue", "write:repository"];
    const narrow = await looked({
      profile: "current",
      over: ({ account, gitea }) => ({ forge: giteaForge({ ...account, token: addToken(gitea.world, "clawbot", scopes) }) }),
    });
    expect(bad(narrow)).toEqual([
      "warning token : whose it is cannot be asked: token does not have at least one of required scope(s): [read:user]",
      "fault scope : notification: token does not have at least one of required scope(s): [read:notification]",
    ]);
    expect(JSON.stringify([none, other, narrow])).not.toContain(all.token);
  });

  test("of nobody there, of a clock that is wrong, and of an error is told, never passed over (DSP-91)", async () => {
    const { url, close } = await startGitea();
    await close();
    const away = await looked({ over: ({ account }) => ({ forge: giteaForge({ ...account, url }) }) });
    expect(bad(away)).toEqual(["fault server : it does not answer: no answer (ECONNREFUSED)"]);
    await all.gitea.close();
    const late = await looked({ over: ({ account }) => ({ forge: giteaForge({ ...account, now: () => Date.now() - 600_000 }) }) });
    expect(bad(late).map((line) => line.replace(/\d+ s/, "N s"))).toEqual(["warning clock : its clock is N s ahead"]);
    await all.gitea.close();
    const broken = await looked({ prepare: ({ gitea: { faults } }) => Array.from({ length: 4 }, () => faults.next("500", /labels/)) });
    expect(bad(broken)).toEqual(["fault scope human/project: issue: database is locked"]);
  });
});

describe("the command", () => {
  test("tells what this machine lacks, and answers 1 for a fault", async () => {
    all = await rig();
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-doctor-")));
    folders.push(folder);
    mkdirSync(join(folder, ".loopx"));
    mkdirSync(join(folder, "state"));
    chmodSync(join(folder, "state"), 0o755);
    const yaml = "repos: [{repo: human/project, goal_id: g}]\nhuman: human\nrunner: command\ncommand: [sh]\ngate: [no-such-gate]\n";
    writeFileSync(join(folder, ".loopx/gitea.yaml"), yaml);
    const io = ioAt({
      cwd: folder,
      env: {
        PATH: process.env["PATH"] ?? "",
        GITEA_URL: all.gitea.url,
        GITEA_TOKEN: all.token,
        LOOPX_RUNTIME_ROOT: join(folder, "runtime"),
      },
      home: folder,
    });
    const answer = await run({ io, globals: { cwd: folder }, input: { state_dir: "state" } } as Parameters<typeof run>[0]);
    expect(answer.exit_code).toBe(1);
    const { checks } = answer.payload as { checks: readonly Check[] };
    expect(bad(checks)).toEqual([
      "fault state : others may read the state directory",
      "fault gate : no-such-gate is not on this machine",
      "warning confinement : command is not confined: it may read and write whatever this user may",
      "warning reviewer : there is no second account: reviews are comments, not approvals",
    ]);
    const lines = answer.lines?.() ?? [];
    expect(lines.join("\n")).toContain("human/project: access: the bot may write");
    expect(`${JSON.stringify(answer.payload)}${lines.join("\n")}`).not.toContain(all.token);
  });
});
