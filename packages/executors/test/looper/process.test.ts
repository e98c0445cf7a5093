/** The built `loopx-loop looper` as a person runs it: a service that is killed, ended and asked by its own wrapper. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { COMPLETED, openYard, TOKEN, type Yard } from "./rig.ts";

const BIN = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));

let real: RealGround;
let yard: Yard;
let services: ChildProcess[];
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  yard = await openYard(real.keeper);
  services = [];
});
afterEach(async () => {
  for (const service of services) service.kill("SIGKILL");
  await yard.remove();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function loop(
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly said: (text: RegExp) => Promise<RegExpExecArray> } {
  const child = spawn(process.execPath, [BIN, "looper", ...words], {
    cwd: yard.project,
    env: { ...yard.env, LOOPX_RUNTIME_ROOT: join(yard.folder, "runtime"), ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = { stdout: "", stderr: "" };
  const waiting: (() => void)[] = [];
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (part: Buffer) => {
      out[stream] += part.toString();
      for (const look of waiting) look();
    });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, ...out }));
  });
  const said = (text: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = (): void => {
        const found = text.exec(out.stderr);
        if (found !== null) resolve(found);
      };
      waiting.push(look);
      look();
      void ended.then((end) => reject(new Error(`ended with ${end.code}: ${end.stderr}`)));
    });
  return { child, ended, said };
}

async function serve(...words: string[]): Promise<{ readonly url: string; readonly child: ChildProcess; readonly ended: Promise<Ended> }> {
  const service = loop(["serve", "--port", "0", "--workspace", yard.project, ...words]);
  services.push(service.child);
  const [, url = ""] = await service.said(/Looper listens at (http:\S+)\//);
  return { url, child: service.child, ended: service.ended };
}

async function ask(url: string, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return (await response.json()) as Record<string, unknown>;
}

/** Waits for that step in the service's log. */
async function heard(url: string, step: string): Promise<void> {
  const log = join(yard.folder, "runtime/executors/looper/logs/looper-server.log");
  while (!readFileSync(log, "utf8").includes(`"step":"${step}","seconds":3600`)) await ask(url, "/health");
}

describe("the service as a process", () => {
  test("killed with -9 it leaves its run alive; the next one adopts it, and ends it when it is told to end (LPR-64, LPR-65, LPR-75)", async () => {
    const first = await serve();
    const asked = loop(["run", "go", "--prompt", "p", "--url", first.url]);
    const run = await yard.nextRun();
    expect((await asked.ended).code).toBe(0);
    first.child.kill("SIGKILL");
    await first.ended;
    expect(real.table.look(run.pid)).not.toBeNull();
    const second = await serve();
    const { live } = await ask(second.url, "/status");
    expect(live).toHaveLength(1);
    second.child.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
    await run.gone;
    const third = await serve();
    const { runs } = (await ask(third.url, "/runs")) as { runs: readonly Record<string, unknown>[] };
    expect(runs).toEqual([expect.objectContaining({ state: "ended", end: "stopped", reason: "service_stopped" })]);
  });

  test("a run that ended while nobody looked is closed with its own end, and what it changed is committed (LPR-37, LPR-64)", async () => {
    const first = await serve();
    const asked = loop(["run", "go", "--prompt", "p", "--url", first.url]);
    const run = await yard.nextRun();
    await asked.ended;
    first.child.kill("SIGKILL");
    await first.ended;
    await run.write(join(yard.project, "made.txt"), "made");
    await run.stdout(COMPLETED);
    await run.exit(0);
    await run.gone;
    const second = await serve();
    for (;;) {
      const { runs } = (await ask(second.url, "/runs")) as { runs: readonly Record<string, unknown>[] };
      if (runs[0]?.["state"] !== "ended") continue;
      expect(runs[0]).toMatchObject({ end: "ok", exit_code: 0, progress: "progress", commit: yard.git("rev-parse", "HEAD").trim() });
      expect(yard.git("show", "--name-only", "--format=", "HEAD")).toBe("made.txt\n");
      break;
    }
  });

  test("left alone it ends at once, whoever waits is told so, and a taken port is no reason to stay (LPR-64, LPR-65)", async () => {
    const first = await serve("--leave-running");
    await Promise.all([yard.nextRun(), loop(["run", "go", "--prompt", "p", "--url", first.url]).ended]);
    const waiting = loop(["run", "go", "--notify-only", "--url", first.url]);
    expect((await waiting.ended).code).toBe(0);
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    first.child.kill("SIGHUP");
    expect((await first.ended).code).toBe(0);
    expect((await loop(["serve", "--port", String(port), "--workspace", yard.project]).ended).code).toBe(3);
    taken.close();
    const second = await serve();
    expect((await ask(second.url, "/status"))["live"]).toHaveLength(1);
    const late = loop(["run", "late", "--prompt", "p", "--delay", "3600", "--url", second.url]);
    await heard(second.url, "delay");
    second.child.kill("SIGTERM");
    expect([(await second.ended).code, await late.ended]).toEqual([
      0,
      expect.objectContaining({ code: 1, stderr: expect.stringContaining("shutting down") }),
    ]);
  });

  test("open to others it needs a token of the operator's (LPR-13)", async () => {
    const { LOOPER_API_TOKEN: _token, ...env } = yard.env;
    yard.env = env;
    const { code, stderr } = await loop(["serve", "--host", "0.0.0.0", "--port", "0"]).ended;
    expect([code, stderr.split("\n")[0]]).toEqual([
      2,
      expect.stringContaining("LOOPER_HOST=0.0.0.0 is open to others and needs a token of yours"),
    ]);
  });

  test("--check shows the configuration with the agent's program and no token, and fails without a program (LPR-1)", async () => {
    const { code, stdout } = await loop(["serve", "--check", "--json"]).ended;
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ api_token: "<set>", program: yard.program, program_source: "env" }),
    ]);
    expect(stdout).not.toContain(TOKEN);
    const without = await loop(["serve", "--check"], { CODEX_EXEC_BINARY: "", PATH: "/nowhere" }).ended;
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("required tool is missing from PATH: codex")]);
  });
});

describe("the wrapper", () => {
  test("--wait ends with the run: 0 when it went well, 1 when not; stop ends it (LPR-3, LPR-4)", async () => {
    const { url } = await serve();
    writeFileSync(join(yard.folder, "prompt.md"), "--version\nwork");
    const good = loop(["run", "go", "--prompt-file", join(yard.folder, "prompt.md"), "--url", url, "--wait", "--json"]);
    const first = await yard.nextRun();
    expect((await first.stdin()).toString()).toBe("--version\nwork");
    await first.stdout(COMPLETED);
    await first.exit(0);
    const ended = await good.ended;
    expect([ended.code, JSON.parse(ended.stdout)]).toEqual([
      0,
      expect.objectContaining({ ok: true, ended: expect.objectContaining({ end: "ok" }) }),
    ]);
    const bad = loop(["run", "go", "--prompt", "p", "--url", url, "--wait"]);
    const second = await yard.nextRun();
    await second.stdout("{}\n");
    expect((await loop(["stop", "--url", url]).ended).code).toBe(0);
    expect((await bad.ended).code).toBe(1);
  });

  test("without a service it says which command starts one", async () => {
    const { code, stderr } = await loop(["status", "--url", "http://127.0.0.1:1"]).ended;
    expect([code, stderr]).toEqual([3, expect.stringContaining("loopx-loop looper serve")]);
  });
});
