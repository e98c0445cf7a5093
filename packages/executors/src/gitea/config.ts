/**
 * What the dispatcher runs by: the variables of the source document, which stand above the file, and a strict YAML file
 * (DSP-5, DSP-6). Every fault is told at once, with its variable or its line. Pure; the token is read elsewhere and never here.
 */
import * as z from "zod/mini";
import { checkedExtraArgs } from "../drivers/agents/words.ts";
import { variablesOf, type Environment } from "../looper/variables.ts";
import { strictYaml } from "../strict-yaml.ts";
import type { LabelNames } from "./labels.ts";

const word = z.string().check(z.minLength(1), z.maxLength(1_000));
const argv = z.array(word).check(z.maxLength(200));
const count = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most));
const login = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a login is expected"));
const label = z.string().check(z.regex(/^[^\s,][^,\n]{0,49}$/, "a label's name without commas is expected"));
const runner = z.enum(["codex", "claude", "openclaw", "command"]);
export type Runner = z.infer<typeof runner>;
const REPO = /^(?:\*|[A-Za-z0-9][A-Za-z0-9._-]{0,99}\/(?:\*|[A-Za-z0-9._][A-Za-z0-9._-]{0,99}))$/;
const repository = z.string().check(z.regex(REPO, "owner/name, owner/* or * is expected"));
/** A prefix that git accepts and that ends a word, so that it can be no other branch's beginning by chance. */
const prefix = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\/$/, "a prefix such as agent/ is expected"));

const RepoSchema = z.strictObject({
  repo: repository,
  goal_id: z.optional(word),
  base: z.optional(word),
  gate: z.optional(argv),
  human: z.optional(login),
  runner: z.optional(runner),
  max_agents: z.optional(count(1, 100)),
});

