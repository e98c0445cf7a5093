/**
 * What a project says about its loops in `loopx-loop.yaml`: strict, with every default in one place, and the variables that
 * stand above the file (WTL-110, WTL-111). Pure.
 */
import { LoopxError } from "@loopx/core/domain";
import * as z from "zod/mini";
import { NOTIFY_DRIVERS } from "../notify/notice.ts";
import { strictYaml } from "../strict-yaml.ts";

const word = z.string().check(z.minLength(1), z.maxLength(4_000));
const argv = z.array(word).check(z.minLength(1), z.maxLength(200));
const env = z._default(z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)), z.string()), {});
const seconds = (most: number) => z.int().check(z.gte(1), z.lte(most));
const count = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most));
/** A path inside the tree: never absolute, never upwards. */
const inside = word.check(
  z.refine((path) => !path.startsWith("/") && !path.split(/[\\/]/).includes(".."), "a path inside the project is expected"),
);
const port = count(1, 65_535);

const StepSchema = z.strictObject({
  id: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, "an id of letters, digits, dots and dashes is expected")),
  argv,
  cwd: z._default(inside, "."),
  env,
  timeout_seconds: z._default(seconds(86_400), 1_800),
  required: z._default(z.boolean(), true),
  must_match: z.optional(z.string().check(z.maxLength(1_000))),
  retries: z._default(count(0, 5), 0),
  env_files: z._default(z.boolean(), false),
});
/** One program of a gate (WTL-40). */
export type GateStep = z.infer<typeof StepSchema>;

const ComponentSchema = z.strictObject({
  argv,
  cwd: z.optional(word),
  env,
  env_file: z.optional(word),
  /** Names of variables that it gets from the environment of the loop: secrets that stand in no file. */
  env_from: z._default(z.array(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/))).check(z.maxLength(50)), []),
  config_file: z.optional(word),
  port: z.optional(port),
  health: z._default(
    z.strictObject({
      path: z._default(z.string().check(z.regex(/^\/\S{0,999}$/)), "/health"),
      identity: z._default(z.enum(["auto", "echo", "listener"]), "auto"),
      ready_seconds: z._default(seconds(3_600), 30),
    }),
    { path: "/health", identity: "auto", ready_seconds: 30 },
  ),
  supervise: z._default(z.boolean(), true),
});
/** A server that a loop starts. */
export type ComponentConfig = z.infer<typeof ComponentSchema>;

const FixSchema = z.strictObject({
  enabled: z._default(z.boolean(), false),
  driver: z._default(z.enum(["codex", "claude", "command"]), "codex"),
  model: z.optional(word.check(z.regex(/^[^-]/, "a model's name does not begin with -"))),
  /** How a client reaches its model: by its own login, or through a relay that has the key (AGT-80, AGT-81). */
  credentials: z._default(z.enum(["login", "relay"]), "login"),
  argv: z.optional(argv),
  extra_args: z._default(z.array(word), []),
  env_allow: z._default(z.array(word), []),
  timeout_seconds: z._default(seconds(86_400), 1_800),
  silence_seconds: z._default(count(0, 86_400), 600),
  paths: z.optional(z.array(word)),
  protected: z._default(z.array(word), []),
  test_paths: z._default(z.array(word), ["**/*.test.*", "**/*_test.*", "**/test_*.py", "**/tests/**", "**/test/**", "**/__tests__/**"]),
  allow_tests: z._default(z.boolean(), false),
  max_runs_per_day: z._default(count(0, 1_000), 20),
});

const BuildSchema = z.strictObject({ argv, timeout_seconds: z._default(seconds(86_400), 1_800) });

