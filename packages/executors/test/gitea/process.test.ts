/** The built `loopx-loop gitea` as a person runs it, killed in the middle of its story and started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { addLabels, openIssue } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import type { Seen } from "./double/server.ts";
import { rig, type Rig } from "./rig.ts";

const BIN = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));
const AGENT = fileURLToPath(new URL("./rig/agent.mjs", import.meta.url));

let keeper: RealGround;
let all: Rig;
let folder: string;
let children: ChildProcess[];
let turn = 0;

beforeAll(async () => {
  keeper = await realGround();
});
afterAll(() => keeper.remove());
beforeEach(async () => {
  turn += 1;
  all = await rig({ git: true });
  children = [];
  folder = join(keeper.folder, `process-${turn}`);
  mkdirSync(join(folder, ".loopx"), { recursive: true, mode: 0o700 });
  const command = JSON.stringify([process.execPath, AGENT, folder]);
  writeFileSync(
    join(folder, ".loopx/gitea.yaml"),
    `repos: [human/project]\nhuman: human\nrunner: command\ncommand: ${command}\ngate: []\nspawn_delay_seconds: 0\n`,
  );
  writeFileSync(join(folder, "token"), `${all.token}\n`, { mode: 0o600 });
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await all.gitea.close();
});

function gitea(...words: readonly string[]): {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; text: string }>;
} {
  const quick = { POLL_DELAY: "1", COOLDOWN: "0", BOT_SCAN_INTERVAL: "1", RECONCILE_INTERVAL: "2" };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    LOOPX_RUNTIME_ROOT: join(folder, "runtime"),
    GITEA_URL: all.gitea.url,
    GITEA_TOKEN_FILE: join(folder, "token"),
  };
  const child = spawn(process.execPath, [BIN, "gitea", ...words], {
    cwd: folder,
    env: { ...env, ...quick },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
  return { child, ended: once(child, "close").then(([code]) => ({ code: code as number | null, text })) };
}

/** Answers with the first request of which this holds, from now on. */
function asked(holds: (seen: Seen) => boolean): Promise<Seen> {
  const { journal } = all.gitea;
  return new Promise((resolve) => {
    const push = journal.push.bind(journal);
    journal.push = (...seen) => {
      const found = seen.find(holds);
      if (found !== undefined) {
        journal.push = push;
        resolve(found);
      }
      return push(...seen);
    };
  });
}

