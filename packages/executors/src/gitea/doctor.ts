/**
 * `doctor`: what would stop a dispatcher, or make it do less than its person thinks, seen before it starts (DSP-85). It asks
 * the server by GETs alone; only with `create` it makes labels that are missing. What could not be asked is told, never passed.
 */
import type { Check } from "../doctor/check.ts";
import { isPattern, settingsOf, type GiteaConfig } from "./config.ts";
import type { Forge, ForgeAnswer, ForgeRepository } from "./forge.ts";
import { ROLES } from "./item.ts";
import { has, LABEL_COLORS } from "./labels.ts";

/** What is looked at. */
export interface DoctorGround {
  readonly config: GiteaConfig;
  readonly forge: Forge;
  readonly reviewer: Forge | null;
  /** Makes the labels that are missing. */
  readonly create: boolean;
}

const CLOCK_MS = 30_000;
const LEAST_PAGE = 20;

/** Everything that the server tells, in the order in which a person would repair it. */
export async function serverChecks(ground: DoctorGround): Promise<readonly Check[]> {
  const server = await serverCheck(ground);
  if (server.some(({ level }) => level === "fault")) return server;
  const token = await tokenChecks(ground);
  // Without a token nothing else can be said.
  if (token.some(({ check, level }) => check === "token" && level === "fault")) return [...server, ...token];
  const { repos, checks } = await watched(ground);
  const each: Check[] = [];
  for (const repo of repos) each.push(...(await repositoryChecks(ground, repo)));
  return [...server, ...token, ...(await reviewerChecks(ground)), ...checks, ...each];
}

async function serverCheck({ forge }: DoctorGround): Promise<readonly Check[]> {
  const answer = await forge.server();
  // It is there, and the next check says what is wrong with the token.
  if (answer.kind === "failed" && (answer.fault === "unauthorized" || answer.fault === "forbidden")) return [];
  if (answer.kind === "failed")
    return [{ check: "server", level: "fault", detail: `it does not answer: ${answer.message}`, fix: "correct GITEA_URL" }];
  const { version, max_response_items, clock_difference_ms } = answer.value;
  const checks: Check[] = [{ check: "server", level: "ok", detail: `version ${version}` }];
  if (max_response_items < LEAST_PAGE)
    checks.push({ check: "page", level: "warning", detail: `it gives ${max_response_items} entries at once: lists take many requests` });
  const seconds = Math.round((clock_difference_ms ?? 0) / 1_000);
  if (Math.abs(seconds) * 1_000 > CLOCK_MS)
    checks.push({
      check: "clock",
      level: "warning",
      detail: `its clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}`,
      fix: "set both clocks by NTP",
    });
  return checks;
}

async function tokenChecks({ forge, config }: DoctorGround): Promise<readonly Check[]> {
  const me = await forge.me();
  if (me.kind === "failed" && me.fault !== "forbidden")
    return [
      {
        check: "token",
        level: "fault",
        detail: `the server refuses it: ${me.message}`,
        fix: "make a new token for the bot, and set GITEA_TOKEN",
      },
    ];
  const checks: Check[] = [];
  if (me.kind === "failed")
    checks.push({
      check: "token",
      level: "warning",
      detail: `whose it is cannot be asked: ${me.message}`,
      fix: "give the token the scope read:user",
    });
  else if (me.value.login.toLowerCase() === config.bot_user.toLowerCase())
    checks.push({ check: "token", level: "ok", detail: `of ${me.value.login}` });
  else
    checks.push({
      check: "bot",
      level: "fault",
      detail: `the token is ${me.value.login}'s, not ${config.bot_user}'s`,
      fix: `set BOT_USER=${me.value.login}, or use the bot's token`,
    });
  checks.push(scopeCheck("notification", await forge.unread()));
  const surplus = await forge.surplus();
  if (surplus.kind === "value")
    for (const scope of surplus.value)
      checks.push({ check: "scope", level: "warning", detail: `the token may also ${scope}`, fix: "make one with less" });
  return checks;
}

function scopeCheck(scope: string, answer: ForgeAnswer<unknown>): Check {
  if (answer.kind === "value") return { check: "scope", level: "ok", detail: scope };
  return { check: "scope", level: "fault", detail: `${scope}: ${answer.message}`, fix: `give the token the scope write:${scope}` };
}

async function reviewerChecks({ reviewer, config }: DoctorGround): Promise<readonly Check[]> {
  if (reviewer === null)
    return [
      {
        check: "reviewer",
        level: "warning",
        detail: "there is no second account: reviews are comments, not approvals",
        fix: "set GITEA_REVIEW_TOKEN",
      },
    ];
  const me = await reviewer.me();
  if (me.kind === "failed")
    return [{ check: "reviewer", level: "fault", detail: `its token: ${me.message}`, fix: "make a new token, and set GITEA_REVIEW_TOKEN" }];
  const { login } = me.value;
  if (login.toLowerCase() === config.bot_user.toLowerCase())
    return [
      {
        check: "reviewer",
        level: "fault",
        detail: `it is ${login} as well: the server refuses to let it approve its own pulls`,
        fix: "use another account",
      },
    ];
  return [{ check: "reviewer", level: "ok", detail: login }];
}

