import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adopt, findProcess } from "../../src/drivers/process/adopt.ts";
import type { RecordedProcess } from "../../src/drivers/process/identity.ts";
import { launch, type Launched } from "../../src/drivers/process/launch.ts";
import type { Order } from "../../src/drivers/process/order.ts";
import { stopRun } from "../../src/drivers/process/stop.ts";
import { supervise, type RunLimits } from "../../src/drivers/process/supervise.ts";
import { fakeCommand, runs, type FakeCommand, type Invocation } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let ground: RealGround;
let fake: FakeCommand;
let run = 0;
const strays: number[] = [];

beforeAll(async () => {
  ground = await realGround();
});
afterAll(() => ground.remove());
beforeEach(async () => {
  fake = await fakeCommand(ground.folder, "fake");
});
afterEach(async () => {
  for (const pid of strays.splice(0)) if (runs(pid)) process.kill(pid, "SIGKILL");
  await fake.remove();
});

const NO_LIMITS: RunLimits = { max_ms: 60_000, silence_ms: 0 };
const never = new AbortController().signal;

interface Started {
  readonly launched: Launched;
  readonly invocation: Invocation;
  readonly mark: { readonly name: string; readonly value: string };
  readonly log: string;
  readonly exit_file: string;
  /** What the log holds. */
  printed(): string;
}

async function started(more: Partial<Order> = {}): Promise<Started> {
  run += 1;
  const mark = { name: "LOOPX_RUN_ID", value: `run_${run}` };
  const log = join(ground.folder, `${run}.log`);
  const exit_file = join(ground.folder, `${run}.exit.json`);
  const launched = await launch(
    {
      program: fake.path,
      argv: [],
      env: { PATH: process.env["PATH"] ?? "", [mark.name]: mark.value },
      cwd: ground.folder,
      stdin: null,
      log: { path: log, limit: 1024 * 1024, policy: "cut" },
      stdout_copy: null,
      exit_file,
      redact: [],
      ...more,
    },
    ground,
  );
  if (launched.kind !== "started") throw new Error(launched.errno);
  const invocation = await fake.nextInvocation();
  strays.push(invocation.pid);
  return { launched, invocation, mark, log, exit_file, printed: () => readFileSync(log, "utf8") };
}

const watched = ({ launched, mark }: Started, limits = NO_LIMITS, signal = never) =>
  supervise(launched, { mark, limits, table: ground.table, signal, term_grace_ms: 300, remains_ms: 300 });

describe("a program that runs", () => {
  test("gets its standard input from a file, byte for byte, and an environment of its own", async () => {
    const { invocation, mark, ...rest } = await started({ stdin: ground.keeper, argv: ["-x", "a b"] });
    expect(await invocation.stdin()).toEqual(readFileSync(ground.keeper));
    expect(invocation.argv).toEqual(["-x", "a b"]);
    expect(Object.keys(invocation.env).toSorted()).toEqual([mark.name, "PATH"]);
    const end = watched({ invocation, mark, ...rest });
    await invocation.exit(42);
    expect(await end).toEqual({
      end: { kind: "exited", exit: { exit_code: 42, signal: null } },
      exit: { exit_code: 42, signal: null },
      log_truncated: null,
      still_alive: [],
    });
  });

  test("leads its own group, and its record says who it is (AGT-20, REL-145)", async () => {
    const { launched, invocation } = await started();
    expect(launched.process).toMatchObject({ pid: invocation.pid, pgid: invocation.pid, boot_id: ground.table.boot_id });
    expect(launched.process.start_ticks).toMatch(/^\d+$/);
    await invocation.exit(0);
  });

  test("that is not there is a value", async () => {
    const order: Order = {
      program: join(ground.folder, "none"),
      argv: [],
      env: {},
      cwd: ground.folder,
      stdin: null,
      stdout_copy: null,
      log: { path: join(ground.folder, "none.log"), limit: 1000, policy: "cut" },
      exit_file: null,
      redact: [],
    };
    expect(await launch(order, ground)).toEqual({ kind: "not_started", errno: "ENOENT" });
  });

  test("may open /dev/stderr, which a socket would refuse", async () => {
    const log = join(ground.folder, "dev.log");
    const launched = await launch(
      {
        program: "/bin/sh",
        argv: ["-c", "echo one; echo two > /dev/stderr; echo three > /dev/stdout"],
        env: { PATH: process.env["PATH"] ?? "" },
        cwd: ground.folder,
        stdin: null,
        stdout_copy: null,
        exit_file: null,
        redact: [],
        log: { path: log, limit: 1000, policy: "cut" },
      },
      ground,
    );
    if (launched.kind !== "started") throw new Error(launched.errno);
    expect(await launched.exited).toEqual({ exit_code: 0, signal: null });
    await launched.closed;
    expect(readFileSync(log, "utf8")).toBe("one\ntwo\nthree\n");
  });
});

