/**
 * The demo's place: one private folder that is project and runtime root in one, apart from everything of the user's.
 * A folder of our own is removed at the end; a folder the user named is never removed and must be empty.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LoopxError } from "@loopx/core";
import type { Io } from "../io.ts";

export interface Stage {
  readonly project: string;
  /** The surroundings of every command of the demo: no variable, no file and no home of the user's. */
  readonly io: Pick<Io, "cwd" | "env" | "home">;
  /** Removes our own folder; does nothing to a named one. */
  readonly remove: () => void;
}

const GOAL_DOC = `# A parser for nested lists

Turn indented text into a tree. Done when the three example files parse and the tests say so.
`;

/** The prepared folder: a git checkout (where git is installed) with a goal document. */
export function openStage(named: string | undefined, keep: boolean, io: Io): Stage {
  const project = realpathSync(named === undefined ? mkdtempSync(join(tmpdir(), "loopx-demo-")) : emptyFolder(resolve(io.cwd, named)));
  const env = { PATH: io.env["PATH"], LANG: io.env["LANG"], TZ: io.env["TZ"] };
  writeFileSync(join(project, "GOAL.md"), GOAL_DOC);
  spawnSync("git", ["init", "--quiet", project], { env: { ...env, HOME: project, GIT_CONFIG_NOSYSTEM: "1" }, stdio: "ignore" });
  const removable = named === undefined && !keep;
  return {
    project,
    io: { cwd: project, env, home: join(project, ".loopx", "home") },
    remove: () => {
      if (removable) rmSync(project, { recursive: true, force: true });
    },
  };
}

function emptyFolder(folder: string): string {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length === 0) return folder;
  throw new LoopxError("invalid_value", `${folder} is not empty; the demo writes only into an empty folder`, {
    hint: "loopx demo, or name an empty --project",
    details: { project: folder },
  });
}
