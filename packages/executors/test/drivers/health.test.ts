/** Health is identity: real servers, old and new, ours and foreign (WTL-77). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { listenerOn } from "../../src/drivers/health/listener.ts";
import { probe } from "../../src/drivers/health/probe.ts";
import { healthOf, untilReady, type HealthIdentity, type Server } from "../../src/drivers/health/ready.ts";
import { hostProcesses, recordOf } from "../../src/drivers/process/identity.ts";

const table = hostProcesses();
const children: ChildProcess[] = [];
const servers: HttpServer[] = [];
const never = new AbortController().signal;

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const server of servers.splice(0)) server.close();
});

/** A process of its own that serves on a free port, or on the given one; prints its port when it listens. */
async function started(script: string, env: Readonly<Record<string, string>> = {}): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ["-e", script], {
    detached: true,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(child);
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}

const SERVE = (answer: string): string =>
  `const s=require("http").createServer((q,a)=>{${answer}});s.listen(Number(process.env.PORT||0),"127.0.0.1",()=>console.log(s.address().port))`;
const ECHO = SERVE("a.setHeader('x-loopx-instance',process.env.LOOPX_INSTANCE_ID);a.end('ok')");
const PLAIN = SERVE("a.end('ok')");
const SILENT_ONE = "console.log(0);setInterval(()=>{},1e6)";

/** An own server of the test process: foreign to every child. */
async function foreign(answer: (path: string) => { status: number; headers?: Record<string, string>; body?: string }): Promise<number> {
  const server = createServer((asked, reply) => {
    const { status, headers = {}, body = "" } = answer(asked.url ?? "");
    reply.writeHead(status, headers).end(body);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const serverOf = (child: ChildProcess, port: number, identity: HealthIdentity = "auto"): Server => ({
  process: recordOf(child.pid ?? 0, table),
  instance_id: "instance-1",
  port,
  path: "/health",
  identity,
});

describe("a probe", () => {
  test.each([
    [200, "well"],
    [204, "well"],
    [302, "unwell"],
    [503, "unwell"],
  ] as const)("takes %i for %s and follows no redirect", async (status, kind) => {
    const port = await foreign(() => ({ status, headers: { location: "/elsewhere" } }));
    expect(await probe({ port, path: "/health" })).toMatchObject({ kind, status });
  });

  test("reads who answers from a header or from JSON", async () => {
    const port = await foreign((path) =>
      path === "/json" ? { status: 200, body: '{"instance_id":"a"}' } : { status: 200, headers: { "x-loopx-instance": "b" } },
    );
    expect([await probe({ port, path: "/json" }), await probe({ port, path: "/" })]).toMatchObject([{ instance: "a" }, { instance: "b" }]);
  });

  test("of a port where nobody listens, or where nobody answers, is silence", async () => {
    const port = await foreign(() => ({ status: 200 }));
    servers.at(-1)?.close();
    expect(await probe({ port, path: "/" })).toEqual({ kind: "silent", why: "ECONNREFUSED" });
    const { port: mute } = await started(SERVE(""));
    expect(await probe({ port: mute, path: "/", timeout_ms: 100 })).toMatchObject({ kind: "silent" });
  });
});

describe("the listener on a port", () => {
  test("is named with its pid and command; nobody is null", async () => {
    const { child, port } = await started(PLAIN);
    expect(listenerOn(port)).toMatchObject({ pid: child.pid, command: expect.stringContaining("node") });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(listenerOn(port)).toBeNull();
  });
});

describe("a server that was started", () => {
  test.each<[string, string, HealthIdentity]>([
    ["echoes its instance", ECHO, "auto"],
    ["echoes its instance", ECHO, "echo"],
    ["listens itself", PLAIN, "auto"],
    ["listens itself", PLAIN, "listener"],
  ])("is well when it answers and %s (%#)", async (_what, script, identity) => {
    const { child, port } = await started(script, { LOOPX_INSTANCE_ID: "instance-1" });
    expect(await healthOf(serverOf(child, port, identity), table)).toEqual({ kind: "well" });
    expect(await untilReady(serverOf(child, port, identity), table, { ready_ms: 5_000, still_ms: 1 }, never)).toEqual({ kind: "well" });
  });

  test("is not well because an old process still answers on its port (WTL-125)", async () => {
    const old = await started(ECHO, { LOOPX_INSTANCE_ID: "instance-0" });
    const { child } = await started(SILENT_ONE, { LOOPX_INSTANCE_ID: "instance-1" });
    expect(await healthOf(serverOf(child, old.port), table)).toMatchObject({ kind: "foreign", pid: old.child.pid });
    const plain = await started(PLAIN);
    expect(await healthOf(serverOf(child, plain.port), table)).toMatchObject({ kind: "foreign", pid: plain.child.pid });
    expect(await untilReady(serverOf(child, plain.port), table, { ready_ms: 1, look_ms: 1 }, never)).toMatchObject({ kind: "foreign" });
  });

  test("is gone when it died of the port that another one holds", async () => {
    const port = await foreign(() => ({ status: 200 }));
    const { child } = await started(`console.log(0);${PLAIN}`, { PORT: String(port) });
    const server = serverOf(child, port);
    await once(child, "exit");
    expect(await untilReady(server, table, { ready_ms: 60_000 }, never)).toEqual({ kind: "gone" });
  });

  test("is well when a child of its own listens", async () => {
    const parent = `const c=require("child_process").spawn(process.execPath,["-e",${JSON.stringify(PLAIN)}],{stdio:["ignore","inherit","ignore"]});setInterval(()=>{},1e6)`;
    const { child, port } = await started(parent, { LOOPX_INSTANCE_ID: "instance-1" });
    expect(await healthOf(serverOf(child, port, "listener"), table)).toEqual({ kind: "well" });
    process.kill(-(child.pid ?? 0), "SIGKILL");
  });

  test("that must echo and does not is unwell", async () => {
    const { child, port } = await started(PLAIN, { LOOPX_INSTANCE_ID: "instance-1" });
    expect(await healthOf(serverOf(child, port, "echo"), table)).toMatchObject({ kind: "unwell" });
  });
});