const LABELS = { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" } as const;
const LIMITS = { worker: 600, reviewer: 600, silence: 300 } as const;

const FileSchema = z.strictObject({
  repos: z.optional(z.array(z.union([repository, RepoSchema])).check(z.maxLength(1_000))),
  human: z.optional(login),
  authorised_users: z._default(z.array(login), []),
  runner: z._default(runner, "codex"),
  reviewer_runner: z.optional(runner),
  command: z.optional(argv),
  extra_args: z._default(argv, []),
  env_allow: z._default(z.array(word), []),
  gate: z._default(argv, ["docker", "build", "."]),
  gate_seconds: z._default(count(1, 86_400), 1_800),
  labels: z._default(
    z.strictObject({
      bot: z._default(label, LABELS.bot),
      review: z._default(label, LABELS.review),
      rework: z._default(label, LABELS.rework),
      ready: z._default(label, LABELS.ready),
    }),
    LABELS,
  ),
  branch_prefix: z._default(prefix, "agent/"),
  max_rounds: z._default(count(1, 50), 4),
  max_attempts: z._default(count(1, 50), 3),
  max_agents: z.optional(count(1, 100)),
  spawn_delay_seconds: z._default(z.number().check(z.gte(0), z.lte(600)), 1),
  batch: z._default(count(1, 100), 5),
  limits: z._default(
    z.strictObject({
      worker: z._default(count(1, 86_400), LIMITS.worker),
      reviewer: z._default(count(1, 86_400), LIMITS.reviewer),
      silence: z.optional(count(0, 86_400)),
    }),
    { worker: LIMITS.worker, reviewer: LIMITS.reviewer },
  ),
  draft: z._default(z.enum(["ignore", "work"]), "ignore"),
  merge: z._default(z.literal("never"), "never"),
  notify: z._default(z.array(z.enum(["log", "lark", "zulip"])), []),
  git_author: z._default(word, "LoopX <loopx@localhost>"),
});
type FileConfig = z.infer<typeof FileSchema>;
type RepoRule = z.infer<typeof RepoSchema>;

/** Seconds, all of them. */
export interface GiteaConfig extends Omit<FileConfig, "repos" | "limits" | "max_agents" | "merge" | "reviewer_runner"> {
  readonly url: string;
  readonly bot_user: string;
  readonly repos: readonly RepoRule[];
  readonly reviewer_runner: Runner;
  readonly labels: LabelNames;
  readonly max_agents: number;
  readonly limits: { readonly worker: number; readonly reviewer: number; readonly silence: number };
  readonly poll_delay: number;
  readonly cooldown: number;
  readonly bot_scan_interval: number;
  readonly reconcile_interval: number;
  readonly redispatch_cooldown: number;
  readonly openclaw_bin: string;
  /** Null: nobody named one, and the shipped file is used where the source document's does not exist. */
  readonly dispatch_header: string | null;
  readonly workflow_doc: string | null;
  readonly dispatch_state_path: string | null;
}

/** What holds for one repository. */
export interface RepoSettings {
  readonly repo: string;
  readonly goal_id: string | null;
  readonly base: string | null;
  readonly gate: readonly string[];
  readonly human: string | null;
  readonly runner: Runner;
  readonly max_agents: number;
}

export type GiteaConfigRead =
  | { readonly kind: "config"; readonly config: GiteaConfig; readonly warnings: readonly string[] }
  /** `usual`: what is right in it, and otherwise what is usual; null when nobody can say which dispatcher it is about. */
  | { readonly kind: "faulty"; readonly faults: readonly string[]; readonly usual: GiteaConfig | null };

/** The configuration of an environment and a file's text; null: there is no file. */
export function readGiteaConfig(
  env: Environment,
  file: { readonly path: string; readonly text: string } | null,
  resolvePath: (path: string) => string,
): GiteaConfigRead {
  const read = strictYaml(file?.path ?? "(no file)", file?.text ?? "{}", FileSchema, KEYS);
  const variables = variablesOf(env, resolvePath);
  const { faults, warnings } = variables;
  const within = (name: string, otherwise: number, least: number, most: number): number => {
    const value = variables.whole(name, otherwise, most);
    if (value < least) faults.push(`${name} is a whole number from ${least} to ${most}, not ${value}`);
    return value;
  };
  const url = urlIn(variables.text("GITEA_URL"), faults);
  const bot_user = variables.text("BOT_USER") ?? "clawbot";
  const named = login.safeParse(bot_user).success;
  if (!named) faults.push("BOT_USER is no login");
  const yaml = read.kind === "value" ? read.value : FileSchema.parse({});
  if (read.kind === "faulty") faults.push(...read.faults.map((fault) => `${fault.file}:${fault.line}: ${fault.message}`));
  faults.push(...(yaml.extra_args.length > 0 ? argumentFaults(yaml.extra_args) : []));
  const { max_agents, limits, reviewer_runner, repos, ...rest } = yaml;
  const watched = variables.list("WATCHED_REPOS");
  const rules = watched.length > 0 ? watched : (repos ?? []);
  for (const each of watched)
    if (!REPO.test(each)) faults.push(`WATCHED_REPOS has ${JSON.stringify(each.slice(0, 100))}, which is no owner/name`);
  const config: GiteaConfig = {
    ...rest,
    url,
    bot_user,
    repos: rules.map((rule) => (typeof rule === "string" ? { repo: rule } : rule)),
    reviewer_runner: reviewer_runner ?? rest.runner,
    max_agents: within("MAX_CONCURRENT_AGENTS", max_agents ?? 10, 1, 100),
    limits: {
      worker: within("REAP_AGE_SECONDS", limits.worker, 1, 86_400),
      reviewer: within("REAP_AGE_SECONDS", limits.reviewer, 1, 86_400),
      silence: within("SILENCE_SECONDS", limits.silence ?? LIMITS.silence, 0, 86_400),
    },
    poll_delay: within("POLL_DELAY", 15, 1, 3_600),
    cooldown: within("COOLDOWN", 30, 0, 3_600),
    bot_scan_interval: within("BOT_SCAN_INTERVAL", 120, 1, 86_400),
    reconcile_interval: within("RECONCILE_INTERVAL", 600, 1, 86_400),
    redispatch_cooldown: within("REDISPATCH_COOLDOWN", 1_800, 0, 604_800),
    openclaw_bin: variables.text("OPENCLAW_BIN") ?? "openclaw",
    dispatch_header: variables.path("DISPATCH_HEADER"),
    workflow_doc: variables.path("WORKFLOW_DOC"),
    dispatch_state_path: variables.path("DISPATCH_STATE_PATH"),
  };
  faults.push(...agreementFaults(config));
  if (faults.length === 0) return { kind: "config", config, warnings };
  return { kind: "faulty", faults: [...new Set(faults)], usual: url === "" || !named ? null : config };
}

/** `https:`, or `http:` on this machine; no user, no query, no slash at the end. */
function urlIn(text: string | null, faults: string[]): string {
  const refused = (why: string): string => {
    faults.push(`GITEA_URL ${why}`);
    return "";
  };
  if (text === null) return refused("is required: the address of the server");
  if (!URL.canParse(text)) return refused("is no address");
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && loopback))
    return refused("is an https: address; plain http: only on this machine");
  if (username !== "" || password !== "" || search !== "" || hash !== "") return refused("has a user, a query or a fragment");
  return text.replace(/\/+$/, "");
}

