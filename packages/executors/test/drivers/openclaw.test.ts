/** openclaw's client as a steerable double: no job is started twice, and an error is never "not running" (AGT-60 to AGT-64, AGT-100). */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Commands } from "@loopx/core";
import { formatInstant } from "@loopx/core/domain";
import { memoryHost } from "@loopx/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentRequest } from "../../src/drivers/agents/agent.ts";
import { jobName, resumeOpenclaw, runOpenclaw } from "../../src/drivers/agents/openclaw.ts";
import { addedJob, jobsIn, runsInAnswer } from "../../src/drivers/agents/openclaw-answers.ts";
import { newRunId, type AgentGround } from "../../src/drivers/agents/run.ts";
import { readRecord, type AgentRecord } from "../../src/drivers/agents/record.ts";
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

const settingsOf = (commands: Commands) => ({ program: ["openclaw"] as const, client_version: null, env_allow: [], commands, look_ms: 1 });

/** A machine with a clock of its own. */
function place() {
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
  return { host, ground, runs_dir };
}

async function result(commands: Commands, more: Partial<AgentRequest> = {}, signal = new AbortController().signal) {
  const { ground, runs_dir } = place();
  const run_id = newRunId();
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
  return runOpenclaw(request, settingsOf(commands), ground, signal);
}

describe("a job", () => {
  test("points to the prompt's file and holds none of its words; it begins late enough, and every answer is asked for as JSON (AGT-60, AGT-61)", async () => {
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
    // One second would be over when the job arrives, and it would wait for minutes (AGT-61).
    expect(add[add.indexOf("--at") + 1]).toBe("20s");
    expect(commands.calls.filter(([, verb]) => verb !== "rm").every((call) => call.includes("--json"))).toBe(true);
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

  test("that comes into being after the client gave up is found, and when nobody can tell, a person is told (DSP-100)", async () => {
    let key = "";
    let lists = 0;
    const late = (answers: (asked: number) => string | null): Commands => ({
      run: async (argv) => {
        if (argv.includes("add")) {
          key = argv[argv.indexOf("--declaration-key") + 1] ?? "";
          return { kind: "timed_out", exit_code: null, stdout: "", stderr: "", truncated: false, duration_ms: 60_000 } as never;
        }
        const stdout = argv.includes("list") ? answers(lists++) : run("ok");
        return { kind: "exited", exit_code: stdout === null ? 1 : 0, stdout: stdout ?? "", stderr: "", truncated: false, duration_ms: 1 };
      },
    });
    expect((await result(late((asked) => (asked < 3 ? listing() : listing({ ...JOB, declarationKey: key }))))).end).toBe("ok");
    expect((await result(late(() => null))).end).toBe("stop_failed");
    expect((await result(late(() => listing()))).end).toBe("spawn_failed");
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

/** A run whose executor was killed while it asked for its job, and the next one, so many seconds later. */
async function resumed(commands: (run_id: string) => Commands, { after = 5, remote_id }: { after?: number; remote_id?: string } = {}) {
  const { host, ground, runs_dir } = place();
  const run_id = newRunId();
  mkdirSync(join(runs_dir, run_id, "result"), { recursive: true });
  const record: AgentRecord = {
    schema_version: "loopx_agent_run_v1",
    run_id,
    driver: "openclaw",
    goal_id: null,
    workspace: real.folder,
    shown_command: "openclaw",
    prompt_sha256: "",
    prompt_bytes: 1,
    state: "starting",
    process: null,
    client_version: null,
    confinement: "none",
    started_at: formatInstant(host.clock.moment(), "milliseconds"),
    result: "optional",
    limits: { max_seconds: 60, silence_seconds: 0, max_output_bytes: 1_000 },
    ...(remote_id === undefined ? {} : { remote_id }),
  };
  host.clock.tick(after * 1_000);
  const answer = await resumeOpenclaw(record, settingsOf(commands(run_id)), ground, new AbortController().signal);
  return { ...answer, recorded: await readRecord(ground, run_id) };
}

describe("a job whose dispatcher was killed", () => {
  test("while it was asked for is found when it comes late, by its key, and no other is added (AGT-62, DSP-100)", async () => {
    let calls: readonly string[][] = [];
    const { end, recorded } = await resumed((run_id) => {
      const commands = gateway({
        add: () => null,
        // The gateway starts again, then has not heard of it, then has it.
        list: (asked) => (asked === 0 ? null : asked < 4 ? listing() : listing({ ...JOB, declarationKey: run_id })),
        runs: () => run("ok"),
        rm: () => "",
      });
      calls = commands.calls;
      return commands;
    });
    expect([end, recorded?.remote_id, recorded?.end]).toEqual(["ok", "job-1", "ok"]);
    expect(calls.map(([, verb]) => verb)).toEqual(["list", "list", "list", "list", "list", "runs"]);
  });

  test("is lost only when the gateway says so for as long as it could still come; an error is not that (AGT-63)", async () => {
    const none = (list: () => string | null) => () => gateway({ add: () => null, list, runs: () => null, rm: () => null });
    expect((await resumed(none(() => listing()))).end).toBe("lost");
    expect(
      (
        await resumed(
          none(() => listing()),
          { after: 3_600 },
        )
      ).end,
    ).toBe("lost");
    expect(await resumed(none(() => null))).toMatchObject({ end: "stop_failed" });
  });

  test("that hangs is removed at its limit, which counts from its start, and read back; a removal that fails is asked for again (DSP-47)", async () => {
    let calls: readonly string[][] = [];
    const { end } = await resumed(
      () => {
        const commands = gateway({
          add: () => null,
          list: () => (calls.filter(([, verb]) => verb === "rm").length < 3 ? listing(JOB) : listing()),
          runs: () => run("running"),
          rm: (asked) => (asked === 0 ? null : ""),
        });
        calls = commands.calls;
        return commands;
      },
      { after: 60 + 150, remote_id: "job-1" },
    );
    expect(end).toBe("timeout");
    expect(calls.filter(([, verb]) => verb === "rm")).toHaveLength(3);
    expect(calls.at(-1)?.[1]).toBe("list");
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
