/**
 * A real loop that is killed with SIGKILL in each of its phases, one process after the other on one repository, with a real server:
 * each goes on from what the one before it left, and in the end everything was done once (WTL-34).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, openHost } from "@loopx/core";
import { parseGoalId } from "@loopx/core/domain";
import { rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startServer, stopServer } from "../../src/worktree/serve.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import type { KilledLoop } from "../rig/killed-loop.ts";
import { freePort, loopRig, SERVER, type LoopRig } from "../rig/loop.ts";

let real: RealGround;
let rig: LoopRig;
let loop: string;
beforeAll(async () => {
  real = await realGround();
  loop = join(real.folder, "killed-loop.mjs");
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../rig/killed-loop.ts", import.meta.url)),
    platform: "node",
    external: ["@larksuiteoapi/node-sdk"],
    resolve: { conditionNames: ["@loopx/source", "import", "node", "default"], mainFields: ["module", "main"] },
    checks: { eval: false },
    logLevel: "silent",
  });
  await bundle.write({ file: loop, format: "esm", codeSplitting: false });
  await bundle.close();
});
afterAll(() => real.remove());
afterEach(async () => {
  await stopServer(await rig.open(), "main");
  rig.remove();
});

const never = new AbortController().signal;

/** In the order in which a cycle with a repair comes to them; those that a cycle goes on from are left twice. */
const DEATHS: readonly KilledLoop["dies"][] = [
  ...["ensure", "stop_test", "reset", "prepare", "build", "fast_gate", "fix"].map((phase) => ({ phase, intent: true })),
  ...["fix", "commit", "slow_gate", "approve"].map((phase) => ({ phase, intent: false })),
  ...["promote", "deploy_test", "deploy_main", "record"].flatMap((phase) => [
    { phase, intent: true },
    { phase, intent: false },
  ]),
];

async function killed(options: KilledLoop): Promise<string | null> {
  const child = spawn(process.execPath, [loop, JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return signal ?? `exit code ${code}`;
}

test("nineteen loops killed one after the other promote once, pay once, start the new server once, and lose no edit", async () => {
  const port = await freePort();
  rig = loopRig(real, "", { "server.mjs": SERVER, "page.txt": "good\n" });
  const [agent, starts] = ["agent.sh", "starts"].map((name) => join(rig.repo.outside, name)) as [string, string];
  writeFileSync(agent, "#!/bin/sh\necho good > page.txt\n");
  chmodSync(agent, 0o755);
  const home = rig.env["HOME"] ?? "";
  await connect(openHost({ cwd: rig.repo.dir, env: rig.env, home, project: "." }), {
    goal_id: "parser",
    project: rig.repo.dir,
    cwd: rig.repo.dir,
  });
  const argv = ["sh", "-c", `echo started >> '${starts}'; exec '${process.execPath}' "$0/server.mjs" "$0/page.txt"`, "{artifact_dir}"];
  const config = `goal_id: parser
worktree:
  build: {argv: [cp, page.txt, server.mjs, "{artifact_dir}"]}
  fast_gate: [{id: unit, argv: [sh, -c, 'grep -qx good page.txt']}]
  slow_gate: [{id: lint, argv: ["true"]}]
  fix: {enabled: true, driver: command, argv: [${agent}], paths: [page.txt]}
  components: {main: {argv: ${JSON.stringify(argv)}, port: ${port}, health: {ready_seconds: 20}}}
`;
  const ignored = ".env\nlogs/\n.worktrees/\n.loopx/\n.codex/\n";
  rig.repo.commit({ "loopx-loop.yaml": config, ".gitignore": ignored }, "Serve");
  expect((await rig.cycle()).result).toBe("validated");
  await startServer(await rig.open(), "main", never);
  const base_sha = rig.repo.commit({ "page.txt": "bad\n" }, "Break it");
  rig.repo.write({ "check.mjs": "// half done\n" });

  const { patience } = await rig.open();
  const options = { cwd: rig.repo.dir, env: rig.env, home, keeper: real.keeper, patience, base_sha };
  for (const dies of DEATHS) expect([dies, await killed({ ...options, dies })]).toEqual([dies, "SIGKILL"]);
  expect(await killed({ ...options, dies: { phase: "none", intent: true } })).toBe("exit code 0");

  const site = await rig.open();
  const goal_id = parseGoalId("parser");
  const page = goal_id === null ? null : await site.host.logs.tail({ kind: "runs", goal_id }, { limit: 100 });
  const told =
    page?.kind === "page" ? page.entries.flatMap((each) => (each.kind === "record" ? [String(each.record["classification"])] : [])) : [];
  const count = (name: string): number => told.filter((each) => each === name).length;
  expect(count("loop_cycle_promoted")).toBe(1);
  expect(count("quota_slot_spent")).toBe(1);
  // Up to `prepare` a cycle starts over, up to `approve` it is given up.
  expect(count("loop_cycle_aborted")).toBe(6);
  expect(rig.repo.git("log", "--format=%s")).toBe("fix: auto-fix from test (attempt 1)\nBreak it\nServe\nFirst");
  expect(readFileSync(starts, "utf8")).toBe("started\nstarted\n");
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("good\n");
  expect(rig.repo.git("status", "--porcelain")).toBe(" M check.mjs");
});
