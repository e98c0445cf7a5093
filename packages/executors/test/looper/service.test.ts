/** Looper over real HTTP with real child processes (LPR section 11). */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { connect, configureGoal, openHost } from "@loopx/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { COMPLETED, openYard, TOKEN, type Yard } from "./rig.ts";

let real: RealGround;
let yard: Yard;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  yard = await openYard(real.keeper);
});
afterEach(() => yard.remove());

const isAlive = (pid: number): boolean => real.table.look(pid) !== null;
const goal = (goal_id: string) =>
  connect(openHost({ cwd: yard.project, env: {}, home: yard.folder, runtime_root: join(yard.folder, "runtime"), project: yard.project }), {
    goal_id,
    project: yard.project,
    cwd: yard.project,
  });

async function ended(run_id: unknown): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await yard.ask("GET", `/runs/${String(run_id)}`);
    const run = body["run"] as Record<string, unknown> | undefined;
    if (run?.["state"] === "ended") return run;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the door (LPR-10 to LPR-14)", () => {
  test("a first start makes a private token; health is open, the rest is not (LPR-2, LPR-13)", async () => {
    delete yard.env["LOOPER_API_TOKEN"];
    const { token_path } = await yard.serve();
    expect(statSync(token_path ?? "").mode & 0o777).toBe(0o600);
    const token = readFileSync(token_path ?? "", "utf8").trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await yard.ask("GET", "/health", undefined, { authorization: "" })).toMatchObject({ status: 200, body: { ok: true } });
    expect(await yard.ask("GET", "/runs", undefined, { authorization: `Bearer ${token}` })).toMatchObject({
      status: 200,
      body: { ok: true, runs: [] },
    });
    expect(await yard.ask("GET", "/runs")).toMatchObject({ status: 401, body: { ok: false, error: "unauthorized" } });
  });

  test.each<[string, string, string, unknown, Record<string, string | readonly string[]>, number, string]>([
    ["no such path", "GET", "/nothing", undefined, {}, 404, "not found"],
    ["a wrong method", "GET", "/run", undefined, {}, 405, "method not allowed"],
    ["OPTIONS", "OPTIONS", "/run", undefined, { origin: "http://evil.example" }, 405, "method not allowed"],
    ["another host", "POST", "/run", {}, { host: "evil.example" }, 421, "host not allowed"],
    ["another host, health", "GET", "/health", undefined, { host: "evil.example" }, 421, "host not allowed"],
    ["another origin", "POST", "/run", {}, { origin: "http://evil.example" }, 403, "origin not allowed"],
    ["another site", "POST", "/run", {}, { "sec-fetch-site": "cross-site" }, 403, "origin not allowed"],
    ["another type", "POST", "/run", "x", { "content-type": "text/plain" }, 415, "content type must be application/json"],
    ["no token", "POST", "/run", {}, { authorization: "" }, 401, "unauthorized"],
    ["a wrong token", "POST", "/run", {}, { authorization: "Bearer wrong" }, 401, "unauthorized"],
    ["a token twice", "POST", "/run", {}, { "x-looper-token": "other" }, 401, "unauthorized"],
    ["no JSON", "POST", "/run", "{", {}, 400, "invalid JSON body"],
    ["a list", "POST", "/run", [], {}, 400, "invalid JSON body"],
    ["no message", "POST", "/run", {}, {}, 400, "missing 'zulip_message'"],
    ["a large body", "POST", "/run", JSON.stringify({ zulip_message: "x", codex_prompt: "y".repeat(263_000) }), {}, 413, "body too large"],
    ["a wrong limit", "GET", "/runs?limit=201", undefined, {}, 400, "'limit' must be from 1 to 200"],
    ["an unknown run", "GET", "/runs/run_0123456789abcdef", undefined, {}, 404, "not found"],
  ])("%s is refused", async (_name, method, path, body, headers, status, error) => {
    await yard.serve();
    const answer = await yard.ask(method, path, body, headers);
    expect([answer.status, answer.body["error"]]).toEqual([status, error]);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{8}$/);
    expect(yard.codex.calls()).toBe(0);
  });

  test("a key of the environment goes to nobody, and its user is told (AGT-83)", async () => {
    yard.env["OPENAI_API_KEY"] = ["a", "key"].join("-");
    expect((await yard.serve()).warnings).toEqual([
      expect.stringContaining("idle starts are off"),
      "OPENAI_API_KEY is given to no agent: log in to codex as this user (codex login)",
    ]);
  });

  test("a second service on the same folder ends and names the first", async () => {
    await yard.serve();
    await expect(yard.serve()).rejects.toMatchObject({ code: "lock_timeout", details: { pid: process.pid } });
  });
});