/** The repositories by name; a pattern is what the server says it stands for. */
async function watched({ forge, config }: DoctorGround): Promise<{ repos: readonly string[]; checks: readonly Check[] }> {
  const named = config.repos.filter((rule) => !isPattern(rule)).map(({ repo }) => repo);
  if (named.length === config.repos.length) return { repos: named, checks: [] };
  const answer = await forge.repositories();
  if (answer.kind === "failed")
    return {
      repos: named,
      checks: [
        {
          check: "repositories",
          level: "fault",
          detail: `they cannot be listed: ${answer.message}`,
          fix: "name them in the configuration",
        },
      ],
    };
  const found = answer.value.entries.filter(({ repo, archived }) => !archived && settingsOf(config, repo) !== null).map(({ repo }) => repo);
  const repos = [...new Set([...named, ...found])];
  if (repos.length > 0) return { repos, checks: [] };
  const patterns = config.repos.map(({ repo }) => repo).join(", ");
  return {
    repos,
    checks: [
      { check: "repositories", level: "fault", detail: `nothing fits ${patterns}`, fix: "give the bot write access to a repository" },
    ],
  };
}

async function repositoryChecks(ground: DoctorGround, repo: string): Promise<readonly Check[]> {
  const answer = await ground.forge.repository(repo);
  if (answer.kind === "failed")
    return [{ repo, check: "repository", level: "fault", detail: answer.message, fix: "correct its name, or give the bot access" }];
  const found = answer.value;
  const settings = settingsOf(ground.config, repo);
  const checks: Check[] = [];
  if (found.archived) checks.push({ repo, check: "repository", level: "warning", detail: "it is archived: nothing is done there" });
  checks.push(
    found.can_write
      ? { repo, check: "access", level: "ok", detail: "the bot may write" }
      : {
          repo,
          check: "access",
          level: "fault",
          detail: "the bot may not write there",
          fix: `make ${ground.config.bot_user} a collaborator with write permission`,
        },
  );
  if (settings !== null && settings.goal_id === null)
    checks.push({
      repo,
      check: "goal",
      level: "warning",
      detail: "it has no goal: only the dispatcher's own limits hold",
      fix: "set goal_id",
    });
  if (settings !== null && settings.gate.length === 0)
    checks.push({ repo, check: "gate", level: "warning", detail: "it has no gate: nothing is run before a pull is made", fix: "set gate" });
  return [...checks, ...(await humanChecks(ground, repo)), ...(await labelChecks(ground, found))];
}

/** Whoever is to be assigned has to be one whom the server lets be assigned. */
async function humanChecks({ forge, config }: DoctorGround, repo: string): Promise<readonly Check[]> {
  const human = settingsOf(config, repo)?.human ?? null;
  if (human === null) return [];
  const may = await forge.permission(repo, human);
  if (may.kind === "failed")
    return [{ repo, check: "human", level: "warning", detail: `what ${human} may do cannot be asked: ${may.message}` }];
  const isFine = may.value === "write" || may.value === "admin" || may.value === "owner";
  return isFine
    ? []
    : [
        {
          repo,
          check: "human",
          level: "fault",
          detail: `${human} may not write there, so cannot be assigned`,
          fix: `give ${human} write permission, or name somebody else`,
        },
      ];
}

async function labelChecks(ground: DoctorGround, { repo, owner }: ForgeRepository): Promise<readonly Check[]> {
  const { forge, config, create } = ground;
  const answer = await forge.labels(repo);
  if (answer.kind === "failed") return [{ repo, ...scopeCheck("issue", answer) }];
  const own = answer.value.map(({ name }) => name);
  const missing = ROLES.filter((role) => !has(own, config.labels[role]));
  const checks: Check[] = [];
  const made: string[] = [];
  for (const role of missing) {
    const name = config.labels[role];
    const answered = create ? await forge.createLabel(repo, { name, color: LABEL_COLORS[role], exclusive: false }) : null;
    if (answered?.kind === "value") made.push(name);
    else
      checks.push({
        repo,
        check: "label_missing",
        level: "fault",
        detail: answered === null ? name : `${name} could not be made: ${answered.message}`,
        fix: "loopx-loop gitea doctor --create-labels",
      });
  }
  if (made.length > 0) checks.push({ repo, check: "labels", level: "ok", detail: `made: ${made.join(", ")}` });
  else if (missing.length === 0) checks.push({ repo, check: "labels", level: "ok", detail: "all four" });
  return [...checks, ...(await organisationChecks(ground, repo, owner))];
}

/** A name that stands in the organisation too is ambiguous for people, and filters of the server drop it (DSP-S12). */
async function organisationChecks({ forge, config }: DoctorGround, repo: string, owner: string): Promise<readonly Check[]> {
  const answer = await forge.organisationLabels(owner);
  if (answer.kind === "failed") return [];
  const names = ROLES.map((role) => config.labels[role]).filter((name) =>
    has(
      answer.value.map((label) => label.name),
      name,
    ),
  );
  return names.map((name) => ({
    repo,
    check: "organisation_label",
    level: "warning" as const,
    detail: `${owner} has a label ${name} of its own: on an item it looks the same and is not`,
    fix: "rename or delete the organisation's",
  }));
}
