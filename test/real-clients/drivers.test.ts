/** The drivers with the clients they were written for (AGT section 7): what a double cannot show. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryHost } from "@loopx/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { AgentRequest, AgentResult, ClientSettings } from "../../packages/executors/src/drivers/agents/agent.ts";
import { versionOf } from "../../packages/executors/src/drivers/agents/binary.ts";
import { confinementOf } from "../../packages/executors/src/drivers/agents/confinement.ts";
import { openRelay, type RelayLine } from "../../packages/executors/src/drivers/agents/relay.ts";
import { retryClass } from "../../packages/executors/src/drivers/agents/retry.ts";
import { newRunId, PROCESS_CLIENTS, runAgent } from "../../packages/executors/src/drivers/agents/run.ts";
import type { AgentRecord } from "../../packages/executors/src/drivers/agents/record.ts";
import { secretsOf } from "../../packages/executors/src/drivers/process/secrets.ts";
import { realGround, type RealGround } from "../../packages/executors/test/rig/keeper.ts";
import type { Step } from "./model-server.ts";
import { CLIENTS, story, type Client, type Story } from "./rig.ts";

const DECLARED = { schema_version: "loopx_agent_result_v1", outcome: "done", summary: "it is done" };
const DECLARE: Step = { run: `printf '%s' '${JSON.stringify(DECLARED)}' > "$LOOPX_RESULT_FILE"` };
const DONE: Step = { say: "done" };

let real: RealGround;
let it: Story;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  it = await story({ "README.md": "# one\n" });
});
afterEach(() => it.remove());

interface Run {
  readonly result: AgentResult;
  readonly request: AgentRequest;
  readonly record: AgentRecord | undefined;
}

interface Changes {
  readonly request?: Partial<AgentRequest>;
  readonly settings?: Partial<ClientSettings>;
  readonly running?: (record: AgentRecord) => void;
}

async function run(client: Client, prompt: string, { request: asked, settings, running }: Changes = {}): Promise<Run> {
  const run_id = newRunId();
  const runs_dir = join(it.repo.outside, "runs");
  mkdirSync(runs_dir, { recursive: true });
  const host = memoryHost();
  const request: AgentRequest = {
    run_id,
    goal_id: null,
    workspace: it.repo.dir,
    prompt,
    model: null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
    limits: { max_seconds: 60, silence_seconds: 30, max_output_bytes: 1024 * 1024 },
    run_dir: join(runs_dir, run_id),
    result: "optional",
    ...asked,
  };
  const program = it.program(client);
  let record: AgentRecord | undefined;
  const result = await runAgent(
    PROCESS_CLIENTS[client],
    request,
    {
      program,
      extra_args: [],
      allow_no_git: false,
      confinement: await confinementOf(client, program, it.env),
      relay: null,
      env_allow: [],
      argv: [],
      allowed_tools: null,
      client_version: await versionOf(program, it.env),
      ...settings,
    },
    {
      launch: real,
      documents: host.documents,
      executor: "loop-1",
      runs_dir,
      env: it.env,
      secrets: secretsOf([]),
      now: () => host.clock.moment(),
      onRunning: (seen) => {
        record = seen;
        running?.(seen);
      },
    },
    new AbortController().signal,
  );
  return { result, request, record };
}

/** Processes that carry the mark of that run. */
function remains(run_id: string): readonly number[] {
  return real.table
    .list()
    .filter(({ pid }) => real.table.environment(pid).includes(`LOOPX_RUN_ID=${run_id}`))
    .map(({ pid }) => pid);
}