const ProfileSchema = z.strictObject({
  worktree: z._default(
    z.strictObject({
      path: z.optional(inside),
      branch: z.optional(word),
      env_files: z._default(z.array(inside).check(z.maxLength(20)), [".env"]),
    }),
    { env_files: [".env"] },
  ),
  prepare: z._default(z.array(StepSchema).check(z.maxLength(50)), []),
  build: z.optional(BuildSchema),
  fast_gate: z.array(StepSchema).check(z.minLength(1), z.maxLength(50)),
  slow_gate: z._default(z.array(StepSchema).check(z.maxLength(50)), []),
  keep_going: z._default(z.boolean(), false),
  max_cycles: z._default(count(1, 50), 5),
  max_retries: z._default(count(0, 20), 3),
  max_slow_fixes: z._default(count(0, 20), 2),
  fix: z._default(FixSchema, FixSchema.parse({})),
  promotion: z._default(
    z.strictObject({ require_approval: z._default(z.boolean(), false), push: z.optional(z.strictObject({ remote: word, branch: word })) }),
    { require_approval: false },
  ),
  components: z._default(z.strictObject({ main: z.optional(ComponentSchema), test: z.optional(ComponentSchema) }), {}),
  identity_env: z._default(z.array(word), ["LARK_APP_ID"]),
  notify: z._default(
    z.strictObject({
      /** Absent: the first that has what it needs. */
      driver: z.optional(z.enum(NOTIFY_DRIVERS)),
      style: z._default(z.enum(["text", "card"]), "text"),
      chat_id: z.optional(z.string().check(z.regex(/^oc_\w{1,64}$/, "a chat's id (oc_…) is expected"))),
    }),
    { style: "text" },
  ),
  history: z._default(
    z.strictObject({ delivery_batch_scale: z._default(z.enum(["single_surface", "multi_surface", "implementation"]), "single_surface") }),
    {
      delivery_batch_scale: "single_surface",
    },
  ),
  scenario: z._default(z.strictObject({ gateway: z.optional(word) }), {}),
  git_author: z._default(word, "LoopX <loopx@localhost>"),
});
/** One profile, with all its defaults. */
export type ProfileConfig = z.infer<typeof ProfileSchema>;

const ConfigSchema = z.strictObject({
  goal_id: z._default(z.nullable(word), null),
  agent_id: z._default(z.nullable(word), null),
  main_branch: z._default(word, "main"),
  worktree: z.optional(ProfileSchema),
  lark: z.optional(ProfileSchema),
});

export type ProfileName = "worktree" | "lark";

