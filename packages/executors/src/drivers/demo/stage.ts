/**
 * The demo's place: a private folder with a small project whose last commit is wrong, an agent that is a script, and homes of
 * its own for everything that would be the user's. It goes away at the end unless it is to be kept.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executorGit, type Git } from "../git/git.ts";

export interface DemoStage {
  readonly folder: string;
  readonly project: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly git: Git;
  /** The text of a file of the project. */
  read(path: string): string;
  remove(): void;
}

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "./sum.mjs";

test("the sum of three numbers", () => assert.equal(sum([1, 2, 3]), 6));
`;
const GOOD = "export const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);\n";
const BAD = "export const sum = (numbers) => numbers.reduce((all, each) => all - each, 0);\n";

/** What the agent is here: it reads its prompt, changes the one file that it may change, and says so. */
const FIXER = `import { readFileSync, writeFileSync } from "node:fs";
const prompt = readFileSync(0, "utf8");
if (!prompt.includes("sum.mjs")) process.exit(1);
writeFileSync("sum.mjs", ${JSON.stringify(GOOD)});
writeFileSync(process.env.LOOPX_RESULT_FILE, JSON.stringify({ schema_version: "loopx_agent_result_v1", outcome: "done", summary: "The sign was wrong." }));
`;

/** The project, committed twice: once right, once wrong. */
export async function openDemoStage(goal_id: string, env: DemoStage["env"]): Promise<DemoStage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-loop-demo-")));
  const [project, home, fixer] = [join(folder, "project"), join(folder, "home"), join(folder, "fixer.mjs")];
  const node = process.execPath;
  const config = {
    goal_id,
    worktree: {
      fast_gate: [{ id: "unit", argv: [node, "--test", "sum.test.mjs"] }],
      slow_gate: [{ id: "all", argv: [node, "--test"] }],
      fix: { enabled: true, driver: "command", argv: [node, fixer], paths: ["sum.mjs"], protected: ["sum.test.mjs"] },
    },
  };
  for (const path of [project, home]) mkdirSync(path, { mode: 0o700 });
  writeFileSync(fixer, FIXER);
  const files = {
    "GOAL.md": "# Sums\n\nAdd numbers. Done when the test says so.\n",
    ".gitignore": ".codex/\n.loopx/\n.worktrees/\nlogs/\n",
    "loopx-loop.yaml": `${JSON.stringify(config, null, 2)}\n`,
    "sum.test.mjs": TEST,
    "sum.mjs": GOOD,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(project, path), text);
  const own = { PATH: env["PATH"], LANG: env["LANG"], TZ: env["TZ"], HOME: home, LOOPX_RUNTIME_ROOT: join(folder, "runtime") };
  const git = executorGit(own);
  const person = ["-c", "user.name=A Person", "-c", "user.email=person@example.org"];
  await git.run({ dir: project }, ["init", "--quiet", "--initial-branch", "main"]);
  await git.run({ dir: project }, ["add", "--", ...Object.keys(files)]);
  await git.run({ dir: project }, [...person, "commit", "--quiet", "-m", "Add numbers"]);
  writeFileSync(join(project, "sum.mjs"), BAD);
  await git.run({ dir: project }, [...person, "commit", "--quiet", "-m", "Tidy the sum", "--", "sum.mjs"]);
  return {
    folder,
    project,
    home,
    env: own,
    git,
    read: (path) => readFileSync(join(project, path), "utf8"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
