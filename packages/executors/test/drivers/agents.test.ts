/** Runs of agents with real child processes that the test steers; each run ends in exactly one end (AGT-30). */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentRequest, AgentResult, ClientSettings, ProcessClient } from "../../src/drivers/agents/agent.ts";
import { findBinary } from "../../src/drivers/agents/binary.ts";
import { claude } from "../../src/drivers/agents/claude.ts";
import { codex } from "../../src/drivers/agents/codex.ts";
import { command } from "../../src/drivers/agents/command.ts";
import { readRecord } from "../../src/drivers/agents/record.ts";
import { newRunId, openRuns, PROCESS_CLIENTS, resumeAgent, runAgent, type AgentGround } from "../../src/drivers/agents/run.ts";
import { secretsOf } from "../../src/drivers/process/secrets.ts";
import { fakeCommand, runs, type FakeCommand, type Invocation } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let fake: FakeCommand;
let host: MemoryHost;
let ground: AgentGround;

beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  fake = await fakeCommand(join(real.folder, "bin"), "codex");
  host = memoryHost();
  const runs_dir = join(real.folder, "runs");
  mkdirSync(runs_dir, { recursive: true });
  mkdirSync(join(real.folder, "work"), { recursive: true });
  ground = {
    launch: real,
    documents: host.documents,
    executor: "loop-1",
    runs_dir,
    env: { ...process.env, ...OWN_SECRETS },
    secrets: secretsOf(PLANTED),
    now: () => host.clock.moment(),
    term_grace_ms: 300,
    remains_ms: 100,
  };
});
afterEach(async () => {
  await fake.remove();
  rmSync(ground.runs_dir, { recursive: true, force: true });
});

const PLANTED = ["planted-secret-1", "planted-secret-2", "planted-secret-3"] as const;
const OWN_SECRETS = Object.fromEntries(["GITEA_TOKEN", "ZULIP_API_KEY", "LOOPER_X"].map((name, at) => [name, PLANTED[at]]));
const DECLARED = JSON.stringify({ schema_version: "loopx_agent_result_v1", outcome: "done", summary: "It works." });
const COMPLETED = `${JSON.stringify({ type: "turn.completed", usage: { input_tokens: 3 } })}\n`;
const never = new AbortController().signal;

interface Begun {
  readonly request: AgentRequest;
  readonly result: Promise<AgentResult>;
  readonly agent: Invocation;
}

function requestFor(more: Partial<AgentRequest> = {}): AgentRequest {
  const run_id = newRunId();
  return {
    run_id,
    goal_id: "parser",
    workspace: join(real.folder, "work"),
    prompt: "--version\nFix it.",
    model: null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
    limits: { max_seconds: 60, silence_seconds: 60, max_output_bytes: 1_000_000 },
    run_dir: join(ground.runs_dir, run_id),
    result: "required",
    ...more,
  };
}

const settingsFor = (more: Partial<ClientSettings> = {}): ClientSettings & { client_version: string | null } => ({
  program: fake.path,
  extra_args: [],
  allow_no_git: false,
  confinement: "client",
  relay: null,
  env_allow: [],
  argv: [],
  allowed_tools: null,
  client_version: "1.0",
  ...more,
});

async function begin(client: ProcessClient = codex, more: Partial<AgentRequest> = {}, signal = never): Promise<Begun> {
  const request = requestFor(more);
  const result = runAgent(client, request, settingsFor(), ground, signal);
  return { request, result, agent: await fake.nextInvocation() };
}

const resultPath = ({ request }: Begun): string => join(request.run_dir, "result", "result.json");

