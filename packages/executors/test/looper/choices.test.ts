/** What an operator chooses: the agent and its program, his own sender, his limits (LPR-24, LPR-25, LPR-35, LPR-36). */
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { agentFinder } from "../../src/drivers/looper/agent-program.ts";
import { looperConfig } from "../../src/drivers/looper/place.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { openYard, TOKEN, type Yard } from "./rig.ts";

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

function program(...parts: readonly string[]): string {
  const path = join(yard.folder, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n[ $1 = --version ] && echo codex-cli 1.2.3\n");
  chmodSync(path, 0o755);
  return path;
}

describe("the agent's program (LPR-24)", () => {
  const find = async (asked: string | null = null) => {
    const io = { ...yard.io(), env: yard.env };
    const { config } = looperConfig(
      { dir: join(yard.folder, "looper") },
      { io, cwd: yard.project, runtime_root: join(yard.folder, "runtime") },
    );
    const found = await agentFinder(config, yard.env)(asked);
    return found.kind === "agent" ? [found.source, found.settings.program] : found.kind;
  };

  test("is the variable's, else a local build, else PATH's; else it is missing", async () => {
    expect(await find()).toEqual(["env", yard.program]);
    delete yard.env["CODEX_EXEC_BINARY"];
    yard.env["PATH"] = [join(yard.folder, "on-path"), "/usr/bin", "/bin"].join(delimiter);
    expect(await find()).toBe("missing");
    const onPath = program("on-path/codex");
    expect(await find()).toEqual(["path", onPath]);
    const debug = program("looper/codex/codex-rs/target/debug/codex");
    expect(await find()).toEqual(["local", debug]);
    expect(await find()).toEqual(["local", debug]);
    const own = program("looper/codex/codex");
    expect(await find()).toEqual(["local", own]);
  });

  test("is a request's own only when it would have been found anyway, or was listed, whatever its name leads to", async () => {
    const listed = program("listed/codex-next");
    yard.env["LOOPER_CODEX_BINARIES"] = listed;
    symlinkSync(listed, join(yard.folder, "linked"));
    symlinkSync("/bin/sh", join(yard.folder, "codex-shell"));
    expect(await find(yard.program)).toEqual(["request", yard.program]);
    expect(await find(listed)).toEqual(["request", listed]);
    expect(await find(join(yard.folder, "linked"))).toEqual(["request", listed]);
    expect(await find("../listed/codex-next")).toEqual(["request", listed]);
    for (const no of [join(yard.folder, "codex-shell"), "sh", "/bin/sh", "", "-c", "../../../bin/sh"])
      expect([no, await find(no)]).toEqual([no, "forbidden"]);
  });
});

test("another agent is run by its own words, and its output ends a silence (LPR-35, LPR-36)", async () => {
  const script =
    "let text = ''; process.stdin.on('data', (part) => (text += part)).on('end', () => { console.log(text.length); setInterval(() => {}, 1e6); })";
  Object.assign(yard.env, {
    LOOPER_AGENT: "command",
    LOOPER_AGENT_COMMAND: JSON.stringify([process.execPath, "-e", script]),
    LOOPER_STALL_SECONDS: "1",
  });
  await yard.serve();
  const { status, body } = await yard.post({ zulip_message: "go", codex_prompt: "seven!!" });
  expect([status, body["codex_exec_binary_source"]]).toEqual([200, "path"]);
  while (yard.served.looper.live().length > 0) await new Promise((resolve) => setImmediate(resolve));
  const { body: ended } = await yard.ask("GET", `/runs/${String(body["run_id"])}`);
  expect(ended["run"]).toMatchObject({ end: "stalled", signal: "SIGTERM", commit: "run_not_ok" });
  expect(readFileSync((body["codex_exec_result"] as { log_path: string }).log_path, "utf8")).toMatch(
    /\n7\n\n# end=stalled reason=.+\n# codex_exec_return_code=-15\n$/,
  );
});

describe("an operator's own sender (LPR-25)", () => {
  const sender = (body: string): string => {
    const path = join(yard.folder, "send.mjs");
    writeFileSync(path, body);
    return path;
  };

  test("gets the message by standard input and the Zulip variables, and nothing else of ours", async () => {
    const seen = join(yard.folder, "seen.json");
    const path = sender(
      `import { readFileSync, writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(seen)}, JSON.stringify([readFileSync(0, "utf8"), process.argv.slice(2), process.env]));\n`,
    );
    Object.assign(yard.env, { LOOPER_ZULIP_SCRIPTS: path, ZULIP_TOPIC: "runs" });
    await yard.serve();
    const { status, body } = await yard.post({ zulip_message: "--yolo; rm", codex_prompt: "", zulip_script_path: path });
    expect([status, body["zulip_output"]]).toEqual([200, "sent by send.mjs"]);
    const [message, argv, env] = JSON.parse(readFileSync(seen, "utf8")) as [string, string[], Record<string, string>];
    expect([message, argv, env["ZULIP_TOPIC"], JSON.stringify(env).includes(TOKEN)]).toEqual(["--yolo; rm", [], "runs", false]);
  });

  test("that fails ends the request only where an announcement is required (LPR-31)", async () => {
    const path = sender("process.exit(4);\n");
    Object.assign(yard.env, { LOOPER_ZULIP_SCRIPTS: path, LOOPER_ZULIP_REQUIRED: "1" });
    await yard.serve();
    const ask = () => yard.post({ zulip_message: "go", codex_prompt: "p", zulip_script_path: path });
    expect(await ask()).toMatchObject({ status: 500, body: { code: "zulip_failed", error: "zulip send failed: send.mjs ended with 4" } });
    expect(yard.codex.calls()).toBe(0);
    await yard.served.close(false);
    yard.env["LOOPER_ZULIP_REQUIRED"] = "0";
    await yard.serve();
    const answered = ask();
    await yard.nextRun();
    expect(await answered).toMatchObject({ status: 200, body: { zulip_output: "failed: send.mjs ended with 4" } });
  });
});
