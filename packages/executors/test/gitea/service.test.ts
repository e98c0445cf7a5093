/** The dispatcher over real HTTP, real git remotes and real agent processes. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Io } from "@loopx/cli/program";
import { run as once } from "../../src/commands/gitea-once.ts";
import { openGitea, type OpenedGitea } from "../../src/drivers/gitea/assemble.ts";
import { giteaPlace } from "../../src/drivers/gitea/place.ts";
import { tickOnce } from "../../src/gitea/service.ts";
import { realTiming } from "../../src/drivers/timing.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { addLabels, openIssue } from "./double/items.ts";
import { rig, type Rig } from "./rig.ts";

const AGENT = new URL("./rig/agent.mjs", import.meta.url).pathname;
const node = JSON.stringify(process.execPath);

let keeper: RealGround;
let all: Rig;
let folder: string;
let turn = 0;
let env: Record<string, string>;

beforeAll(async () => {
  keeper = await realGround();
});
afterAll(() => keeper.remove());

beforeEach(async () => {
  turn += 1;
  all = await rig({ git: true });
  folder = join(keeper.folder, `place-${turn}`);
  mkdirSync(folder, { mode: 0o700 });
  const { gitea, token } = all;
  env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    GITEA_URL: gitea.url,
    GITEA_TOKEN: token,
    LOOPX_RUNTIME_ROOT: join(folder, "runtime"),
    COOLDOWN: "0",
  };
  const yaml = `repos: [human/project]\nhuman: human\nrunner: command\ncommand: [${node}, ${JSON.stringify(AGENT)}, ${JSON.stringify(folder)}]\ngate: [sh, -c, 'grep -q work work.txt']\nspawn_delay_seconds: 0\n`;
  mkdirSync(join(folder, ".loopx"));
  writeFileSync(join(folder, ".loopx/gitea.yaml"), yaml);
});
afterEach(async () => {
  await all.gitea.close();
});

function callOf(): { readonly io: Io; readonly globals: never } {
  const io: Io = {
    version: "0.0.0",
    node: process.versions.node,
    platform: "test",
    cwd: folder,
    env,
    home: folder,
    entry: null,
    write: async () => {},
    isTerminal: () => false,
    elapsedMs: () => 0,
    takeSignals: () => () => {},
    atExit: () => {},
  };
  return { io, globals: { cwd: folder, quiet: true } as never };
}

/** Files below the folder that hold the text. */
function filesWith(root: string, text: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => {
    const file = join(root, path);
    return statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

async function opened(more: Partial<Parameters<typeof openGitea>[1]> = {}): Promise<OpenedGitea> {
  // The second in which claims settle is no time of ours.
  const timing = { ...realTiming, pause: async () => undefined };
  return openGitea(giteaPlace(callOf(), {}), {
    dry_run: false,
    wake: () => undefined,
    keeper: keeper.keeper,
    timing,
    patience: { term_grace_ms: 200, remains_ms: 20 },
    ...more,
  });
}

interface AgentLine {
  readonly role: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly prompt: string;
}

function agentLines(): readonly AgentLine[] {
  return readFileSync(join(folder, "agents.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AgentLine);
}

function issueWithBot(title = "Add the work") {
  const { world } = all.gitea;
  const issue = openIssue(world, all.repo, { by: "human", title, body: "Please do." });
  addLabels(world, issue, "human", [labelId("bot")]);
  return issue;
}

function labelId(name: string): number {
  return all.repo.labels.find((label) => label.name === name)?.id ?? 0;
}

function labelNames(ids: ReadonlySet<number>): readonly string[] {
  return all.repo.labels.filter(({ id }) => ids.has(id)).map(({ name }) => name);
}

describe("an issue labelled bot, over HTTP, git and processes", () => {
  it("becomes a reviewed pull that is assigned to its person, and no token is seen (DSP-55 to DSP-59, DSP-90, DSP-98, PSM-10 to PSM-13)", async () => {
    const issue = issueWithBot("Add {{gitea_token}} {{bot_user}}");
    const { dispatcher, ground, agents, close } = await opened();
    for (let ticks = 0; ticks < 6; ticks += 1) await tickOnce(dispatcher, ground, agents.idle);
    await close();
    expect(dispatcher.errors()).toEqual([]);
    expect(agentLines().map(({ role }) => role)).toEqual(["worker", "reviewer", "worker", "reviewer"]);
    const pull = all.repo.items[1] ?? expect.fail();
    expect(labelNames(pull.labels)).toEqual(["merge-ready"]);
    expect([...pull.assignees]).toEqual(["human"]);
    expect(labelNames(issue.labels)).toEqual([]);
    expect([...issue.assignees]).toEqual([]);
    expect(pull.body).toMatch(/closes #1$/);
    expect(pull.body).not.toMatch(/#99|@everyone|<!--/);
    const lines = agentLines();
    const { token } = all;
    for (const { argv, env: seen, prompt } of lines) {
      expect(JSON.stringify([argv, seen, prompt])).not.toContain(token);
      expect(Object.keys(seen).filter((name) => name.startsWith("GITEA_"))).toEqual([]);
    }
    expect(lines[0]?.prompt).toContain("title: Add {{gitea_token}} {{bot_user}}");
    expect(filesWith(join(folder, "runtime"), token)).toEqual([]);
    const bodies = all.gitea.journal.map(({ path, body }) => `${path} ${body}`).join("\n");
    expect(bodies).not.toContain(token);
  });

  it("makes only GET requests in a dry run, writes no file, and tells each effect (DSP-2)", async () => {
    issueWithBot();
    const before = readdirSync(folder, { recursive: true });
    all.gitea.journal.length = 0;
    const missing = undefined as never;
    const answer = await once({ ...callOf(), input: { dry_run: true }, row: missing, words: missing, host: missing });
    expect(all.gitea.journal.map(({ method }) => method).filter((method) => method !== "GET")).toEqual([]);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
    expect(answer.payload).toMatchObject({ applied: false, errors: [] });
    const { effects } = answer.payload as { effects: readonly { item: string; effect: string }[] };
    expect(effects.map(({ effect }) => effect)).toEqual(["lease", "claim_comment", "claim_count", "claim_assign", "prepare", "start"]);
    expect(new Set(effects.map(({ item }) => item))).toEqual(new Set(["human/project#1"]));
  });

  it("stops an agent that hangs at its limit, frees the item and counts the attempt (DSP-47, DSP-100)", async () => {
    env = { ...env, REAP_AGE_SECONDS: "1" };
    writeFileSync(join(folder, "hang"), "");
    const issue = issueWithBot();
    const { dispatcher, ground, agents, close } = await opened();
    await tickOnce(dispatcher, ground, agents.idle);
    await close();
    expect(dispatcher.board.all()).toMatchObject([
      { state: "queued", attempts: 1, last_reason: expect.stringContaining("timeout") as string },
    ]);
    expect([...issue.assignees]).toEqual([]);
    expect(issue.entries.filter(({ body }) => body.includes("loopx-claim"))).toEqual([]);
    expect((await ground.leases.list({ executor: ground.executor })).leases.filter(({ state }) => state === "held")).toEqual([]);
    expect(await agents.live()).toEqual([]);
  });
});
