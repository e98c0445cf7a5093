/**
 * Looper's configuration, from flags and the variables of its source document (LPR-13, LPR-22, section 8). Pure: whatever is
 * wrong is a list of sentences, and nothing is started with a guess.
 */
import { parseGoalId, type GoalId } from "@loopx/core/domain";
import { MAX_SECONDS, variablesOf, type Environment, type Variables } from "./variables.ts";

/** What the command line says; it wins over the environment. */
export interface LooperFlags {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly dir?: string | undefined;
  readonly workspace?: string | undefined;
  readonly goal_id?: string | undefined;
}

/** Where paths begin and what stands in for absent values. */
export interface ConfigPlace {
  readonly cwd: string;
  readonly runtime_root: string;
  /** Joins as the platform does; relative paths are taken from the first. */
  readonly resolve: (...parts: string[]) => string;
  /** `:` here. */
  readonly path_separator: string;
}

export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** Everything Looper runs by; units stand in the names. */
export interface LooperConfig {
  readonly host: string;
  readonly port: number;
  readonly loopback: boolean;
  readonly allowed_hosts: readonly string[];
  readonly dir: string;
  /** The operator's own token, or where it is read from; both null: one is generated in `dir`. */
  readonly api_token: string | null;
  readonly api_token_file: string | null;
  readonly workspace: string | null;
  /** Null: the default workspace and the projects of the global registry. */
  readonly workspace_roots: readonly string[] | null;
  readonly goal_id: GoalId | null;
  readonly default_prompt: string | null;
  readonly default_prompt_file: string | null;
  readonly agent: "codex" | "claude" | "command";
  readonly agent_command: readonly [string, ...string[]] | null;
  readonly codex_binary: string | null;
  readonly codex_binaries: readonly string[];
  readonly zulip_scripts: readonly string[];
  readonly scope: "service" | "workspace";
  readonly commit: boolean;
  /** Null: required only when Zulip is configured (LPR-31). */
  readonly zulip_required: boolean | null;
  readonly delay_seconds: number;
  readonly startup_check_seconds: number;
  readonly max_run_seconds: number;
  readonly stall_seconds: number;
  readonly auto: {
    readonly wanted: boolean;
    readonly poll_seconds: number;
    readonly stale_seconds: number;
    readonly max_runs_per_day: number;
    readonly max_failures: number;
    readonly reset: boolean;
    readonly message: string | null;
  };
  readonly log: {
    readonly level: LogLevel;
    readonly format: "json" | "text";
    readonly server_path: string;
    readonly run_dir: string;
    /** An agent's output stands here too, with level DEBUG. */
    readonly mirror: boolean;
    readonly keep: number;
    readonly keep_days: number;
  };
}

export type ReadConfig =
  | { readonly kind: "config"; readonly config: LooperConfig; readonly warnings: readonly string[] }
  | { readonly kind: "faulty"; readonly faults: readonly string[] };

