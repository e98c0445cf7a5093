/** Looper with the real codex: what it was written for. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { serveLooper, type ServedLooper } from "../../packages/executors/src/drivers/looper/assemble.ts";
import { looperConfig } from "../../packages/executors/src/drivers/looper/place.ts";
import { realGround, type RealGround } from "../../packages/executors/test/rig/keeper.ts";
import type { Step } from "./model-server.ts";
import { story, type Story } from "./rig.ts";
import { ioAt } from "../../packages/executors/test/rig/io.ts";

const TOKEN = ["token", "of", "the", "operator"].join("-");
const DONE: Step = { say: "done" };

let real: RealGround;
let it: Story;
let served: ServedLooper;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  it = await story({ "README.md": "# one\n" });
  Object.assign(it.env, { LOOPER_API_TOKEN: TOKEN, CODEX_EXEC_DELAY_SECONDS: "0", CODEX_EXEC_STARTUP_CHECK_SECONDS: "0.2" });
  await serve();
});
afterEach(async () => {
  await served.close(false);
  await it.remove();
});

async function serve(): Promise<void> {
  const io = ioAt({
    cwd: it.repo.dir,
    env: it.env,
    home: it.env["HOME"] ?? "",
  });
  const place = { io, cwd: it.repo.dir, runtime_root: it.env["LOOPX_RUNTIME_ROOT"] ?? "", keeper: real.keeper };
  const { config } = looperConfig({ port: 0, workspace: it.repo.dir }, place);
  served = await serveLooper(config, place);
}

function ask(method: "GET" | "POST", path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: "127.0.0.1", port: served.listening.port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => resolve(JSON.parse(text) as Record<string, unknown>));
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const start = (codex_prompt?: string) =>
  ask("POST", "/run", { zulip_message: "go", ...(codex_prompt === undefined ? {} : { codex_prompt }) });

async function ended(run_id: unknown): Promise<Record<string, unknown>> {
  for (;;) {
    const { run } = (await ask("GET", `/runs/${String(run_id)}`)) as { run: Record<string, unknown> };
    if (run["state"] === "ended") return run;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const heard = (prompt: string): boolean => it.model.requests.some(({ text }) => text.includes(JSON.stringify(prompt).slice(1, -1)));
const commandLines = (): string =>
  real.table
    .list()
    .flatMap(({ pid }) => lineOf(pid))
    .join("\n");

function lineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("codex edits a file; the service makes the one commit, and no hook of the repository runs (LPR-37)", async () => {
  writeFileSync(join(it.repo.dir, ".git/hooks/pre-commit"), "#!/bin/sh\ntouch hooked\n", { mode: 0o755 });
  it.model.plan({ run: "echo two >> README.md; git commit -qam mine; echo $? > .git-said" }, { run: "cat .git-said; rm .git-said" }, DONE);
  const { run_id } = await start("Write a second line.");
  expect(await ended(run_id)).toMatchObject({ end: "ok", progress: "progress", commit: it.repo.head() });
  expect(it.repo.git("log", "--format=%s", "-2")).toBe(`looper: run ${String(run_id)}\nFirst`);
  expect(existsSync(join(it.repo.dir, "hooked"))).toBe(false);
});

test("a second request ends a codex whose model hangs, before the new one exists (LPR-70)", async () => {
  it.model.plan({ hang: true });
  const first = await start("Hang.");
  const { pid } = first["codex_exec_result"] as { pid: number };
  expect(real.table.look(pid)).not.toBeNull();
  it.model.plan(DONE);
  const second = await start("Go on.");
  expect([second["killed_codex_exec_pids"], real.table.look(pid)]).toEqual([[pid], null]);
  expect(await ended(first["run_id"])).toMatchObject({ end: "stopped", reason: "superseded" });
  expect(await ended(second["run_id"])).toMatchObject({ end: "ok" });
});

test("prompts reach the model byte for byte, one that begins like a flag and one of a megabyte; no process and no log shows them (LPR-33)", async () => {
  const flag = "--version\nan unusual sentence for the model";
  it.model.plan({ hang: true });
  const { run_id, codex_exec_result } = await start(flag);
  while (!heard(flag)) await new Promise((resolve) => setImmediate(resolve));
  expect([commandLines().includes("--ask-for-approval"), commandLines().includes("unusual sentence")]).toEqual([true, false]);
  await ask("POST", `/runs/${String(run_id)}/stop`, {});
  expect(readFileSync((codex_exec_result as { log_path: string }).log_path, "utf8")).not.toContain("unusual sentence");
  // More than a request may carry, less than codex takes: the operator's file.
  const long = `--${"an unusual sentence for the model, ".repeat(29_000)}`;
  writeFileSync(join(it.repo.outside, "prompt.md"), long);
  await served.close(false);
  it.env["LOOPER_DEFAULT_PROMPT_FILE"] = join(it.repo.outside, "prompt.md");
  await serve();
  it.model.plan(DONE);
  expect(await ended((await start())["run_id"])).toMatchObject({ end: "ok" });
  expect(heard(long)).toBe(true);
});
