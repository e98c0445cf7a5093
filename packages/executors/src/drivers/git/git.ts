/**
 * git as an executor runs it (AGT-36, WTL-23): by argument list, in a clean environment, with hooks, monitors, signing and
 * everything else off that somebody could have configured. An exit code is never swallowed: a command that fails throws
 * `git_failed` with git's own words, unless its failure is asked about.
 */
import { nodeCommands, systemClock, type Commands } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";

const TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT = 16 * 1024 * 1024;
const SHOWN_ERROR = 400;

const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "commit.gpgsign=false",
  "tag.gpgsign=false",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "advice.detachedHead=false",
  // A collector in the background would hold our pipes and locks.
  "gc.auto=0",
  "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);

/** Where a command acts. `git_dir` is named whenever the checkout's own `.git` may have been written by somebody else. */
export interface Place {
  readonly dir: string;
  readonly git_dir?: string;
}

/** How one command runs. */
export interface GitOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `user`: with the user's own configuration and keys, for pushing. */
  readonly as?: "executor" | "user";
  readonly signal?: AbortSignal;
  readonly timeout_ms?: number;
  /** Told to that one server, if it asks. */
  readonly credential?: Credential;
}

/** Who we are for one server. Git reads it from a pipe: it stands in no argument, address, environment or file (DSP-56). */
export interface Credential {
  /** `https://git.example.org`; another server is told nothing. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
}

/** What a command answered. */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The git of one executor. */
export interface Git {
  /** Standard output of a command that ended with 0; any other end throws. */
  run(place: Place, args: readonly string[], options?: GitOptions): Promise<string>;
  /** The answer whatever the exit code; a command that did not end by itself throws. */
  ask(place: Place, args: readonly string[], options?: GitOptions): Promise<GitAnswer>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** git for an executor whose own environment this is; of it only PATH and HOME go on. */
export function executorGit(env: Variables, commands: Commands = nodeCommands(systemClock)): Git {
  const ask = async (place: Place, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> => {
    const at = place.git_dir === undefined ? ["-C", place.dir] : [`--git-dir=${place.git_dir}`, `--work-tree=${place.dir}`];
    const { credential } = options;
    const end = await commands.run(["git", ...SETTINGS, ...helperFor(credential), ...at, ...args], {
      cwd: place.dir,
      env: { ...environmentFor(env, options.as ?? "executor"), ...options.env },
      timeout_ms: options.timeout_ms ?? TIMEOUT_MS,
      max_output_bytes: OUTPUT_LIMIT,
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(credential === undefined ? {} : { handed: `username=${credential.username}\npassword=${credential.password}\n` }),
    });
    if (end.kind !== "exited" || end.truncated)
      throw failed(args, end.kind === "not_started" ? end.errno : end.truncated ? "too much output" : end.kind);
    return { code: end.exit_code, stdout: end.stdout, stderr: end.stderr };
  };
  return {
    ask,
    run: async (place, args, options) => {
      const { code, stdout, stderr } = await ask(place, args, options);
      if (code === 0) return stdout;
      throw failed(args, stderr.trim().slice(0, SHOWN_ERROR) || `exit code ${code}`);
    },
  };
}

/** A helper for exactly that origin, which hands on what stands at descriptor 3, and no redirect to anywhere else. */
function helperFor(credential: Credential | undefined): readonly string[] {
  if (credential === undefined) return [];
  const helper = '!f() { test "$1" = get && cat <&3; }; f';
  return ["-c", "credential.helper=", "-c", `credential.${credential.origin}.helper=${helper}`, "-c", "http.followRedirects=false"];
}

function environmentFor(own: Variables, as: "executor" | "user"): Record<string, string> {
  const names = as === "user" ? ["PATH", "HOME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "USER", "LOGNAME"] : ["PATH", "HOME"];
  const env: Record<string, string> = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", GIT_EDITOR: ":", SSH_ASKPASS: "" };
  for (const name of names) {
    const value = own[name];
    if (value !== undefined) env[name] = value;
  }
  return as === "user"
    ? { ...env, GIT_SSH_COMMAND: "ssh -o BatchMode=yes" }
    : { ...env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
}

function failed(args: readonly string[], why: string): LoopxError {
  return new LoopxError("git_failed", `git ${args[0] ?? ""} failed: ${why}`, { details: { command: args[0] ?? "" } });
}