/** Caps of the source document's numbers, in seconds (LPR-20). */
export const MAX_DELAY_SECONDS = 3_600;
export const MAX_STARTUP_CHECK_SECONDS = 60;
const MIN_TOKEN = 16;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);
const LEVELS: readonly LogLevel[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** The names that are read here; another `LOOPER_` name is a slip of the pen. */
const NAMES = [
  ..."HOST PORT API_TOKEN API_TOKEN_FILE ALLOWED_HOSTS LOG_LEVEL LOG_FORMAT SERVER_LOG_PATH LOG_KEEP LOG_KEEP_DAYS".split(" "),
  ..."DIR WORKSPACE WORKSPACE_ROOTS GOAL_ID DEFAULT_PROMPT DEFAULT_PROMPT_FILE AGENT AGENT_COMMAND CODEX_BINARIES ZULIP_SCRIPTS".split(" "),
  ..."SCOPE COMMIT ZULIP_REQUIRED MAX_RUN_SECONDS STALL_SECONDS AUTO_START_WHEN_IDLE IDLE_POLL_SECONDS IDLE_LOG_STALE_SECONDS".split(" "),
  ..."AUTO_MAX_RUNS_PER_DAY AUTO_MAX_FAILURES AUTO_RESET AUTO_MESSAGE MIRROR_OUTPUT URL".split(" "),
].map((name) => `LOOPER_${name}`);

/** The configuration, or everything that is wrong with it. */
export function readConfig(flags: LooperFlags, env: Environment, place: ConfigPlace): ReadConfig {
  const vars = variablesOf(env, (path) => place.resolve(place.cwd, path));
  for (const name of Object.keys(env)) {
    if (name.startsWith("LOOPER_") && !NAMES.includes(name)) vars.warnings.push(`${name} is unknown; did you mean ${nearest(name)}?`);
  }
  const dir = place.resolve(place.cwd, flags.dir ?? vars.text("LOOPER_DIR") ?? place.resolve(place.runtime_root, "executors", "looper"));
  const config: LooperConfig = {
    dir,
    ...doorOf(vars, flags, env),
    ...workOf(vars, flags, place),
    ...agentOf(vars),
    ...boundsOf(vars),
    auto: autoOf(vars),
    log: logOf(vars, dir, place),
  };
  const { faults, warnings } = vars;
  return faults.length > 0 ? { kind: "faulty", faults } : { kind: "config", config, warnings };
}

type Door = Pick<LooperConfig, "host" | "port" | "loopback" | "allowed_hosts" | "api_token" | "api_token_file">;

/** An empty token is not an unset one: it would let everybody in (LPR-73). */
function doorOf(vars: Variables, flags: LooperFlags, env: Environment): Door {
  const host = flags.host ?? vars.text("LOOPER_HOST") ?? "127.0.0.1";
  const loopback = LOOPBACK.has(host);
  const token = env["LOOPER_API_TOKEN"] ?? null;
  const tokenFile = vars.path("LOOPER_API_TOKEN_FILE");
  if (token !== null && !isToken(token)) vars.faults.push(`LOOPER_API_TOKEN is at least ${MIN_TOKEN} characters without white space`);
  if (!loopback && token === null && tokenFile === null)
    vars.faults.push(`LOOPER_HOST=${host} is open to others and needs a token of yours: set LOOPER_API_TOKEN or LOOPER_API_TOKEN_FILE`);
  return {
    host,
    loopback,
    port: flags.port ?? vars.whole("LOOPER_PORT", 3456, 65_535),
    allowed_hosts: vars.list("LOOPER_ALLOWED_HOSTS"),
    api_token: token,
    api_token_file: tokenFile,
  };
}

type Work = Pick<
  LooperConfig,
  "workspace" | "workspace_roots" | "goal_id" | "default_prompt" | "default_prompt_file" | "scope" | "commit" | "zulip_required"
>;

function workOf(vars: Variables, flags: LooperFlags, place: ConfigPlace): Work {
  const here = (path: string): string => place.resolve(place.cwd, path);
  const goalText = flags.goal_id ?? vars.text("LOOPER_GOAL_ID");
  const goal = goalText === null ? null : parseGoalId(goalText);
  if (goalText !== null && goal === null) vars.faults.push(`LOOPER_GOAL_ID ${JSON.stringify(goalText)} is no goal id`);
  const roots = vars.text("LOOPER_WORKSPACE_ROOTS");
  return {
    workspace: flags.workspace === undefined ? vars.path("LOOPER_WORKSPACE") : here(flags.workspace),
    workspace_roots:
      roots === null
        ? null
        : roots
            .split(place.path_separator)
            .filter((root) => root !== "")
            .map(here),
    goal_id: goal,
    default_prompt: vars.text("LOOPER_DEFAULT_PROMPT"),
    default_prompt_file: vars.path("LOOPER_DEFAULT_PROMPT_FILE"),
    scope: vars.choice("LOOPER_SCOPE", ["service", "workspace"], "service"),
    commit: vars.flag("LOOPER_COMMIT", true),
    zulip_required: vars.text("LOOPER_ZULIP_REQUIRED") === null ? null : vars.flag("LOOPER_ZULIP_REQUIRED", true),
  };
}

type Agent = Pick<LooperConfig, "agent" | "agent_command" | "codex_binary" | "codex_binaries" | "zulip_scripts">;

function agentOf(vars: Variables): Agent {
  const agent = vars.choice("LOOPER_AGENT", ["codex", "claude", "command"], "codex");
  const command = commandOf(vars.text("LOOPER_AGENT_COMMAND"));
  if (command === "broken") vars.faults.push('LOOPER_AGENT_COMMAND is a JSON list of words, such as ["my-agent","--once"]');
  if (agent === "command" && command === null) vars.faults.push("LOOPER_AGENT=command needs LOOPER_AGENT_COMMAND");
  return {
    agent,
    agent_command: command === "broken" ? null : command,
    codex_binary: vars.text("CODEX_EXEC_BINARY"),
    codex_binaries: vars.list("LOOPER_CODEX_BINARIES"),
    zulip_scripts: vars.list("LOOPER_ZULIP_SCRIPTS"),
  };
}

type Bounds = Pick<LooperConfig, "delay_seconds" | "startup_check_seconds" | "max_run_seconds" | "stall_seconds">;

function boundsOf(vars: Variables): Bounds {
  return {
    delay_seconds: vars.number("CODEX_EXEC_DELAY_SECONDS", 1, MAX_DELAY_SECONDS),
    startup_check_seconds: vars.number("CODEX_EXEC_STARTUP_CHECK_SECONDS", 1, MAX_STARTUP_CHECK_SECONDS),
    max_run_seconds: vars.number("LOOPER_MAX_RUN_SECONDS", 7_200, MAX_SECONDS),
    stall_seconds: vars.number("LOOPER_STALL_SECONDS", 900, MAX_SECONDS),
  };
}

function autoOf(vars: Variables): LooperConfig["auto"] {
  return {
    wanted: vars.flag("LOOPER_AUTO_START_WHEN_IDLE", true),
    poll_seconds: vars.interval("LOOPER_IDLE_POLL_SECONDS", 300),
    stale_seconds: vars.interval("LOOPER_IDLE_LOG_STALE_SECONDS", 600),
    max_runs_per_day: vars.whole("LOOPER_AUTO_MAX_RUNS_PER_DAY", 48, 100_000),
    max_failures: vars.whole("LOOPER_AUTO_MAX_FAILURES", 5, 1_000),
    reset: vars.flag("LOOPER_AUTO_RESET", false),
    message: vars.text("LOOPER_AUTO_MESSAGE"),
  };
}

function logOf(vars: Variables, dir: string, place: ConfigPlace): LooperConfig["log"] {
  return {
    level: vars.choice("LOOPER_LOG_LEVEL", LEVELS, "DEBUG"),
    format: vars.choice("LOOPER_LOG_FORMAT", ["json", "text"], "json"),
    server_path: vars.path("LOOPER_SERVER_LOG_PATH") ?? place.resolve(dir, "logs", "looper-server.log"),
    run_dir: vars.path("CODEX_EXEC_LOG_DIR") ?? place.resolve(dir, "logs"),
    mirror: vars.flag("LOOPER_MIRROR_OUTPUT", false),
    keep: vars.whole("LOOPER_LOG_KEEP", 200, 1_000_000),
    keep_days: vars.whole("LOOPER_LOG_KEEP_DAYS", 30, 36_500),
  };
}

/** At least 16 visible characters: a blank one would be no token at all. */
export function isToken(text: string): boolean {
  return text.length >= MIN_TOKEN && !/\s/.test(text);
}

/** The Host values that are answered: ours with the port, and the operator's names (LPR-14). */
export function hostsOf({ allowed_hosts }: Pick<LooperConfig, "allowed_hosts">, port: number): readonly string[] {
  const own = ["127.0.0.1", "localhost", "[::1]"].map((host) => `${host}:${port}`);
  return [...own, ...allowed_hosts.map((host) => host.toLowerCase()).flatMap((host) => [host, `${host}:${port}`])];
}

function commandOf(text: string | null): readonly [string, ...string[]] | null | "broken" {
  if (text === null) return null;
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string" && word !== ""))
      return words as [string, ...string[]];
  } catch {
    // Said below.
  }
  return "broken";
}

/** The known name with the longest common beginning, of nearest length. */
function nearest(name: string): string {
  const likeness = (known: string): number => {
    let at = 0;
    while (at < Math.min(known.length, name.length) && known[at] === name[at]) at += 1;
    return at * 4 - Math.abs(known.length - name.length);
  };
  return NAMES.reduce((best, known) => (likeness(known) > likeness(best) ? known : best));
}