describe("a run of an agent", () => {
  test.each([
    ["words like flags", "--dangerously-bypass-approvals-and-sandbox\n"],
    ["a megabyte with every kind of character", "é漢\u0001🙂\n".repeat(80_000)],
  ])("hands %s over by standard input, byte for byte (AGT-41)", async (_what, prompt) => {
    const begun = await begin(codex, { prompt });
    expect((await begun.agent.stdin()).equals(Buffer.from(prompt))).toBe(true);
    await begun.agent.exit(1);
    await begun.result;
  });

  test.each(["", "a\0b"])("is refused before it starts for the prompt %j", async (prompt) => {
    expect(await runAgent(codex, requestFor({ prompt }), settingsFor(), ground, never)).toMatchObject({
      end: "spawn_failed",
      reason: "bad_prompt",
    });
    expect(fake.calls()).toBe(0);
  });

  test("is ok when the client says so and declares a valid result", async () => {
    const begun = await begin();
    await begun.agent.stdout(COMPLETED);
    await begun.agent.write(resultPath(begun), DECLARED);
    await begun.agent.exit(0);
    expect(await begun.result).toMatchObject({
      end: "ok",
      reason: "",
      declared: { outcome: "done" },
      exit_code: 0,
      usage: { input_tokens: 3 },
      output_tail: "",
      still_alive: [],
    });
  });

  test.each<[string, AgentResult["end"], RegExp, ProcessClient, (begun: Begun) => Promise<void>]>([
    ["exit 0 in the middle of a turn", "agent_failed", /before the turn was completed/, codex, async ({ agent }) => agent.exit(0)],
    [
      "no result file",
      "no_result",
      /there is no result/,
      codex,
      async ({ agent }) => {
        await agent.stdout(COMPLETED);
        await agent.exit(0);
      },
    ],
    [
      "a result of its own making",
      "no_result",
      /outcome/,
      codex,
      async (begun) => {
        await begun.agent.write(resultPath(begun), DECLARED.replace("done", "merge"));
        await begun.agent.stdout(COMPLETED);
        await begun.agent.exit(0);
      },
    ],
    [
      "a denied tool and exit 0",
      "denied",
      /Bash/,
      claude,
      async ({ agent }) => {
        await agent.stdout(`${JSON.stringify({ type: "result", is_error: false, permission_denials: [{ tool_name: "Bash" }] })}\n`);
        await agent.exit(0);
      },
    ],
    [
      "an API error that calls itself success",
      "agent_failed",
      /400/,
      claude,
      async ({ agent }) => {
        await agent.stdout(
          `${JSON.stringify({ type: "result", subtype: "success", is_error: true, result: "API Error: 400", api_error_status: 400 })}\n`,
        );
        await agent.exit(1);
      },
    ],
    ["a signal", "agent_failed", /SIGKILL/, command, async ({ agent }) => agent.die("SIGKILL")],
  ])("with %s is %s (AGT-96)", async (_what, end, reason, client, act) => {
    const begun = await begin(client);
    await act(begun);
    expect(await begun.result).toMatchObject({ end, reason: expect.stringMatching(reason) });
  });

  test.each<[string, RegExp, (path: string) => void]>([
    ["300 KiB", /307200 bytes/, (path) => writeFileSync(path, " ".repeat(300 * 1024))],
    ["a link to a file of the system", /is a link/, (path) => symlinkSync("/etc/passwd", path)],
    ["a directory", /no regular file/, (path) => mkdirSync(path)],
  ])("whose result file is %s has no result, and its content is never shown", async (_what, reason, plant) => {
    const begun = await begin();
    plant(resultPath(begun));
    await begun.agent.stdout(COMPLETED);
    await begun.agent.exit(0);
    const result = await begun.result;
    expect(result).toMatchObject({ end: "no_result", reason: expect.stringMatching(reason), declared: null });
    expect(JSON.stringify(result)).not.toContain("root:");
  });

  test.each([
    ["its time is over", "timeout", { max_seconds: 0.05, silence_seconds: 0 }],
    ["it is silent", "stalled", { max_seconds: 60, silence_seconds: 0.1 }],
  ] as const)("ends when %s (AGT-26)", async (_what, end, limits) => {
    const request = requestFor({ limits: { ...limits, max_output_bytes: 1_000 } });
    expect(await runAgent(codex, request, settingsFor(), ground, never)).toMatchObject({ end, still_alive: [] });
    const record = await readRecord(ground, request.run_id);
    expect(runs(record?.process?.pid ?? 0)).toBe(false);
  });

  test("ends when somebody stops it, with the reason, also when it ignores SIGTERM", async () => {
    const stopping = new AbortController();
    const stopped = await begin(codex, {}, stopping.signal);
    await stopped.agent.ignore("SIGTERM");
    stopping.abort("the goal was paused");
    expect(await stopped.result).toMatchObject({ end: "stopped", reason: "the goal was paused", signal: "SIGKILL" });
    expect(runs(stopped.agent.pid)).toBe(false);
  });

  test("leaves no process behind that it put into another session (AGT-24)", async () => {
    const begun = await begin();
    await begun.agent.ignore("SIGTERM");
    const stray = await begun.agent.spawn({ session: true, pipes: true });
    await begun.agent.stdout(COMPLETED);
    await begun.agent.write(resultPath(begun), DECLARED);
    await begun.agent.exit(0);
    expect((await begun.result).end).toBe("ok");
    expect(runs(stray)).toBe(false);
  });

  test("of the tests is a real process that does each thing it is told to; no product has it as a client (AGT-71, AGT-90)", async () => {
    const begun = await begin();
    const { agent } = begun;
    await agent.ignore("SIGTERM");
    process.kill(agent.pid, "SIGTERM");
    expect(await agent.signalled()).toBe("SIGTERM");
    expect([runs(agent.pid), agent.env["LOOPX_RUN_ID"]]).toEqual([true, begun.request.run_id]);
    expect((await agent.stdin()).toString()).toBe(begun.request.prompt);
    await agent.stderr("a word\n");
    await agent.write(resultPath(begun), DECLARED);
    await agent.stdout(COMPLETED);
    await agent.exit(0);
    expect((await begun.result).end).toBe("ok");
    expect(readFileSync(join(begun.request.run_dir, "out.log"), "utf8")).toContain("a word");
    expect(Object.keys(PROCESS_CLIENTS).toSorted()).toEqual(["claude", "codex", "command"]);
  });

  test("that is no program at all is a value", async () => {
    expect(await runAgent(codex, requestFor(), settingsFor({ program: join(real.folder, "none") }), ground, never)).toMatchObject({
      end: "spawn_failed",
      reason: "ENOENT",
    });
  });
});