describe("a log", () => {
  test("is private and holds no registered value, also across two writes (REL-147)", async () => {
    const it = await started({ redact: ["hunter2-hunter2"] });
    await it.invocation.stdout("a hunter2-");
    await it.invocation.stdout("hunter2 b\n");
    const end = watched(it);
    await it.invocation.exit(0);
    await end;
    expect(it.printed()).toBe("a <redacted> b\n");
    expect(statSync(it.log).mode & 0o777).toBe(0o600);
  });

  test("that cannot be written drops what follows, and the program goes on (AGT-20)", async () => {
    const it = await started({ log: { path: "/dev/full", limit: 1000, policy: "cut" } });
    await it.invocation.stdout("x".repeat(1_000_000));
    const end = watched(it);
    await it.invocation.exit(0);
    expect(await end).toMatchObject({ end: { kind: "exited" }, log_truncated: "write_error" });
  });

  test("keeps its head and its tail within the limit (AGT-21)", async () => {
    const it = await started({ log: { path: join(ground.folder, "cut.log"), limit: 40_000, policy: "cut" } });
    await it.invocation.stdout("first line\n");
    for (let line = 0; line < 20; line += 1) await it.invocation.stdout(`${String(line).repeat(9_000).slice(0, 9_000)}\n`);
    await it.invocation.stdout("last line\n");
    const end = watched(it);
    await it.invocation.exit(0);
    expect(await end).toMatchObject({ log_truncated: "limit" });
    const text = readFileSync(join(ground.folder, "cut.log"), "utf8");
    expect(text.startsWith("first line\n")).toBe(true);
    expect(text.endsWith("last line\n")).toBe(true);
    expect(text).toMatch(/\n# … \d+ bytes dropped …\n/);
    expect(text.length).toBeLessThanOrEqual(40_000);
  });
});

describe("the end of a run", () => {
  test("comes at its limit, also for a command that ignores SIGTERM and left others behind (AGT-23 to AGT-26)", async () => {
    const it = await started();
    await it.invocation.ignore("SIGTERM");
    const stray = await it.invocation.spawn({ session: true, pipes: true });
    strays.push(stray);
    expect(await watched(it, { max_ms: 1, silence_ms: 0 })).toMatchObject({
      end: { kind: "timeout" },
      exit: { signal: "SIGKILL" },
      still_alive: [],
    });
    expect([runs(it.invocation.pid), runs(stray)]).toEqual([false, false]);
  });

  test("comes after a silence; output puts it off (AGT-26)", async () => {
    const it = await started();
    await it.invocation.stdout("a sign of life\n");
    expect((await watched(it, { max_ms: 60_000, silence_ms: 200 })).end).toEqual({ kind: "stalled" });
    expect(runs(it.invocation.pid)).toBe(false);
  });

  test("comes when somebody wants it, with the reason", async () => {
    const stopping = new AbortController();
    const it = await started();
    const end = watched(it, NO_LIMITS, stopping.signal);
    stopping.abort("the goal was paused");
    expect((await end).end).toEqual({ kind: "stopped", reason: "the goal was paused" });
    expect(runs(it.invocation.pid)).toBe(false);
  });

  test.each([
    ["in its own session", { session: true, pipes: true }],
    ["in the group", { session: false, pipes: true }],
  ])("is the leader's: a grandchild %s that holds the pipe is ended, not waited for (AGT-27)", async (_where, how) => {
    const it = await started();
    const stray = await it.invocation.spawn(how);
    strays.push(stray);
    const end = watched(it);
    await it.invocation.exit(0);
    expect(await end).toMatchObject({ end: { kind: "exited", exit: { exit_code: 0 } }, still_alive: [] });
    expect(runs(stray)).toBe(false);
  });

  test("spares everybody else, whatever his command line says (AGT-95)", async () => {
    const bystander = spawn(process.execPath, ["-e", "console.log(1);setInterval(()=>{},1e6)", "--", "codex exec", fake.path], {
      detached: true,
    });
    await once(bystander.stdout, "data");
    const it = await started();
    await stopRun(it.launched.process, it.mark, { table: ground.table, term_grace_ms: 300 });
    expect([runs(it.invocation.pid), runs(bystander.pid ?? 0)]).toEqual([false, true]);
    bystander.kill("SIGKILL");
  });

  test.each<[string, (record: RecordedProcess) => RecordedProcess]>([
    ["another start time: the pid was reused", (record) => ({ ...record, start_ticks: "1" })],
    ["another boot", (record) => ({ ...record, boot_id: "00000000-0000-0000-0000-000000000000" })],
    ["another user", (record) => ({ ...record, uid: record.uid + 1 })],
    ["a start that nobody saw", (record) => ({ ...record, start_ticks: "" })],
    ["the pid of this test", (record) => ({ ...record, pid: process.pid, pgid: process.pid })],
    ["the first process", (record) => ({ ...record, pid: 1, pgid: 1 })],
  ])("signals nothing for a record with %s (AGT-99)", async (_what, forged) => {
    const it = await started();
    const signals: number[] = [];
    const signal = (pid: number): void => void signals.push(pid);
    const nobody = { name: "LOOPX_RUN_ID", value: "run_of_nobody" };
    await stopRun(forged(it.launched.process), nobody, { table: ground.table, term_grace_ms: 1, signal });
    expect(signals).toEqual([]);
    await it.invocation.exit(0);
  });
});

describe("a run that outlives its executor", () => {
  test("is found by its record or its mark, watched, and its end is read from its files (AGT-28)", async () => {
    const it = await started();
    expect(findProcess(it.launched.process, it.mark, ground.table)).toEqual(it.launched.process);
    expect(findProcess(null, it.mark, ground.table)).toEqual(it.launched.process);
    const adopted = adopt(it.launched.process, { log: it.log, exit_file: it.exit_file }, ground.table);
    const end = supervise(adopted, { mark: it.mark, limits: NO_LIMITS, table: ground.table, signal: never });
    await it.invocation.exit(3);
    expect((await end).end).toEqual({ kind: "exited", exit: { exit_code: 3, signal: null } });
  });

  test("is lost when it is gone without a word", async () => {
    const it = await started({ exit_file: null });
    const adopted = adopt(it.launched.process, { log: it.log, exit_file: it.exit_file }, ground.table);
    await it.invocation.die("SIGKILL");
    const watch = { mark: it.mark, limits: NO_LIMITS, table: ground.table, signal: never };
    expect((await supervise(adopted, watch)).end).toEqual({ kind: "lost" });
    expect(findProcess(it.launched.process, it.mark, ground.table)).toBeNull();
  });
});
