/** A real repository in a temporary folder, with nothing of the user's configuration in it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Repository {
  /** The folder around it. */
  readonly outside: string;
  readonly dir: string;
  git(...args: readonly string[]): string;
  write(files: Readonly<Record<string, string>>): void;
  /** Writes, adds and commits; answers the new commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): string;
  head(): string;
  remove(): void;
}

/** A repository on branch `main` with one commit of these files. Its path has a blank in it. */
export function repository(files: Readonly<Record<string, string>> = { "README.md": "# one\n" }): Repository {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "loopx-repo-")));
  const dir = join(outside, "my project");
  mkdirSync(dir);
  const env = {
    PATH: process.env["PATH"],
    HOME: outside,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "A Person",
    GIT_AUTHOR_EMAIL: "person@example.org",
    GIT_COMMITTER_NAME: "A Person",
    GIT_COMMITTER_EMAIL: "person@example.org",
    // No program that tidies up after each commit.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "maintenance.auto",
    GIT_CONFIG_VALUE_0: "false",
  };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: dir, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
  const write = (written: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(written)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
  };
  const head = (): string => git("rev-parse", "HEAD");
  const commit = (written: Readonly<Record<string, string>>, message = "Change"): string => {
    write(written);
    git("add", "--", ...Object.keys(written));
    git("commit", "-q", "-m", message);
    return head();
  };
  git("init", "-q", "-b", "main");
  commit(files, "First");
  return { outside, dir, git, write, commit, head, remove: () => rmSync(outside, { recursive: true, force: true }) };
}
