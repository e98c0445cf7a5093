/**
 * A clean room: a git repository and a home of its own below one temporary folder, and the built command on PATH.
 * Examples, the skill and the README's tour are run in one, as somebody would who has just cloned and built.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "./sources.ts";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CleanRoom {
  readonly home: string;
  /** `<home>/parser`, an empty git repository. */
  readonly project: string;
  /** The variables a program in this room gets; nothing of the caller's but where programs are found. */
  readonly env: Readonly<Record<string, string>>;
  run(program: string, words: readonly string[], more?: Readonly<Record<string, string>>): Outcome;
  remove(): void;
}

export function cleanRoom(): CleanRoom {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-room-")));
  const home = join(root, "home");
  const [project, bin, temporary] = [join(home, "parser"), join(home, ".local", "bin"), join(root, "tmp")];
  for (const folder of [project, bin, temporary]) mkdirSync(folder, { recursive: true });
  symlinkSync(builtCommand(), join(bin, "loopx"));
  const path = [bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  const env = { HOME: home, PATH: path, TMPDIR: temporary, LANG: "C.UTF-8", TZ: "UTC", GIT_CONFIG_NOSYSTEM: "1" };
  const room: CleanRoom = {
    home,
    project,
    env,
    run: (program, words, more = {}) => {
      const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: project, env: { ...env, ...more }, encoding: "utf8" });
      if (error !== undefined) throw error;
      return { code: status, stdout, stderr };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  room.run("git", ["init", "--quiet"]);
  return room;
}

/** What `npm run build` made; a clean room without it would test nothing. */
function builtCommand(): string {
  const { bin } = JSON.parse(readFileSync(join(ROOT, "packages", "cli", "package.json"), "utf8")) as { bin: { loopx: string } };
  if (!existsSync(join(ROOT, "packages", "cli", "dist"))) throw new Error("packages/cli/dist is missing: npm run build");
  return join(ROOT, "packages", "cli", bin.loopx);
}