describe("the service", () => {
  /** An agent of an issue with `bot` runs, and this is its service. */
  async function withAgent() {
    const { world } = all.gitea;
    const issue = openIssue(world, all.repo, { by: "human", title: "Add the work", body: "Please." });
    addLabels(world, issue, "human", [all.repo.labels[0]?.id ?? 0]);
    return issue;
  }
  const agentLines = (): readonly { readonly run: string; readonly pid: number; readonly role: string }[] =>
    existsSync(join(folder, "agents.jsonl"))
      ? readFileSync(join(folder, "agents.jsonl"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as { run: string; pid: number; role: string })
      : [];
  async function untilAgent(): Promise<void> {
    while (agentLines().length === 0) await asked(() => true);
  }
  const records = (): readonly object[] => {
    const root = join(folder, "runtime/executors/gitea");
    const items = join(root, readdirSync(root)[0] ?? "", "items");
    return readdirSync(items).map((name) => JSON.parse(readFileSync(join(items, name), "utf8")) as object);
  };
  const claims = (item: Item): number => item.entries.filter(({ body }) => body.includes("loopx-claim")).length;

  it("ends on SIGTERM with an agent that ignores it: stopped, given back and queued before the exit, and no attempt counted (DSP-3)", async () => {
    for (const name of ["hang", "stubborn"]) writeFileSync(join(folder, name), "");
    const issue = await withAgent();
    const { child, ended } = gitea("run");
    await untilAgent();
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    expect(agentLines().map(({ pid }) => runs(pid))).toEqual([false]);
    expect(records()).toMatchObject([{ state: "queued", attempts: 0, last_reason: "service_stopped", claim: null, plan: [] }]);
    expect([[...issue.assignees], claims(issue)]).toEqual([[], 0]);
    const { text } = await gitea("status", "--item", "human/project#1").ended;
    expect(text).toMatch(
      /- state: queued, work because of bot label\n(?:.*\n)*## History\n- \S+ dispatch: [^\n]*\n(?:.*\n)*- \S+ run ended: service_stopped\n/,
    );
    // Nothing has to cool: the next start takes it up at once.
    for (const name of ["hang", "stubborn"]) rmSync(join(folder, name));
    await gitea("once").ended;
    expect(records()).toMatchObject([{ state: "running", attempts: 0 }]);
  }, 120_000);

  it("leaves its runs to the next process where it is told to, which adopts them (DSP-3, AGT-28)", async () => {
    writeFileSync(join(folder, "hang"), "");
    const issue = await withAgent();
    const { child, ended } = gitea("run", "--leave-running");
    await untilAgent();
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(agentLines().map(({ pid }) => runs(pid))).toEqual([true]);
    expect(records()).toMatchObject([{ state: "running", attempts: 0 }]);
    expect(claims(issue)).toBe(1);
    // A tick that waits for nobody leaves it too.
    expect((await gitea("once").ended).code).toBe(0);
    rmSync(join(folder, "hang"));
    await gitea("once", "--wait").ended;
    expect(all.repo.items).toHaveLength(2);
    expect(new Set(agentLines().map(({ run }) => run)).size).toBe(agentLines().length);
    expect([[...issue.assignees], claims(issue)]).toEqual([[], 0]);
  }, 120_000);

  it("goes on after kill -9 at eight points of its story, makes nothing twice, and ends on SIGTERM (PSM-7, DSP-3)", async () => {
    const issue = await withAgent();
    const at = (method: string, path: RegExp) => (seen: Seen) => seen.method === method && path.test(seen.path);
    const killedAt = async (reached: () => Promise<unknown>): Promise<void> => {
      const { child, ended } = gitea("run");
      await reached();
      child.kill("SIGKILL");
      await ended;
    };
    const hang = join(folder, "hang");
    writeFileSync(hang, "");
    writeFileSync(join(folder, "kind"), "");
    // Before the claim, after its comment, after assigning.
    await killedAt(() => asked(at("GET", /\/issues\/1\/comments/)));
    await killedAt(() => asked(at("POST", /\/issues\/1\/comments$/)));
    await killedAt(() => asked(at("PATCH", /\/issues\/1$/)));
    // After the start, and in the middle of a run that was adopted.
    await killedAt(untilAgent);
    await killedAt(() => asked(() => true));
    rmSync(hang);
    // With the push, with the pull, before its label.
    await killedAt(() => asked(at("POST", /git-receive-pack$/)));
    await killedAt(() => asked(at("POST", /\/pulls$/)));
    await killedAt(() => asked(at("POST", /\/issues\/2\/labels$/)));
    const ready = all.repo.labels.find(({ name }) => name === "merge-ready")?.id ?? 0;
    const { child, ended } = gitea("run");
    const isOver = (): boolean => {
      const [, made] = all.repo.items;
      return made !== undefined && made.labels.has(ready) && !made.entries.some(({ body }) => body.includes("loopx-claim"));
    };
    while (!isOver()) await asked(() => true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    expect(agentLines().map(({ role }) => role)).toEqual(["worker", "reviewer"]);
    const [, pull, ...more] = all.repo.items;
    expect(more).toEqual([]);
    expect([...(pull?.assignees ?? [])]).toContain("human");
    const lines = readFileSync(join(folder, "agents.jsonl"), "utf8").trim().split("\n");
    const started = lines.map((line) => (JSON.parse(line) as { run: string }).run);
    expect(new Set(started).size).toBe(started.length);
    const marks = [...issue.entries, ...(pull?.entries ?? [])].flatMap(
      ({ body }) => /<!-- (loopx-summary [^>]*) -->/.exec(body)?.[1] ?? [],
    );
    expect(new Set(marks).size).toBe(marks.length);
  }, 120_000);

  it("refuses a state directory that another one has, with exit code 3, and a template with a token, with 2 (DSP-1, DSP-31, DSP-48)", async () => {
    const first = gitea("run");
    await asked(() => true);
    const second = await gitea("run").ended;
    expect(second.code).toBe(3);
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(0);
    for (const name of ["handle-gitea-notifications", "work-on-a-gitea-issue-or-pr"]) {
      mkdirSync(join(folder, ".openclaw/workspace/taskprompts"), { recursive: true });
      writeFileSync(join(folder, `.openclaw/workspace/taskprompts/how-to-${name}.md`), "one\n{{gitea_token}}\n");
    }
    const refused = await gitea("once").ended;
    expect(refused.code).toBe(2);
    expect(refused.text).toMatch(/how-to-handle-gitea-notifications\.md:2: \{\{gitea_token\}\} is refused/);
  }, 60_000);
});