describe("a run", () => {
  test("gets the prompt byte for byte, answers as the source document says, and ends with a trailer and no commit of nothing (LPR-26, LPR-61)", async () => {
    await yard.serve();
    const prompt = `--version\n${"好".repeat(50_000)}\n-`;
    const answered = yard.post({ zulip_message: "go", codex_prompt: prompt });
    const run = await yard.nextRun();
    expect((await run.stdin()).toString()).toBe(prompt);
    const { status, body } = await answered;
    expect(Object.keys(body).join(" ")).toBe(
      "ok request_id run_id zulip_output killed_codex_exec_pids remaining_codex_exec_pids workspace codex_exec_binary " +
        "codex_exec_binary_source codex_exec_started codex_exec_result codex_exec_approval_policy codex_exec_sandbox codex_prompt_sent",
    );
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        zulip_output: "skipped: zulip is not configured",
        workspace: yard.project,
        codex_exec_binary: yard.program,
        codex_exec_binary_source: "env",
        codex_exec_started: true,
        codex_exec_result: expect.objectContaining({ pid: run.pid, startup_return_code: null, prompt_bytes: Buffer.byteLength(prompt) }),
      }),
    ]);
    expect(run.argv.slice(0, 7)).toEqual(["--ask-for-approval", "never", "exec", "--sandbox", "workspace-write", "-C", yard.project]);
    expect(JSON.stringify([run.argv, run.env, body])).not.toContain("好好");
    expect(Object.keys(run.env).filter((name) => name.startsWith("LOOPER"))).toEqual([]);
    await run.stdout(COMPLETED);
    await run.exit(0);
    expect(await ended(body["run_id"])).toMatchObject({ end: "ok", commit: "no_changes", progress: "no_progress", exit_code: 0 });
    const log = readFileSync(String((body["codex_exec_result"] as Record<string, unknown>)["log_path"]), "utf8");
    expect(log).toMatch(/^# request_id=[0-9a-f]{8}\n# run_id=run_\w+\n# workspace=.*\n# command=.*<prompt sha256=.*\n# started_at=/);
    expect(log).toMatch(/# end=ok reason=\n# codex_exec_return_code=0\n$/);
    expect(log).not.toContain("好好");
  });

  test("gets a prompt of a megabyte from the operator's file; an empty file is refused before anything is said (LPR-21)", async () => {
    const file = join(yard.folder, "prompt.md");
    yard.env["LOOPER_DEFAULT_PROMPT_FILE"] = file;
    await yard.serve();
    writeFileSync(file, "");
    expect(await yard.post({ zulip_message: "go" })).toMatchObject({ status: 400, body: { error: "the prompt is empty" } });
    const prompt = `--yolo\n${"好 ".repeat(262_144)}`;
    writeFileSync(file, prompt);
    const answered = yard.post({ zulip_message: "go" });
    const run = await yard.nextRun();
    expect((await run.stdin()).equals(Buffer.from(prompt))).toBe(true);
    expect((await answered).status).toBe(200);
  });

  test("that changes files is committed by the service, without hooks", async () => {
    await yard.serve();
    mkdirSync(join(yard.project, ".git/hooks"), { recursive: true });
    writeFileSync(join(yard.project, ".git/hooks/pre-commit"), `#!/bin/sh\ntouch ${join(yard.folder, "hooked")}\n`);
    chmodSync(join(yard.project, ".git/hooks/pre-commit"), 0o755);
    const answered = yard.post({ zulip_message: "go", codex_prompt: "p" });
    const run = await yard.nextRun();
    await run.write(join(yard.project, "new file.txt"), "made");
    await run.stdout(COMPLETED);
    await run.exit(0);
    const { body } = await answered;
    const { commit, progress } = await ended(body["run_id"]);
    expect([commit, progress]).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/), "progress"]);
    expect(yard.git("log", "-1", "--format=%s%n%b")).toContain(`looper: run ${String(body["run_id"])}`);
    expect(yard.git("log", "-1", "--format=%b")).toContain(`Loopx-Run: ${String(body["run_id"])}\nLoopx-Driver: codex`);
    expect(yard.git("status", "--porcelain")).toBe("");
    expect(readdirSync(yard.folder)).not.toContain("hooked");
  });

  test("that lives and ignores SIGTERM is stopped before the next one exists, with its detached child; a bystander is not (LPR-32, LPR-71)", async () => {
    await yard.serve();
    const bystander = spawn(process.execPath, ["-e", "process.stdin.resume()", "codex exec --ask-for-approval"], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const old = await yard.nextRun();
    const child = await old.spawn({ session: true, pipes: false });
    await old.ignore("SIGTERM");
    const { body } = await first;
    const second = yard.post({ zulip_message: "2", codex_prompt: "p" });
    const next = await yard.nextRun();
    expect([isAlive(old.pid), isAlive(child), isAlive(bystander.pid ?? 0)]).toEqual([false, false, true]);
    expect((await second).body).toMatchObject({ killed_codex_exec_pids: [old.pid], remaining_codex_exec_pids: [] });
    expect(await ended(body["run_id"])).toMatchObject({ end: "stopped", reason: "superseded", signal: "SIGKILL" });
    // LPR-63: a line for each change of state, with what identifies the process.
    const lines = readFileSync(join(yard.folder, "runtime/executors/looper/runs.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ run_id }) => run_id === body["run_id"]);
    expect([...new Set(lines.map(({ state }) => state))]).toEqual(["starting", "running", "ended"]);
    expect(lines).toContainEqual(
      expect.objectContaining({ state: "running", pid: old.pid, pgid: expect.any(Number), boot_id: expect.any(String) }),
    );
    const stopped = yard.ask("POST", `/runs/${String((await second).body["run_id"])}/stop`, {});
    expect(await stopped).toMatchObject({ status: 200, body: { end: "stopped", still_alive: [] } });
    expect([isAlive(next.pid), isAlive(bystander.pid ?? 0)]).toEqual([false, true]);
    bystander.kill();
  });

  test("two at once: one runs, one is busy; a message alone stops nothing", async () => {
    await yard.serve();
    const both = [yard.post({ zulip_message: "1", codex_prompt: "p" }), yard.post({ zulip_message: "2", codex_prompt: "p" })];
    const run = await yard.nextRun();
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect((await yard.post({ zulip_message: "3", codex_prompt: "" })).body).toMatchObject({
      codex_exec_started: false,
      run_id: null,
      codex_prompt_sent: false,
    });
    expect(isAlive(run.pid)).toBe(true);
  });

  test("that ends at once is a failed start, or a very short success", async () => {
    yard.env["CODEX_EXEC_STARTUP_CHECK_SECONDS"] = "30";
    await yard.serve();
    const failed = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    await run.stderr("no model\n");
    await run.exit(3);
    expect(await failed).toMatchObject({
      status: 500,
      body: {
        error: "codex exec exited immediately with code 3",
        code: "startup_failed",
        tail: expect.stringContaining("no model"),
        codex_exec_result: { startup_return_code: 3 },
      },
    });
    const short = yard.post({ zulip_message: "2", codex_prompt: "p" });
    const next = await yard.nextRun();
    await next.stdout(COMPLETED);
    await next.exit(0);
    expect(await short).toMatchObject({ status: 200, body: { codex_exec_result: { startup_return_code: 0 } } });
  });

  test("with the same idempotency key is one run, after a restart too", async () => {
    await yard.serve();
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" }, { "idempotency-key": "k" });
    await yard.nextRun();
    const answer = await first;
    expect((await yard.post({ zulip_message: "1", codex_prompt: "p" }, { "idempotency-key": "k" })).body).toEqual(answer.body);
    expect(await yard.post({ zulip_message: "2", codex_prompt: "p" }, { "idempotency-key": "k" })).toMatchObject({
      status: 409,
      body: { error: "idempotency key was used with another body" },
    });
    await yard.served.close(true);
    await yard.serve();
    expect((await yard.post({ zulip_message: "1", codex_prompt: "p" }, { "idempotency-key": "k" })).body).toEqual(answer.body);
    expect(yard.codex.calls()).toBe(1);
  });

  test("is asked for by a key that waits for its twin; a busy answer is not kept for the key (LPR-27)", async () => {
    await yard.serve();
    const ask = (key: string) => yard.post({ zulip_message: "1", codex_prompt: "p" }, { "idempotency-key": key });
    const twins = [ask("k"), ask("k"), ask("other")];
    await yard.nextRun();
    const [one, two, busy] = await Promise.all(twins);
    expect([one?.status, two?.body, busy?.status]).toEqual([200, one?.body, 409]);
    const again = ask("other");
    await yard.nextRun();
    expect((await again).status).toBe(200);
    const { body } = await yard.ask("GET", "/runs");
    expect(body["runs"]).toEqual([expect.objectContaining({ same_prompt_runs: 2 }), expect.objectContaining({ same_prompt_runs: 1 })]);
  });

  test("outlives the service when that was asked for; the next one adopts and can stop it", async () => {
    await yard.serve();
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    const { body } = await first;
    await yard.served.close(true);
    expect(isAlive(run.pid)).toBe(true);
    await yard.serve();
    expect(await yard.ask("GET", "/status")).toMatchObject({ body: { live: [body["run_id"]] } });
    const second = yard.post({ zulip_message: "2", codex_prompt: "p" });
    await yard.nextRun();
    expect((await second).body).toMatchObject({ killed_codex_exec_pids: [run.pid] });
    expect(isAlive(run.pid)).toBe(false);
  });
});

describe("a run that a restarted service finds", () => {
  test("is closed as lost when its pid is somebody else's now, who is not signalled (LPR-75, AGT-99)", async () => {
    await yard.serve();
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    const run_id = String((await first).body["run_id"]);
    await yard.served.close(true);
    await run.exit(0);
    await run.gone;
    const stranger = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    const folder = join(yard.folder, "runtime/executors/looper/runs", run_id);
    const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as { process: object };
    const reused = { ...record, process: { ...record.process, pid: stranger.pid, pgid: stranger.pid } };
    writeFileSync(join(folder, "run.json"), JSON.stringify(reused));
    // The keeper writes it once the run is gone.
    while (!existsSync(join(folder, "exit.json"))) await new Promise((resolve) => setImmediate(resolve));
    rmSync(join(folder, "exit.json"));
    await yard.serve();
    const second = yard.post({ zulip_message: "2", codex_prompt: "p" });
    await yard.nextRun();
    expect((await second).status).toBe(200);
    expect(await ended(run_id)).toMatchObject({ state: "ended", end: expect.stringMatching(/^(?:lost|stopped)$/) });
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    expect(readFileSync(String((await ended(run_id))["log_path"]), "utf8")).toMatch(/# codex_exec_return_code=unknown\n$/);
    stranger.kill();
  });

  test("counts for the idle timer as what it was", async () => {
    yard.env["LOOPER_DEFAULT_PROMPT"] = "go on";
    await yard.serve();
    const looked = yard.served.looper.tick();
    const run = await yard.nextRun();
    await looked;
    await yard.served.close(true);
    await yard.serve();
    await run.exit(3);
    await run.gone;
    while (yard.served.looper.live().length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(yard.served.looper.autopoll()).toMatchObject({ failures: 1, starts_ms: [expect.any(Number)] });
  });
});

describe("what an agent prints", () => {
  test("stands in the service's log too when that is wanted, without its secrets (LPR-60)", async () => {
    Object.assign(yard.env, { LOOPER_MIRROR_OUTPUT: "1" });
    await yard.serve();
    const answered = yard.post({ zulip_message: "go", codex_prompt: "p" });
    const run = await yard.nextRun();
    const { body } = await answered;
    await run.stdout(`first line\nwith ${TOKEN} in it\n`);
    await run.stderr("no newline");
    await run.exit(1);
    await ended(body["run_id"]);
    const told = readFileSync(join(yard.folder, "runtime/executors/looper/logs/looper-server.log"), "utf8");
    const lines = told.split("\n").flatMap((line) => (line.includes('"run.output"') ? [JSON.parse(line) as Record<string, string>] : []));
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      ["DEBUG", "first line"],
      ["DEBUG", "with <redacted> in it"],
      ["DEBUG", "no newline"],
    ]);
  });
});

describe("two services of one machine", () => {
  test("share no workspace: the second is busy, before it says anything (LPR-30)", async () => {
    await yard.serve();
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    await first;
    const { served } = yard;
    await yard.serve({ dir: join(yard.folder, "other") });
    expect(await yard.post({ zulip_message: "2", codex_prompt: "p" })).toMatchObject({ status: 409, body: { code: "busy" } });
    expect([isAlive(run.pid), yard.codex.calls()]).toEqual([true, 1]);
    await served.close(false);
    const second = yard.post({ zulip_message: "2", codex_prompt: "p" });
    await yard.nextRun();
    expect((await second).status).toBe(200);
  });
});

describe("what a request may not name (LPR-23 to LPR-25, LPR-72)", () => {
  test.each<[object, number, string]>([
    [{ workspace: "/" }, 403, "workspace is outside the allowed roots"],
    [{ workspace: "PROJECT/../.." }, 403, "workspace is outside the allowed roots"],
    [{ workspace: "PROJECT/link" }, 403, "workspace is outside the allowed roots"],
    [{ workspace: "PROJECT/none" }, 400, "workspace is not a directory: PROJECT/none"],
    [{ codex_exec_binary: "/bin/sh" }, 403, "binary is not allowed"],
    [{ codex_exec_binary: "../../bin/sh" }, 403, "binary is not allowed"],
    [{ zulip_script_path: "/etc/passwd" }, 403, "zulip_script_path is not allowed"],
    [{ codex_prompt: undefined }, 400, "missing 'codex_prompt'"],
    [{ codex_prompt: "a\0b" }, 400, "'codex_prompt' must not hold a NUL character"],
  ])("%j", async (more, status, error) => {
    await yard.serve();
    symlinkSync("/", join(yard.project, "link"));
    const asText = JSON.stringify({ zulip_message: "go", codex_prompt: "p", ...more }).replaceAll("PROJECT", yard.project);
    const answer = await yard.ask("POST", "/run", asText);
    expect([answer.status, answer.body["error"]]).toEqual([status, error.replaceAll("PROJECT", yard.project)]);
  });
});

test("a codex whose sandbox lets a command write is not run, and nothing is announced (AGT-43)", async () => {
  writeFileSync(yard.program, '#!/bin/sh\n[ "$1" = sandbox ] || exit 9\nshift 4\nexec "$@"\n');
  await yard.serve();
  expect(await yard.post({ zulip_message: "go", codex_prompt: "p" })).toMatchObject({
    status: 500,
    body: { code: "sandbox_unavailable", error: "codex does not confine its commands here" },
  });
  expect(readFileSync(join(yard.folder, "runtime/executors/looper/logs/looper-server.log"), "utf8")).not.toContain("announce");
});

describe("goals (LPR-40 to LPR-42)", () => {
  test("a goal that may not run is not run; one that may lends its heartbeat prompt, and its history learns of the run", async () => {
    await goal("g");
    await yard.serve();
    const host = openHost({ cwd: yard.project, env: {}, home: yard.folder, runtime_root: join(yard.folder, "runtime") });
    await configureGoal(host, { goal_id: "g", quota_compute: 0 });
    expect(await yard.post({ zulip_message: "go" })).toMatchObject({ status: 409, body: { code: "goal_not_runnable", decision: "skip" } });
    await configureGoal(host, { goal_id: "g", quota_compute: 1 });
    const answered = yard.post({ zulip_message: "go" });
    const run = await yard.nextRun();
    expect((await run.stdin()).toString()).toContain("Advance goal `g`");
    expect(run.env["LOOPX_GOAL_ID"]).toBe("g");
    await run.stdout(COMPLETED);
    await run.exit(0);
    expect(await ended((await answered).body["run_id"])).toMatchObject({ end: "ok", goal_id: "g" });
    const index = readFileSync(join(yard.folder, "runtime/goals/g/runs/index.jsonl"), "utf8");
    expect(index).toContain('"classification":"looper_run"');
  });

  test("is told to the goal's history by the service, never by the agent: its hints, the commit, and one spend for them (AGT-38)", async () => {
    await goal("g");
    await yard.serve();
    const answered = yard.post({ zulip_message: "go", codex_prompt: "p" });
    const run = await yard.nextRun();
    await run.write(join(yard.project, "made.txt"), "made\n");
    const declared = { schema_version: "loopx_agent_result_v1", outcome: "done", summary: "made it" };
    const hints = {
      validation: [{ command: "npm test", exit_code: 0 }],
      delivery: { batch_scale: "single_surface", outcome: "outcome_progress" },
    };
    await run.write(run.env["LOOPX_RESULT_FILE"] ?? "", JSON.stringify({ ...declared, ...hints }));
    await run.stdout(COMPLETED);
    await run.exit(0);
    await ended((await answered).body["run_id"]);
    const index = join(yard.folder, "runtime/goals/g/runs/index.jsonl");
    const lines = readFileSync(index, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [told, spend] = lines.slice(-2);
    expect(told).toMatchObject({
      classification: "looper_run",
      delivery_outcome: "outcome_progress",
      delivery_batch_scale: "single_surface",
    });
    expect(spend).toMatchObject({ classification: "quota_slot_spent" });
    expect(JSON.stringify(spend)).toContain(String(told?.["run_id"]));
  });

  test("two goals in one workspace have to be told apart", async () => {
    await goal("g");
    await goal("h");
    await yard.serve();
    expect(await yard.post({ zulip_message: "go", codex_prompt: "p" })).toMatchObject({ status: 400, body: { code: "ambiguous_goal" } });
  });
});

describe("Zulip (LPR-31, LPR-53)", () => {
  test.each<[string, (turn: number) => [number, Record<string, string>, string], number, string]>([
    ["success", () => [200, {}, '{"result":"success","msg":"","id":7}'], 200, "sent id=7"],
    [
      "429, then success",
      (turn) =>
        turn === 0
          ? [429, { "retry-after": "0" }, '{"result":"error","code":"RATE_LIMIT_HIT","msg":"slow"}']
          : [200, {}, '{"result":"success","id":8}'],
      200,
      "sent id=8",
    ],
    [
      "an error",
      () => [400, {}, '{"result":"error","code":"STREAM_DOES_NOT_EXIST","msg":"no stream"}'],
      500,
      "zulip send failed: no stream (STREAM_DOES_NOT_EXIST)",
    ],
    ["a proxy's page", () => [502, {}, "<html>secret page</html>"], 500, "zulip send failed: Zulip answered 502 without JSON"],
  ])("%s", async (_name, answer, status, said) => {
    const seen: string[] = [];
    const zulip = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const [code, headers, text] = answer(seen.length);
        seen.push(body);
        response.writeHead(code, headers).end(text);
      });
    });
    const port = await new Promise<number>((resolve) => {
      zulip.listen(0, "127.0.0.1", () => resolve((zulip.address() as { port: number }).port));
    });
    Object.assign(yard.env, {
      ZULIP_SITE: `http://127.0.0.1:${port}`,
      ZULIP_BOT_EMAIL: "bot@localhost",
      ZULIP_BOT_API_KEY: ["zulip", "key", "of", "bot"].join("-"),
    });
    try {
      await yard.serve();
      const given = await yard.post({ zulip_message: "a & b", codex_prompt: "" });
      expect([given.status, given.body["zulip_output"] ?? given.body["error"]]).toEqual([status, said]);
      expect(new URLSearchParams(seen[0]).get("content")).toBe("a & b");
      // What did not arrive stands in the status (LRK-80).
      const lost = status === 200 ? [] : [{ text: "a & b", detail: said.replace("zulip send failed: ", "") }];
      expect((await yard.ask("GET", "/status")).body["undelivered"]).toMatchObject({ count: lost.length, newest: lost });
      expect(
        JSON.stringify(given.body) + readFileSync(join(yard.folder, "runtime/executors/looper/logs/looper-server.log"), "utf8"),
      ).not.toContain(yard.env["ZULIP_BOT_API_KEY"]);
    } finally {
      zulip.close();
      zulip.closeAllConnections();
    }
  });
});

test("the token stands in no log and in no process of a run (LPR-12, LPR-142)", async () => {
  await yard.serve();
  const answered = yard.post({ zulip_message: "go", codex_prompt: "p" });
  const run = await yard.nextRun();
  await answered;
  expect(JSON.stringify([run.env, run.argv])).not.toContain(TOKEN);
  expect(readFileSync(join(yard.folder, "runtime/executors/looper/logs/looper-server.log"), "utf8")).not.toContain(TOKEN);
});
