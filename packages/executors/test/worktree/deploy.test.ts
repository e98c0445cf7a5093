/** Real servers behind a loop: what was tested runs, an old process is never taken for it, and a failure goes back (WTL-75 to WTL-78). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { restartServer, startServer, stopServer } from "../../src/worktree/serve.ts";
import { CHECK, freePort, loopRig, SERVER, type LoopRig } from "../rig/loop.ts";
import { runs } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
let port: number;
const foreign: ChildProcess[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  port = await freePort();
});
afterEach(async () => {
  for (const child of foreign.splice(0)) child.kill("SIGKILL");
  await stopServer(await rig.open(), "main");
  rig.remove();
});

function served(): LoopRig {
  const node = JSON.stringify(process.execPath);
  const config = `worktree:
  fast_gate: [${CHECK}]
  build: {argv: [cp, page.txt, server.mjs, "{artifact_dir}"]}
  components:
    main: {argv: [sh, -c, 'exec "$0" "$1/server.mjs" "$1/page.txt"', ${node}, "{artifact_dir}"], port: ${port}, health: {ready_seconds: 5}}
`;
  return loopRig(real, config, { "server.mjs": SERVER, "page.txt": "one\n" });
}

const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe("the main server", () => {
  test("runs what was tested, is left alone when it is well, and is stopped by its identity", async () => {
    rig = served();
    expect((await rig.cycle()).result).toBe("validated");
    const site = await rig.open();
    const started = await startServer(site, "main", never);
    expect(started).toMatchObject({ state: "healthy", changed: true, sha: rig.repo.head() });
    expect(await page()).toBe("one\n");
    expect(await startServer(site, "main", never)).toMatchObject({ state: "healthy", changed: false, pid: started.pid });
    expect(await stopServer(site, "main")).toMatchObject({ state: "stopped", changed: true });
    expect(runs(started.pid ?? 0)).toBe(false);
  });

  test("is restarted once by a cycle, from the new artifact", async () => {
    rig = served();
    await rig.cycle();
    const before = await startServer(await rig.open(), "main", never);
    rig.repo.commit({ "page.txt": "two\n" });
    expect((await rig.cycle()).result).toBe("validated");
    expect([await page(), runs(before.pid ?? 0)]).toEqual(["two\n", false]);
  });

  test("goes back to what was validated when the new one does not come up; main's history stays (WTL-78)", async () => {
    rig = served();
    await rig.cycle();
    await startServer(await rig.open(), "main", never);
    const good = rig.repo.head();
    const bad = rig.repo.commit({ "page.txt": "dies\n" });
    expect(await rig.cycle()).toMatchObject({ result: "deploy_failed", reason: expect.stringContaining("it ended") });
    expect([await page(), rig.repo.head()]).toEqual(["one\n", bad]);
    expect(await startServer(await rig.open(), "main", never)).toMatchObject({ state: "healthy", changed: false, sha: good });
  });

  test("is not started on a port that another process holds, and that one lives (WTL-76, WTL-132)", async () => {
    rig = served();
    await rig.cycle();
    const other = spawn(process.execPath, ["-e", `require("net").createServer().listen(${port},"127.0.0.1",()=>console.log(1))`], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    foreign.push(other);
    await once(other.stdout ?? other, "data");
    expect(await restartServer(await rig.open(), "main", never)).toMatchObject({
      state: "unhealthy",
      reason: expect.stringContaining(`pid ${other.pid ?? 0}`),
    });
    expect(runs(other.pid ?? 0)).toBe(true);
  });
});