describe("secrets of the executor (D17, AGT-97)", () => {
  test("are in no argument, no variable, no file of the run and no answer", async () => {
    const begun = await begin();
    const leaked = "it says planted-secret-1 here\n";
    await begun.agent.stdout(leaked);
    await begun.agent.stderr(leaked);
    await begun.agent.exit(1);
    const result = await begun.result;
    expect(result.output_tail).toContain("<redacted>");
    const seen = [
      JSON.stringify(begun.agent.argv),
      JSON.stringify(begun.agent.env),
      JSON.stringify(result),
      JSON.stringify(host.files()),
      ...filesBelow(begun.request.run_dir).map((path) => readFileSync(path, "utf8")),
    ].join("\n");
    for (const planted of ground.secrets.values) expect(seen).not.toContain(planted);
    expect(begun.agent.env).not.toHaveProperty("GITEA_TOKEN");
    expect(begun.agent.argv.join(" ")).not.toContain("Fix it");
  });

  test("stay out of a private folder of private files (AGT-4)", async () => {
    const begun = await begin();
    await begun.agent.exit(1);
    await begun.result;
    expect(statSync(begun.request.run_dir).mode & 0o777).toBe(0o700);
    for (const path of filesBelow(begun.request.run_dir)) expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o600]);
  });
});

describe("the record of a run (AGT-5, AGT-28)", () => {
  test("is there while the run goes on, and closed with its end", async () => {
    const begun = await begin();
    const { run_id } = begun.request;
    expect(await readRecord(ground, run_id)).toMatchObject({
      state: "running",
      process: { pid: begun.agent.pid },
      prompt_bytes: 17,
    });
    await begun.agent.exit(1);
    await begun.result;
    expect(await readRecord(ground, run_id)).toMatchObject({ state: "ended", end: "agent_failed", exit_code: 1 });
    expect(await openRuns(ground)).toEqual([]);
  });

  test("lets another executor go on with the run; its limits count from its start", async () => {
    const begun = await begin();
    const [record] = await openRuns(ground);
    if (record === undefined) throw new Error("no open run");
    const adopted = resumeAgent(codex, { ...record, process: null, state: "starting" }, ground, never);
    await begun.agent.stdout(COMPLETED);
    await begun.agent.write(resultPath(begun), DECLARED);
    await begun.agent.exit(0);
    expect(await adopted).toMatchObject({ end: "ok", exit_code: 0, declared: { outcome: "done" } });
    await begun.result;
    const late = await begin();
    const [old] = await openRuns(ground);
    host.clock.tick(61_000);
    expect((await resumeAgent(codex, old ?? record, ground, never)).end).toBe("timeout");
    await late.result;
  });

  test("of a run that is gone is closed as lost, and nobody is signalled for its pid (AGT-99)", async () => {
    const begun = await begin();
    const [record] = await openRuns(ground);
    if (record?.process === undefined || record.process === null) throw new Error("no open run");
    await begun.agent.exit(1);
    await begun.result;
    rmSync(join(begun.request.run_dir, "exit.json"));
    const reused = { ...record, process: { ...record.process, pid: process.pid, pgid: process.pid } };
    expect((await resumeAgent(codex, reused, ground, never)).end).toBe("lost");
  });
});

describe("a client's program (AGT-7)", () => {
  test("is the configured one, else that of its variable, else that of PATH; only a file one may run", () => {
    const bin = join(real.folder, "bin");
    expect(findBinary("codex", fake.path, {})).toBe(fake.path);
    expect(findBinary("codex", null, { CODEX_EXEC_BINARY: fake.path, PATH: "" })).toBe(fake.path);
    expect(findBinary("codex", null, { PATH: `relative:${bin}` })).toBe(fake.path);
    expect([
      findBinary("codex", bin, {}),
      findBinary("codex", "-x", { PATH: bin }),
      findBinary("codex", "./codex", { PATH: bin }),
      findBinary("command", null, { PATH: bin }),
    ]).toEqual([null, null, null, null]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}
