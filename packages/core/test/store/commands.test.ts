/** Short child programs end as a whole, within their limits, whatever they leave behind (REL-140, REL-144). */
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { nodeCommands } from "../../src/node/commands.ts";
import { systemClock } from "../../src/node/clock.ts";

const commands = nodeCommands(systemClock);
const options = { cwd: realpathSync(tmpdir()), env: { PATH: process.env["PATH"] ?? "" }, timeout_ms: 60_000, max_output_bytes: 1_000 };
const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script];
const STAYS =
  "require('child_process').spawn(process.execPath,['-e','setTimeout(()=>{},SHORTLY)'],{detached:DETACHED,stdio:'inherit'}).unref()";

describe("a short program (REL-108)", () => {
  test("answers what it printed and how it ended", async () => {
    const end = await commands.run(node("process.stdin.pipe(process.stdout);process.stdin.on('end',()=>{process.exitCode=7})"), {
      ...options,
      stdin: "hello",
    });
    expect(end).toMatchObject({ kind: "exited", exit_code: 7, stdout: "hello", stderr: "", truncated: false });
  });

  test("is ended with its group at its limit, though a child holds the pipe", async () => {
    const script = `${STAYS.replace("SHORTLY", "60000").replace("DETACHED", "false")};setInterval(()=>{},1e6)`;
    expect(await commands.run(node(script), { ...options, timeout_ms: 300 })).toMatchObject({ kind: "timed_out" });
  });

  test("is not waited for when it has ended and a child in another session holds the pipe", async () => {
    const script = `const child=${STAYS.replace("SHORTLY", "600000").replace("DETACHED", "true").replace(".unref()", "")};console.log(child.pid);child.unref()`;
    const end = await commands.run(node(script), options);
    process.kill(Number(end.stdout), "SIGKILL");
    expect(end).toMatchObject({ kind: "exited", exit_code: 0 });
  });

  test("gets no variable of ours", async () => {
    const end = await commands.run(node("console.log(Object.keys(process.env).join())"), options);
    expect(end.stdout).toBe("PATH\n");
  });

  test("that cannot be started is a value", async () => {
    expect(await commands.run(["/no/such/program"], options)).toMatchObject({ kind: "not_started", errno: "ENOENT" });
    expect(await commands.run(["/etc/passwd"], options)).toMatchObject({ kind: "not_started", errno: "EACCES" });
    expect(await commands.run(["true", "x".repeat(3_000_000)], options)).toMatchObject({ kind: "not_started", errno: "E2BIG" });
  });

  test("that prints more than is wanted is cut at the limit and ended, though it goes on", async () => {
    const script = "process.on('SIGTERM',()=>{});setInterval(()=>process.stdout.write('x'.repeat(400)),1)";
    const end = await commands.run(node(script), options);
    expect([end.stdout, end.truncated, end.kind === "exited" && end.exit_code === 0]).toEqual(["x".repeat(1000), true, false]);
    expect(await commands.run(node("console.log('x'.repeat(999))"), options)).toMatchObject({ kind: "exited", truncated: false });
  });

  test("that ends by a signal, or without reading what it was given, says how", async () => {
    expect(await commands.run(node("process.kill(process.pid,'SIGKILL')"), options)).toMatchObject({
      kind: "signalled",
      signal: "SIGKILL",
    });
    const given = { ...options, stdin: "x".repeat(1_000_000), handed: "y".repeat(1_000_000) };
    expect(await commands.run(["true"], given)).toMatchObject({ kind: "exited", exit_code: 0 });
  });

  test("is not begun for somebody who has gone already, and ends when he goes", async () => {
    expect(await commands.run(["sleep", "60"], { ...options, signal: AbortSignal.abort() })).toMatchObject({ kind: "cancelled" });
    const wish = new AbortController();
    const running = commands.run(["sh", "-c", "echo up; sleep 60"], { ...options, signal: wish.signal });
    setImmediate(() => wish.abort());
    expect(await running).toMatchObject({ kind: "cancelled" });
  });
});
