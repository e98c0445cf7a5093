/** What a running dispatcher reads again: its configuration, its prompt files and whom it tells; what is broken changes nothing (DSP-6). */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Io } from "@loopx/cli/program";
import { run as pause } from "../../src/commands/gitea-pause.ts";
import { run as status } from "../../src/commands/gitea-status.ts";
import { openGitea, type OpenedGitea } from "../../src/drivers/gitea/assemble.ts";
import { giteaPlace } from "../../src/drivers/gitea/place.ts";
import { healthOf } from "../../src/gitea/health.ts";

const PROMPTS = ".openclaw/workspace/taskprompts";
const HEADER = `${PROMPTS}/how-to-handle-gitea-notifications.md`;
const WORKFLOW = `${PROMPTS}/how-to-work-on-a-gitea-issue-or-pr.md`;
const YAML = "repos: [acme/tool]\nhuman: hana\n";

let folder: string;
let env: Record<string, string>;
let opened: OpenedGitea | null;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-reread-")));
  opened = null;
  for (const name of [PROMPTS, ".loopx"]) mkdirSync(join(folder, name), { recursive: true });
  env = { GITEA_URL: "http://127.0.0.1:1", GITEA_TOKEN: "a-token-of-the-test", LOOPX_RUNTIME_ROOT: join(folder, "runtime") };
  write(".loopx/gitea.yaml", YAML);
});
afterEach(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

const call = () => {
  const io = { version: "0.0.0", cwd: folder, env, home: folder, write: async () => {}, takeSignals: () => () => {} } as unknown as Io;
  const missing = undefined as never;
  return { io, globals: { cwd: folder, quiet: true } as never, row: missing, words: missing, host: missing };
};

async function service(): Promise<OpenedGitea> {
  const place = giteaPlace(call(), {});
  opened = await openGitea(place, { dry_run: false, wake: () => undefined, keeper: "none" });
  return opened;
}

const header = ({ ground }: OpenedGitea): string => ground.prompts().header.text;

describe("a changed prompt file", () => {
  test("is in the next run's prompt; one with a fault leaves the last good one, and status shows file and line", async () => {
    write(HEADER, "one\n");
    write(WORKFLOW, "{{data}}\n");
    const it = await service();
    expect(header(it)).toBe("one\n");
    write(HEADER, "two {{title}}\n");
    it.reconfigure();
    expect([header(it), it.configFault()]).toEqual(["two {{title}}\n", null]);
    write(HEADER, "three\n{{gitea_token}}\n");
    write(WORKFLOW, "{{typo}} {{data}}\n");
    for (let ticks = 0; ticks < 2; ticks += 1) it.reconfigure();
    expect([header(it), it.ground.prompts().workflow.text]).toEqual(["two {{title}}\n", "{{data}}\n"]);
    const fault = it.configFault() ?? "";
    expect([fault.includes(`${HEADER}:2: {{gitea_token}} is refused`), fault.includes(`${WORKFLOW}:1: {{typo}} is no variable`)]).toEqual([
      true,
      true,
    ]);
    expect(healthOf(it.dispatcher, it.configFault())).toMatchObject({ healthy: false, config_fault: fault });
    write(HEADER, "four\n");
    write(WORKFLOW, "{{data}}\n");
    it.reconfigure();
    expect([header(it), it.configFault()]).toEqual(["four\n", null]);
  });

  test("that goes away for a moment, or becomes a folder, changes nothing; the last of the pair that goes gives the shipped one", async () => {
    write(HEADER, "one\n");
    write(WORKFLOW, "two\n");
    const it = await service();
    renameSync(join(folder, HEADER), join(folder, "away"));
    it.reconfigure();
    expect([header(it), it.configFault()]).toEqual(["one\n", expect.stringContaining("one prompt file is there and the other is not")]);
    mkdirSync(join(folder, HEADER));
    it.reconfigure();
    expect([header(it), it.configFault()]).toEqual(["one\n", expect.stringContaining("is no file of at most 1 MiB")]);
    rmSync(join(folder, PROMPTS), { recursive: true });
    it.reconfigure();
    expect([it.ground.prompts().header.file, it.configFault()]).toEqual(["(shipped header)", null]);
  });
});

describe("a changed configuration", () => {
  test("holds from the next tick, also for whom it tells", async () => {
    const it = await service();
    const notices = (): readonly string[] =>
      readFileSync(join(folder, "runtime/executors", it.ground.executor, "notify.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { text: string }).text);
    it.ground.tell({ key: "a", level: "info", text: "nobody hears this" });
    write(".loopx/gitea.yaml", `${YAML}max_rounds: 2\nnotify: [log]\n`);
    it.reconfigure();
    it.ground.tell({ key: "b", level: "info", text: "this is heard" });
    expect(it.ground.config().max_rounds).toBe(2);
    // Broken, it changes nothing, tick after tick.
    write(".loopx/gitea.yaml", `${YAML}notify: [pigeon]\nmax_rounds: 3\n`);
    for (let ticks = 0; ticks < 2; ticks += 1) it.reconfigure();
    expect([it.ground.config().max_rounds, it.configFault()]).toEqual([2, expect.stringContaining("gitea.yaml:3")]);
    it.ground.tell({ key: "c", level: "info", text: "this too" });
    // A driver without what it needs is a fault; the others go on.
    write(".loopx/gitea.yaml", `${YAML}notify: [log, zulip]\n`);
    it.reconfigure();
    expect(it.configFault()).toMatch(/^notify: zulip: /);
    it.ground.tell({ key: "d", level: "info", text: "and this" });
    rmSync(join(folder, ".loopx/gitea.yaml"));
    it.reconfigure();
    expect(it.configFault()).toMatch(/no repository is watched/);
    write(".loopx/gitea.yaml", `${YAML}notify: []\n`);
    it.reconfigure();
    expect(it.configFault()).toBe(null);
    it.ground.tell({ key: "e", level: "info", text: "nobody hears this either" });
    await it.close();
    expect(notices()).toEqual(["this is heard", "this too", "and this"]);
    opened = null;
  });
});

describe("a configuration that is broken", () => {
  test("stops nobody who looks or puts on the brake, and no token is asked of them (DSP-1, DSP-6)", async () => {
    write(".loopx/gitea.yaml", "repos: [acme/tool\nhuman: : :\n");
    env = { GITEA_URL: "http://127.0.0.1:1", LOOPX_RUNTIME_ROOT: join(folder, "runtime") };
    const paused = await pause({ ...call(), input: { reason: "quiet" } });
    expect(paused.exit_code ?? 0).toBe(0);
    const answer = await status({ ...call(), input: {} });
    expect(answer).toMatchObject({ exit_code: 1, payload: { healthy: false, paused: "paused: quiet" } });
    expect(answer.lines?.().join("\n")).toMatch(/- control: paused: quiet\n(?:.*\n)*## Errors\n- .*gitea\.yaml:2: /);
    // Nobody can say which dispatcher is meant.
    env = { LOOPX_RUNTIME_ROOT: join(folder, "runtime") };
    await expect(status({ ...call(), input: {} })).rejects.toThrow("GITEA_URL is required");
  });
});
