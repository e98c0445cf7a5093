/** The agents of this machine: found, asked whether they confine themselves, and counted; what cannot be told is never "fine" or "none". */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryHost } from "@loopx/core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { giteaAgents, type GiteaAgents } from "../../src/drivers/gitea/agents.ts";
import { machineChecks } from "../../src/drivers/gitea/machine-checks.ts";
import type { GiteaPlace } from "../../src/drivers/gitea/place.ts";
import { writeRecord } from "../../src/drivers/agents/record.ts";
import { secretsOf } from "../../src/drivers/process/secrets.ts";
import { SHIPPED_HEADER, SHIPPED_WORKFLOW } from "../../src/gitea/shipped-prompts.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { configOf } from "./rig/yard.ts";

let real: RealGround;
let folder: string;
let env: Record<string, string>;
let turn = 0;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(() => {
  turn += 1;
  folder = join(real.folder, `machine-${turn}`);
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "runs"));
  env = { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, HOME: folder };
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const yaml = (runner: string): string => `repos: [acme/tool]\nhuman: hana\nrunner: ${runner}\ngate: []\n`;

function machine(runner: string) {
  const host = memoryHost();
  const ground = {
    launch: real,
    documents: host.documents,
    executor: "gitea/one",
    runs_dir: join(folder, "runs"),
    env,
    secrets: secretsOf([]),
    now: () => host.clock.moment(),
  };
  const config = configOf(yaml(runner));
  const agents: GiteaAgents = giteaAgents({ agents: ground, config: () => config, onEnded: () => undefined });
  const place = {
    call: { io: { env } },
    config,
    state_dir: join(folder, "state"),
    prompts: { header: SHIPPED_HEADER, workflow: SHIPPED_WORKFLOW },
  } as unknown as GiteaPlace;
  return { host, ground, agents, doctor: () => machineChecks(place) };
}

/** codex asked for its sandbox: everything behind `--` is the command. */
const sandbox = (inside: string): string =>
  `case "$1" in --version) echo codex 9.9;; sandbox) echo asked >> "${folder}/asked"; while [ "$1" != -- ]; do shift; done; shift; ${inside};; esac`;

describe("codex", () => {
  test("whose sandbox lets a command write is started for nobody, and doctor says so (AGT-43, DSP-35, DSP-85)", async () => {
    program("codex", sandbox('exec "$@"'));
    const { agents, doctor, host } = machine("codex");
    expect(await agents.obstacle("codex")).toBe("codex: sandbox_unavailable");
    const order = {
      run_id: "run_0123456789abcdef",
      item: "acme/tool#1",
      role: "worker",
      runner: "codex",
      goal_id: null,
      workspace: folder,
      prompt: "go",
    } as const;
    expect(await agents.start(order)).toEqual({ kind: "refused", reason: "codex: sandbox_unavailable" });
    expect((await doctor()).filter(({ level }) => level === "fault").map(({ check, detail }) => `${check}: ${detail}`)).toEqual([
      "confinement: sandbox_unavailable: codex let a command write where it may not, and no run of it is started",
    ]);
    // Repaired, it is asked again after a while.
    program("codex", sandbox('exec "$1" "$2" "echo loopx-probe-ran"'));
    host.clock.tick(60_000);
    expect(await agents.obstacle("codex")).toBe(null);
  });

  test("that confines itself is asked once in a while, not at each look, and is fine", async () => {
    program("codex", sandbox("exit 1"));
    const { agents, doctor, host } = machine("codex");
    for (let looks = 0; looks < 5; looks += 1) {
      host.clock.tick(15_000);
      expect(await agents.obstacle("codex")).toBe(null);
    }
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("asked\n");
    expect((await doctor()).find(({ check }) => check === "agent")).toMatchObject({
      level: "ok",
      detail: expect.stringMatching(/^codex: .*\(codex 9\.9\)$/) as string,
    });
    expect((await doctor()).some(({ check }) => check === "confinement")).toBe(false);
  });

  test("that is not there is named", async () => {
    env = { ...env, PATH: join(folder, "bin"), CODEX_EXEC_BINARY: join(folder, "none") };
    expect(await machine("codex").agents.obstacle("codex")).toBe("codex is not on this machine");
  });
});

describe("claude", () => {
  test.each([
    [["bwrap", "socat"], []],
    [["bwrap"], ["install socat"]],
  ])("with %j of what its sandbox needs (AGT-52)", async (tools, fixes) => {
    for (const name of ["claude", "git", ...tools]) program(name, "echo 1");
    env = { ...env, PATH: join(folder, "bin") };
    const { agents, doctor } = machine("claude");
    expect(await agents.obstacle("claude")).toBe(null);
    const found = (await doctor()).filter(({ check }) => check === "confinement");
    expect(found.map(({ fix }) => fix)).toEqual(fixes);
  });
});

describe("openclaw", () => {
  const job = (key: string, running: boolean) => ({
    id: key,
    name: "loopx-x",
    declarationKey: key,
    state: running ? { runningAtMs: 1 } : {},
  });
  const OURS = "run_00000000000000aa";

  test("is counted by its gateway's list: what runs and is ours; an error is not 0 (DSP-36, AGT-100)", async () => {
    program("openclaw", `[ "$1 $2 $3" = "cron list --json" ] && cat "${folder}/jobs.json"`);
    mkdirSync(join(folder, "runs", OURS));
    mkdirSync(join(folder, "runs", "run_00000000000000bb"));
    const { agents } = machine("openclaw");
    expect(await agents.live()).toBe(null);
    const jobs = [job(OURS, true), job("run_00000000000000bb", false), job("run_00000000000000cc", true), job("../runs", true)];
    writeFileSync(
      join(folder, "jobs.json"),
      JSON.stringify({ jobs: [...jobs, { id: "x", name: "3 running", state: { runningAtMs: 2 } }] }),
    );
    expect(await agents.live()).toEqual([OURS]);
    writeFileSync(join(folder, "jobs.json"), "no jobs are running");
    expect(await agents.live()).toBe(null);
    // Whoever does not use it does not ask it.
    expect(await machine("codex").agents.live()).toEqual([]);
  });
});

describe("a run that could not be stopped", () => {
  test("goes on counting, also for the next process, until it is gone (DSP-47)", async () => {
    const { agents, ground } = machine("codex");
    const run_id = "run_00000000000000dd";
    mkdirSync(join(folder, "runs", run_id));
    const child = spawn("sleep", ["1000"], { env: { ...env, LOOPX_RUN_ID: run_id } });
    await once(child, "spawn");
    await writeRecord(ground, {
      schema_version: "loopx_agent_run_v1",
      run_id,
      driver: "command",
      goal_id: null,
      workspace: folder,
      shown_command: "sleep",
      prompt_sha256: "",
      prompt_bytes: 1,
      state: "ended",
      end: "stop_failed",
      process: null,
      client_version: null,
      confinement: "none",
      started_at: "2026-03-01T10:00:00.000Z",
      result: "required",
      limits: { max_seconds: 1, silence_seconds: 0, max_output_bytes: 1_000 },
    });
    await agents.adopt(new Set([run_id]));
    expect(await agents.live()).toEqual([run_id]);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await agents.live()).toEqual([]);
  });
});
