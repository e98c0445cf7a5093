/** openclaw's client as a steerable double: no job is started twice, and an error is never "not running" (AGT-60 to AGT-64, AGT-100). */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Commands } from "@loopx/core";
import { memoryHost } from "@loopx/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentRequest } from "../../src/drivers/agents/agent.ts";
import { jobName, runOpenclaw } from "../../src/drivers/agents/openclaw.ts";
import { addedJob, jobsIn, runsInAnswer } from "../../src/drivers/agents/openclaw-answers.ts";
import { newRunId, type AgentGround } from "../../src/drivers/agents/run.ts";
import { secretsOf } from "../../src/drivers/process/secrets.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());

interface Gateway extends Commands {
  readonly calls: string[][];
}

/** A gateway that answers each verb by a function of how often it was asked; null is an error of the client. */
function gateway(answers: Readonly<Record<"add" | "list" | "runs" | "rm", (asked: number) => string | null>>): Gateway {
  const calls: string[][] = [];
  return {
    calls,
    run: async ([, ...args]) => {
      const verb = args[1] as "add" | "list" | "runs" | "rm";
      const asked = calls.filter((call) => call[1] === verb).length;
      calls.push(args);
      const stdout = answers[verb](asked);
      return { kind: "exited", exit_code: stdout === null ? 1 : 0, stdout: stdout ?? "", stderr: "", truncated: false, duration_ms: 1 };
    },
  };
}

const JOB = { id: "job-1", name: "x", declarationKey: "KEY", state: {} };
const listing = (...list: object[]): string => JSON.stringify({ jobs: list });
const run = (status: string, more: object = {}): string => JSON.stringify({ entries: [{ status, ...more }] });

async function result(commands: Commands, more: Partial<AgentRequest> = {}, signal = new AbortController().signal) {
  const run_id = newRunId();
  const host = memoryHost();
  const runs_dir = join(real.folder, "runs");
  mkdirSync(runs_dir, { recursive: true });
  const ground: AgentGround = {
    launch: real,
    documents: host.documents,
    executor: "loop-1",
    runs_dir,
    env: { PATH: "/bin" },
    secrets: secretsOf([]),
    now: () => host.clock.moment(),
  };
  const request: AgentRequest = {
    run_id,
    goal_id: "parser",
    workspace: real.folder,
    prompt: "secret plan: fix it",
    model: null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
    limits: { max_seconds: 60, silence_seconds: 0, max_output_bytes: 1_000 },
    run_dir: join(runs_dir, run_id),
    result: "optional",
    ...more,
  };
  return runOpenclaw(request, { program: ["openclaw"], client_version: null, env_allow: [], commands, look_ms: 1 }, ground, signal);
}

describe("a job", () => {
  test("points to the prompt's file and holds none of its words", async () => {
    const commands = gateway({
      add: () => '{"id":"job-1"}',
      list: () => listing(JOB),
      runs: (asked) => (asked === 0 ? run("") : run("ok")),
      rm: () => "",
    });
    expect(await result(commands)).toMatchObject({ end: "ok", client: "openclaw" });
    const [add = []] = commands.calls;
    expect(add.slice(0, 3)).toEqual(["cron", "add", "--name"]);
    expect(add).toContain("--delete-after-run");
    expect(add.join(" ")).not.toContain("secret plan");
    expect(add[add.indexOf("--message") + 1]).toMatch(
      /^Read the file \S+\/prompt\.md and do exactly what it says\. Write your result to \S+\/result\.json\.$/,
    );
  });

  test("whose answer comes too late is found, and none is added again (AGT-62)", async () => {
    let key = "";
    const commands = gateway({
      add: () => null,
      list: () => listing({ ...JOB, declarationKey: key }),
      runs: () => run("ok"),
      rm: () => "",
    });
    const asking: Commands = {
      run: (argv, options) => {
        if (argv.includes("add")) key = argv[argv.indexOf("--declaration-key") + 1] ?? "";
        return commands.run(argv, options);
      },
    };
    expect((await result(asking)).end).toBe("ok");
    expect(commands.calls.filter((call) => call[1] === "add")).toHaveLength(1);
  });

  test("that no gateway takes is not started", async () => {
    expect(await result(gateway({ add: () => null, list: () => null, runs: () => null, rm: () => null }))).toMatchObject({
      end: "spawn_failed",
    });
  });

  test("goes on while the client answers with errors, and is not called gone (AGT-63)", async () => {
    const commands = gateway({
      add: () => '{"job":{"id":"job-1"}}',
      list: (asked) => (asked < 3 ? null : listing(JOB)),
      runs: (asked) => (asked < 4 ? null : run("ok")),
      rm: () => "",
    });
    expect((await result(commands)).end).toBe("ok");
  });

  test("that failed says why; one that vanished without a run is lost", async () => {
    const failing = gateway({
      add: () => '{"id":"job-1"}',
      list: () => listing(JOB),
      runs: () => run("error", { error: "no model" }),
      rm: () => "",
    });
    expect(await result(failing)).toMatchObject({ end: "agent_failed", reason: "no model" });
    const vanished = gateway({ add: () => '{"id":"job-1"}', list: () => listing(), runs: () => "[]", rm: () => "" });
    expect((await result(vanished)).end).toBe("lost");
  });

  test("is removed and looked for when it is to stop", async () => {
    const stopping = new AbortController();
    const commands = gateway({
      add: () => '{"id":"job-1"}',
      list: (asked) => (asked < 2 ? listing(JOB) : listing()),
      runs: () => null,
      rm: () => "",
    });
    stopping.abort("enough");
    expect(await result(commands, {}, stopping.signal)).toMatchObject({ end: "stopped", reason: "enough" });
    expect(commands.calls).toContainEqual(["cron", "rm", "job-1"]);
  });

  test("with an empty prompt, or one that may only read, is refused", async () => {
    const commands = gateway({ add: () => null, list: () => null, runs: () => null, rm: () => null });
    expect([(await result(commands, { prompt: "" })).reason, (await result(commands, { sandbox: "read-only" })).reason]).toEqual([
      "bad_prompt",
      "no_confinement",
    ]);
    expect(commands.calls).toEqual([]);
  });

  test("has a name that no word of the client's text can be taken for (AGT-100)", () => {
    expect(jobName("Idle Running parser", "run_0123456789abcdef")).toBe("loopx-job-job-parser-01234567");
    expect(jobName("x".repeat(100), "run_0123456789abcdef").length).toBeLessThanOrEqual(60);
  });
});

describe("answers that cannot be read", () => {
  test.each(["", "error: no gateway", "{", '"x"', "null"])("%j is unknown, not nothing", (printed) => {
    expect([jobsIn(printed), runsInAnswer(printed), addedJob(printed)]).toEqual([null, null, null]);
  });

  test("a warning before the JSON is skipped", () => {
    expect(jobsIn(`warning: old\n${listing({ ...JOB, state: { runningAtMs: 1 } })}`)).toMatchObject([{ id: "job-1", running: true }]);
  });
});
