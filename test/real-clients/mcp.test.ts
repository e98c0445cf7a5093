/** `loopx mcp` in the hands of the clients it is for: the plugin of claude and the entry of codex, as examples/mcp has them. */
import { appendFileSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../sources.ts";
import { story, type Client, type Story } from "./rig.ts";

const EXAMPLES = join(ROOT, "examples", "mcp");
const TEXT = "[P1] Read nested lists";

let it: Story;
beforeEach(async () => {
  it = await story({ "GOAL.md": "# A parser\n" });
  const bin = join(it.repo.outside, "bin");
  mkdirSync(bin);
  symlinkSync(join(ROOT, "packages", "cli", "bin", "loopx.cjs"), join(bin, "loopx"));
  it.env["PATH"] = `${bin}:${it.env["PATH"] ?? ""}`;
  await started("loopx", ["connect", "-g", "parser", "--goal-doc", "GOAL.md"]);
});
afterEach(async () => it.remove());

function started(program: string, words: readonly string[]): Promise<{ stdout: string }> {
  const child = promisify(execFile)(program, words, { cwd: it.repo.dir, env: it.env, maxBuffer: 1 << 26 });
  child.child.stdin?.end();
  return child;
}

const LINES: Readonly<Record<Client, () => readonly string[]>> = {
  claude: () => [
    "-p",
    "--plugin-dir",
    join(EXAMPLES, "claude-plugin"),
    "--allowedTools",
    "mcp__plugin_loopx_loopx",
    "--output-format",
    "json",
    "--",
    "What now?",
  ],
  codex: () => ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "What now?"],
};
/** How each client calls a tool of the server: codex keeps a server's tools in a room of their own. */
const CALL: Readonly<Record<Client, (tool: string) => { readonly call: string; readonly of?: string }>> = {
  claude: (tool) => ({ call: `mcp__plugin_loopx_loopx__${tool}` }),
  codex: (tool) => ({ call: tool, of: "mcp__loopx" }),
};

test.each(["claude", "codex"] as const)("%s asks for the verdict and adds a todo, and the goal has it", async (client) => {
  appendFileSync(join(it.env["CODEX_HOME"] ?? "", "config.toml"), readFileSync(join(EXAMPLES, "codex.toml")));
  it.model.plan(
    { ...CALL[client]("should_run"), input: { goal_id: "parser" } },
    { ...CALL[client]("todo"), input: { action: "add", goal_id: "parser", role: "agent", text: TEXT } },
    { say: "done" },
  );
  await started(it.program(client), LINES[client]());
  const heard = it.model.requests.map(({ text }) => text).join("\n");
  expect(heard).toMatch(/must_attempt_work\W+true/);
  const { stdout } = await started("loopx", ["todo", "list", "-g", "parser", "--json"]);
  expect(stdout).toContain(TEXT);
});