function argumentFaults(args: readonly string[]): readonly string[] {
  try {
    checkedExtraArgs(args);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** What is wrong although each part is right. */
function agreementFaults({ repos, human, runner: named, reviewer_runner, command, labels }: GiteaConfig): readonly string[] {
  const faults: string[] = [];
  if (repos.length === 0) faults.push("no repository is watched: set repos in the file, or WATCHED_REPOS");
  const without = repos.filter((rule) => rule.human === undefined && human === undefined);
  if (without.length > 0) faults.push(`human is required, or one for each repository: ${without.map(({ repo }) => repo).join(", ")}`);
  const commanded = [named, reviewer_runner, ...repos.map((rule) => rule.runner)].includes("command");
  if (commanded && (command === undefined || command.length === 0))
    faults.push("command is required with the runner command: its program and arguments");
  const names = Object.values(labels).map((name) => name.toLowerCase());
  if (new Set(names).size < names.length) faults.push("labels: two of them have one name");
  return faults;
}

/** The settings of a repository by the first rule that names it; null: it is not watched. */
export function settingsOf(config: GiteaConfig, repo: string): RepoSettings | null {
  const rule = config.repos.find((each) => isNamed(each.repo, repo));
  if (rule === undefined) return null;
  return {
    repo,
    goal_id: rule.goal_id ?? null,
    base: rule.base ?? null,
    gate: rule.gate ?? config.gate,
    human: rule.human ?? config.human ?? null,
    runner: rule.runner ?? config.runner,
    max_agents: rule.max_agents ?? config.max_agents,
  };
}

/** Every client that a run may be given to. */
export function runnersOf({ runner: usual, reviewer_runner, repos }: GiteaConfig): ReadonlySet<Runner> {
  return new Set([usual, reviewer_runner, ...repos.flatMap((rule) => rule.runner ?? [])]);
}

/** True for rules that stand for repositories which only the server can name. */
export function isPattern({ repo }: Pick<RepoRule, "repo">): boolean {
  return repo.endsWith("*");
}

function isNamed(pattern: string, repo: string): boolean {
  const [one, other] = [pattern.toLowerCase(), repo.toLowerCase()];
  return one === "*" || one === other || (one.endsWith("/*") && other.startsWith(one.slice(0, -1)));
}

const KEYS: readonly string[] = [
  ...Object.keys(FileSchema.shape),
  ...Object.keys(RepoSchema.shape),
  ...Object.keys(LABELS),
  ...Object.keys(LIMITS),
];
