/** `loopx-loop doctor` on a machine of the test's own making: agents that are old, free, or not there (AGT-7, AGT-43, AGT-52, AGT-83, AGT-84). */
import { chmodSync, existsSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../src/commands/doctor.ts";
import type { Check } from "../../src/doctor/check.ts";
import { repository, type Repository } from "../rig/repository.ts";
import { ioAt } from "../rig/io.ts";

let repo: Repository;
afterEach(() => repo.remove());

/** The programs on PATH, each a shell script, beside git and a shell. */
function machine(programs: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): void {
  repo = repository({ ".gitignore": "logs/\n.worktrees/\n", ...files });
  mkdirSync(join(repo.outside, "bin"));
  for (const name of ["git", "sh"]) {
    const [place = ""] = ["/usr/bin", "/bin", "/usr/local/bin"].filter((folder) => existsSync(join(folder, name)));
    symlinkSync(join(place, name), join(repo.outside, "bin", name));
  }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(repo.outside, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(repo.outside, "bin", name), 0o755);
  }
}

async function looked(env: Readonly<Record<string, string>> = {}, input: { config?: string } = {}) {
  const io = ioAt({
    cwd: repo.dir,
    env: { PATH: join(repo.outside, "bin"), LOOPX_RUNTIME_ROOT: join(repo.outside, "runtime"), ...env },
    home: repo.outside,
  });
  const call = { io, globals: { cwd: repo.dir }, input, row: { path: ["doctor"] } } as unknown as Parameters<typeof run>[0];
  const { payload, exit_code, lines } = await run(call);
  const { checks } = payload as { checks: readonly Check[] };
  const bad = checks.filter(({ level }) => level !== "ok").map(({ check, level, detail }) => `${level} ${check}: ${detail}`);
  return { bad, exit_code, checks, text: (lines?.() ?? []).join("\n") };
}

/** codex that does whatever its sandbox is asked to prevent. */
const FREE_CODEX = 'test "$1" = --version && { echo codex-cli 0.99.1; exit 0; }\nwhile test "$1" != --; do shift; done; shift; exec "$@"';
const CODEX = (fix: string): string => `worktree:\n  fast_gate: [{id: unit, argv: [sh, -c, "true"]}]\n  fix: ${fix}\n`;

describe("the doctor of loops", () => {
  test("finds nothing to do where nothing is asked for, says what no setting prevents (AGT-84), and writes nothing", async () => {
    machine({});
    const { bad, exit_code, text } = await looked();
    expect([bad, exit_code]).toEqual([[], 0]);
    expect(text).toContain("an agent runs as this user and may read what this user may");
    expect(existsSync(join(repo.outside, "runtime"))).toBe(false);
  });

  test("of a repair whose codex is old and lets a command write where it may not: a warning and a fault (AGT-7, AGT-43)", async () => {
    machine({ codex: FREE_CODEX }, { "loopx-loop.yaml": CODEX("{enabled: true, paths: [src]}") });
    const { bad, exit_code } = await looked();
    expect(bad).toEqual([
      "warning version: codex 0.99.1 is older than 0.169.0, the version that was tried",
      "fault confinement: sandbox_unavailable: codex let a command write where it may not, and no run of it is started",
    ]);
    expect(exit_code).toBe(1);
    // Nothing here uses it: it stops nothing.
    repo.write({ "loopx-loop.yaml": CODEX("{enabled: false}") });
    expect(await looked()).toMatchObject({ exit_code: 0, bad: [expect.stringContaining("older"), expect.stringMatching(/^warning conf/)] });
  });

  test("of claude without the parts of its sandbox names them (AGT-52); with them, and newer, it is fine", async () => {
    const claude = "echo '2.2.0 (Claude Code)'";
    machine({ claude });
    const { bad, checks } = await looked({ ANTHROPIC_API_KEY: "k" });
    expect(bad).toEqual([
      "warning confinement: claude is not confined: it may read and write whatever this user may",
      "warning key: ANTHROPIC_API_KEY is given to no agent",
    ]);
    expect(checks.flatMap(({ fix = [] }) => fix)).toEqual([
      "install bwrap and socat",
      "log in with the client itself, or set fix.credentials: relay and LOOPX_MODEL_KEY_FILE",
    ]);
    repo.remove();
    machine({ claude, bwrap: "exit 0", socat: "exit 0" });
    expect((await looked()).bad).toEqual([]);
  });

  test("finds the program that a variable names, and no program behind a leading dash (AGT-7, AGT-8)", async () => {
    machine({ other: "echo 2.2.0" });
    const path = join(repo.outside, "bin/other");
    expect((await looked({ CLAUDE_BIN: path })).text).toContain(`claude: ${path} (2.2.0)`);
    expect((await looked({ CLAUDE_BIN: "--version" })).text).toContain("claude is not on this machine");
  });

  test("of gates, fixers and configurations that are not there is a fault each; both sections are looked at", async () => {
    const section = (gate: string, fix: string): string => `\n  fast_gate: [{id: unit, argv: [${gate}]}]\n  fix: ${fix}\n`;
    const bots = (["main", "test"] as const).map((name, at) => `${name}: {argv: [sh], port: ${8080 + at}}`).join(", ");
    const lark = `lark:${section("./here.sh", "{enabled: true}")}  components: {${bots}}\n`;
    const both = `worktree:${section("no-such-gate", "{enabled: true, driver: command, argv: [no-such-fixer], paths: [a]}")}${lark}`;
    machine({}, { "loopx-loop.yaml": both });
    expect((await looked()).bad).toEqual([
      "fault gate: no-such-gate is not on this machine",
      "fault agent: no-such-fixer is not on this machine",
      "warning lark: fix: without fix.paths or a goal no path may be changed",
      "fault agent: codex is not on this machine",
    ]);
    // A section that is wrong hides nothing of the other.
    repo.write({ "loopx-loop.yaml": both.replace("components:", "# components:") });
    expect((await looked()).bad.slice(0, 2)).toEqual([
      expect.stringContaining("the primary bot is missing"),
      "fault gate: no-such-gate is not on this machine",
    ]);
    repo.write({ "loopx-loop.yaml": "worktree: {fast_gates: []}\n" });
    expect((await looked()).bad).toEqual([expect.stringMatching(/^fault configuration: .*loopx-loop\.yaml:1: /)]);
    expect((await looked({}, { config: "nowhere.yaml" })).exit_code).toBe(1);
  });
});