describe.each(CLIENTS)("%s", (client) => {
  test("runs a prompt to a declared result, by its own shell", async () => {
    it.model.plan(DECLARE, DONE);
    const { result, record } = await run(client, "Do it.");
    expect(result).toMatchObject({ end: "ok", declared: DECLARED, exit_code: 0 });
    expect(record?.client_version).toMatch(/\d+\.\d+\.\d+/);
    expect(result.usage).toMatchObject({ output_tokens: expect.any(Number) });
  });

  test("takes a prompt that begins like a flag, and one of a megabyte, byte for byte (AGT-41, AGT-51)", async () => {
    it.model.plan(DONE);
    for (const prompt of ["--version\n-\n--dangerously-skip-permissions", `--${"好 and more. ".repeat(64 * 1024)}end`]) {
      const { result } = await run(client, prompt);
      expect([result.end, it.model.requests.some(({ text }) => text.includes(JSON.stringify(prompt).slice(1, -1)))]).toEqual(["ok", true]);
    }
  });

  test("reaches its model by a relay that has the key; it has a token of its run, which codex's commands do not see (AGT-81, AGT-82)", async () => {
    const key = ["key", "of", "the", "operator"].join("-");
    const lines: RelayLine[] = [];
    const relay = await openRelay({ base_url: `http://127.0.0.1:${it.model.port}`, key }, (line) => lines.push(line));
    it.model.plan({ run: "env > seen.txt" }, DONE);
    const { result, request } = await run(client, "Look.", { settings: { program: inject("clients")[client], relay } });
    await relay.close();
    const seen = readFileSync(join(it.repo.dir, "seen.txt"), "utf8");
    expect([result.end, seen.includes(`LOOPX_RUN_ID=${request.run_id}`), seen.includes(key)]).toEqual(["ok", true, false]);
    if (client === "codex") expect(seen).not.toContain(relay.token);
    const sent = it.model.requests.map(({ headers }) => String(headers["authorization"] ?? headers["x-api-key"]));
    expect(sent.every((value) => value.includes(key) && !value.includes(relay.token))).toBe(true);
    expect(JSON.stringify([lines, request])).not.toContain(key);
    expect(lines.some(({ status, path }) => status === 200 && /\/(?:responses|messages)$/.test(path))).toBe(true);
  });

  test("that hangs is ended by our own limit, and nothing of it stays (AGT-26)", async () => {
    it.model.plan({ hang: true });
    const { result, request } = await run(client, "Wait.", {
      request: { limits: { max_seconds: 60, silence_seconds: 3, max_output_bytes: 1024 } },
    });
    expect([result.end, result.still_alive, remains(request.run_id)]).toEqual(["stalled", [], []]);
  });

  test("whose group is killed from outside leaves no command behind (AGT-24)", async () => {
    it.model.plan({ run: "touch begun; exec tail -f /dev/null" }, DONE);
    const killing = (record: AgentRecord): void => {
      const look = setInterval(() => {
        if (!existsSync(join(it.repo.dir, "begun"))) return;
        clearInterval(look);
        process.kill(-(record.process?.pgid ?? Number.NaN), "SIGKILL");
      }, 50);
    };
    const { result, request } = await run(client, "Work.", { running: killing });
    expect([result.end, result.signal, remains(request.run_id)]).toEqual(["agent_failed", "SIGKILL", []]);
  });
});

test("codex confines its commands here, and is asked without a model (AGT-43)", async () => {
  expect(await confinementOf("codex", it.program("codex"), it.env)).toBe("client");
  expect(it.model.requests).toEqual([]);
});

test("codex that the model turns away has failed, and a person is needed the second time (AGT-31)", async () => {
  it.model.plan({ status: 401 });
  const { result } = await run("codex", "Do it.");
  expect(result).toMatchObject({ end: "agent_failed", http_status: 401 });
  expect([false, true].map((again) => retryClass(result.end, result.http_status, again))).toEqual(["retryable", "needs_person"]);
});

test("claude that the model turns away has failed, whatever its subtype says (AGT-51, AGT-53)", async () => {
  it.model.plan({ status: 400 });
  expect((await run("claude", "Do it.")).result).toMatchObject({ end: "agent_failed", http_status: 400 });
});

test("claude without its tools is denied, not done (AGT-96)", async () => {
  it.model.plan({ run: "touch made.txt" }, DONE);
  const { result } = await run("claude", "Do it.", { settings: { allowed_tools: ["Read"], confinement: "none" } });
  expect([result.end, result.reason, existsSync(join(it.repo.dir, "made.txt"))]).toEqual(["denied", "denied: Bash", false]);
});

test("codex writes its workspace and the goal's state, and nothing else (AGT-41)", async () => {
  const goal = join(it.repo.dir, ".codex/goals/g");
  mkdirSync(goal, { recursive: true });
  writeFileSync(join(goal, "ACTIVE_GOAL_STATE.md"), "# g\n");
  const places = [
    "here.txt",
    ".codex/goals/g/ACTIVE_GOAL_STATE.md",
    ".codex/config.toml",
    ".git/config",
    '"$HOME/outside"',
    "/tmp/outside-of-a-run",
  ];
  it.model.plan({ run: places.map((place) => `(echo x >> ${place}) 2>/dev/null; echo "$?" >> codes.txt`).join("; ") }, DONE);
  const { result } = await run("codex", "Write.", { request: { writable: [goal] } });
  expect([
    result.end,
    readFileSync(join(it.repo.dir, "codes.txt"), "utf8")
      .split("\n")
      .slice(0, -1)
      .map((code) => code === "0"),
  ]).toEqual(["ok", [true, true, false, false, false, false]]);
});
