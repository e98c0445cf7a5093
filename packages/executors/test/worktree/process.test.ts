/** The built program as people run it: signals, kill -9 in a gate, a watcher (WTL-3, WTL-34, WTL-36). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fakeCommand, runs, type FakeCommand } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { loopRig, type LoopRig } from "../rig/loop.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));

let real: RealGround;
let gate: FakeCommand;
let rig: LoopRig;
const children: ChildProcess[] = [];

beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  gate = await fakeCommand(real.folder, "gate");
  rig = loopRig(real, `worktree: {fast_gate: [{id: unit, argv: [${JSON.stringify(gate.path)}]}]}\n`);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await gate.remove();
  rig.remove();
});

interface Answer {
  readonly result?: string;
  readonly text?: string;
  readonly watcher?: { readonly state: string; readonly pid: number };
}

interface Running {
  readonly child: ChildProcess;
  /** Answered when this was printed on standard error. */
  said(text: string): Promise<void>;
  /** The exit code and the JSON answer. */
  readonly ended: Promise<{ code: number | null; answer: Answer }>;
}

function loop(...words: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...words, "--json"], {
    cwd: rig.repo.dir,
    env: { ...rig.env, SLEEP_SECONDS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const printed = { stdout: "", stderr: "" };
  const waiting: (() => void)[] = [];
  child.stdout.on("data", (bytes: Buffer) => void (printed.stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => {
    printed.stderr += bytes.toString();
    for (const look of waiting) look();
  });
  return {
    child,
    said: (text) =>
      new Promise((resolve) => {
        const look = (): void => (printed.stderr.includes(text) ? resolve() : undefined);
        waiting.push(look);
        look();
      }),
    ended: once(child, "close").then(([code]) => ({
      code: code as number | null,
      answer: JSON.parse(printed.stdout || "{}") as Answer,
    })),
  };
}

describe("the program", () => {
  test("ends with 0 for a good commit and with 1 for a bad one", async () => {
    const good = loop("worktree", "run");
    await (await gate.nextInvocation()).exit(0);
    expect(await good.ended).toMatchObject({ code: 0, answer: { result: "validated" } });
    const bad = loop("worktree", "run", "--retry");
    await (await gate.nextInvocation()).exit(4);
    expect(await bad.ended).toMatchObject({ code: 1, answer: { result: "gate_failed" } });
    expect(await loop("worktree", "run", "--base-sha", "--all").ended).toMatchObject({ code: 2 });
  });

  test("told to end in a gate it stops the gate and ends aborted, with 3 (WTL-3)", async () => {
    const running = loop("worktree", "run");
    const invocation = await gate.nextInvocation();
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 3, answer: { result: "aborted" } });
    expect(runs(invocation.pid)).toBe(false);
  });

  test("killed in a gate leaves the gate alone; the next one ends it, says so, and tests again (WTL-34)", async () => {
    const killed = loop("worktree", "run");
    const orphan = await gate.nextInvocation();
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(runs(orphan.pid)).toBe(true);
    const next = loop("worktree", "run");
    await orphan.gone;
    await next.said("aborted");
    await (await gate.nextInvocation()).exit(0);
    expect(await next.ended).toMatchObject({ code: 0, answer: { result: "validated" } });
    expect(runs(orphan.pid)).toBe(false);
  });

  test("in the background: started once, asked and waited for, stopped with its gate; a requester without a watcher is told (WTL-1, WTL-13, WTL-82)", async () => {
    expect(await loop("worktree", "request", "--wait").ended).toMatchObject({ code: 3 });
    const first = await loop("test", "start").ended;
    expect(first).toMatchObject({ code: 0, answer: { watcher: { state: "running", changed: true } } });
    const pid = first.answer.watcher?.pid ?? 0;
    try {
      expect((await loop("test", "start").ended).answer).toMatchObject({ reason: "already running", watcher: { changed: false, pid } });
      const good = loop("worktree", "request", "--wait");
      await (await gate.nextInvocation()).exit(0);
      expect(await good.ended).toMatchObject({ code: 0, answer: { result: "validated" } });
      expect(await loop("worktree", "request", "--wait").ended).toMatchObject({ code: 0, answer: { result: "validated" } });
      expect((await loop("test", "status").ended).answer).toMatchObject({ watcher: { pid }, last: { result: "validated" } });
      const told = (await loop("test", "logs").ended).answer.text;
      expect(told).toContain("Running tests...");
      expect(await loop("worktree", "request", "--retry").ended).toMatchObject({ code: 0, answer: { watcher: "running" } });
      const invocation = await gate.nextInvocation();
      expect(await loop("test", "stop").ended).toMatchObject({ code: 0, answer: { watcher: { state: "stopped", changed: true } } });
      expect([runs(pid), runs(invocation.pid)]).toEqual([false, false]);
      expect((await loop("test", "status").ended).answer).toMatchObject({ watcher: { state: "stopped" }, last: { result: "aborted" } });
    } finally {
      if (runs(pid)) process.kill(pid, "SIGKILL");
    }
  });

  test("a watcher in the foreground ends with its terminal, and a request that it had not finished stays for the next one (WTL-3)", async () => {
    const watching = loop("worktree", "watch");
    await loop("worktree", "request").ended;
    const invocation = await gate.nextInvocation();
    watching.child.kill("SIGHUP");
    expect((await watching.ended).code).toBe(0);
    expect(runs(invocation.pid)).toBe(false);
    const next = loop("worktree", "watch");
    await (await gate.nextInvocation()).exit(0);
    await next.said("Ready.");
    next.child.kill("SIGTERM");
    await next.ended;
    expect((await loop("worktree", "status").ended).answer).toMatchObject({ requests: [], last: { result: "validated" } });
  });
});