/** What one loop runs by. */
export interface LoopConfig {
  readonly goal_id: string | null;
  readonly agent_id: string | null;
  readonly main_branch: string;
  readonly name: ProfileName;
  readonly profile: ProfileConfig;
  /** Seconds between two looks at the main branch. */
  readonly poll_seconds: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The configuration of a profile. Every fault is one `config_invalid` with file and line; nothing is guessed. */
export function readConfig(file: string, text: string, name: ProfileName, variables: Variables): LoopConfig {
  const { goal_id, agent_id, main_branch, ...profiles } = parsed(file, text);
  const profile = profiles[name];
  if (profile === undefined)
    throw new LoopxError("config_invalid", `${file} has no section ${name}`, {
      hint: `add ${name}: with at least a fast_gate`,
      details: { file },
    });
  requireOwnBot(file, profile);
  return { goal_id, agent_id, main_branch, name, ...withVariables(profile, name, variables) };
}

/** A gate that plays scenarios with the reference bot would pass for ever and test nothing (WTL-45). */
function requireOwnBot(file: string, { fast_gate, slow_gate, scenario }: ProfileConfig): void {
  if (scenario.gateway !== undefined) return;
  const isPlay = (argv: readonly string[]): boolean => argv.some((word, at) => word === "scenario" && argv[at + 1] === "run");
  const step = [...fast_gate, ...slow_gate].find(({ argv }) => isPlay(argv) && !argv.some((word) => /^--gateway(?:=|$)/.test(word)));
  if (step === undefined) return;
  throw new LoopxError("config_invalid", `${file}: the step ${step.id} plays scenarios and names no bot`, {
    hint: "add --gateway to the step, or scenario.gateway to the section",
    details: { file, step: step.id },
  });
}

/** The bot that scenarios are played with when no flag names one (WTL-100); null: the file names none. */
export function scenarioGateway(file: string, text: string): string | null {
  const { worktree, lark } = parsed(file, text);
  return worktree?.scenario.gateway ?? lark?.scenario.gateway ?? null;
}

/** The sections that the file has. */
export function profilesIn(file: string, text: string): readonly ProfileName[] {
  const sections = parsed(file, text);
  return (["worktree", "lark"] as const).filter((name) => sections[name] !== undefined);
}

function parsed(file: string, text: string): z.infer<typeof ConfigSchema> {
  const read = strictYaml(file, text, ConfigSchema, KEYS);
  if (read.kind !== "faulty") return read.value;
  const lines = read.faults.map(({ line, message }) => `${file}:${line}: ${message}`);
  throw new LoopxError("config_invalid", lines.join("\n"), {
    hint: `"\${EDITOR:-vi}" +${read.faults[0]?.line ?? 1} ${file}`,
    details: { file, faults: read.faults.map((fault) => ({ ...fault })) },
  });
}

/** The variables of WTL-111 stand above the file. */
function withVariables(profile: ProfileConfig, name: ProfileName, variables: Variables): Pick<LoopConfig, "profile" | "poll_seconds"> {
  const number = (variable: string, least: number, most: number): number | undefined => {
    const text = variables[variable];
    if (text === undefined || text === "") return undefined;
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
    throw new LoopxError("invalid_value", `${variable} is a whole number from ${least} to ${most}`, { details: { variable } });
  };
  const lark = name === "lark";
  const { main, test } = profile.components;
  const mainPort = number(lark ? "PRIMARY_PORT" : "MAIN_PORT", 1, 65_535) ?? main?.port ?? 8080;
  const testPort = number(lark ? "SECONDARY_PORT" : "TEST_PORT", 1, 65_535) ?? test?.port ?? (lark ? 8081 : undefined);
  const autofix = variables["LOOPX_LOOP_AUTOFIX"];
  return {
    poll_seconds: number("SLEEP_SECONDS", 1, 3_600) ?? 2,
    profile: {
      ...profile,
      max_cycles: number("MAX_CYCLES", 1, 50) ?? profile.max_cycles,
      max_retries: number("MAX_RETRIES", 0, 20) ?? profile.max_retries,
      fix: { ...profile.fix, enabled: autofix === "1" || (autofix !== "0" && profile.fix.enabled) },
      components: {
        ...(main === undefined ? {} : { main: { ...main, port: mainPort } }),
        ...(test === undefined ? {} : { test: testPort === undefined ? test : { ...test, port: testPort } }),
      },
    },
  };
}

/** Where the profile's own worktree lies, below the main one, and its branch; null: detached (WTL-10). */
export function worktreePlace({ name, profile }: Pick<LoopConfig, "name" | "profile">): {
  readonly path: string;
  readonly branch: string | null;
} {
  const { path, branch } = profile.worktree;
  return name === "lark"
    ? { path: path ?? ".worktrees/lark-test", branch: branch ?? null }
    : { path: path ?? ".worktrees/test", branch: branch ?? "test" };
}

/** Every key there is, for the nearest to a misspelt one. */
const KEYS: readonly string[] = [
  ...Object.keys(ConfigSchema.shape),
  ...Object.keys(ProfileSchema.shape),
  ...Object.keys(StepSchema.shape),
  ...Object.keys(ComponentSchema.shape),
  ...Object.keys(FixSchema.shape),
  "path",
  "branch",
  "env_files",
  "require_approval",
  "push",
  "remote",
  "main",
  "test",
  "identity",
  "ready_seconds",
  "style",
  "chat_id",
  "gateway",
];
