/** Judges the files of all goals: registry, states, gates, histories, what git would publish, and a scan for private texts (CMD-62, CMD-65). It writes nothing. */
import { ERRORS } from "../domain/errors.ts";
import { finding, type Finding } from "../domain/finding.ts";
import { textsOf } from "../domain/goal/fields.ts";
import { asFinding } from "../domain/goal/global-findings.ts";
import { registryFindings } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { isJsonObject } from "../domain/json.ts";
import type { CheckReport } from "../domain/payload/check.ts";
import { artifactFindings, gateFindings, privateFileFindings, type PrivateFile } from "../domain/status/check-findings.ts";
import { checkReport, type CheckedArea } from "../domain/status/check-report.ts";
import type { Host } from "../ports/host.ts";
import { everyGoal, type GoalFacts } from "./all-goals.ts";
import { readGoals } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { placeFindings } from "./registry.ts";
import { scan } from "./scan.ts";
import { concerns, globalView, isGlobalView } from "./status.ts";

/** The flags of `check` (CMD-62). */
export interface CheckInput {
  readonly goal_id?: string | undefined;
  readonly limit?: number | undefined;
  readonly scan_path?: readonly string[] | undefined;
  readonly scan_root?: string | undefined;
  /** What is scanned when neither path nor root is named: where the program is installed. */
  readonly install_root?: string | null | undefined;
  readonly cwd: string;
}

/** The report, with the error it ends with when something is wrong (CMD-20). */
export interface CheckResult extends CheckReport {
  readonly error: {
    readonly code: "check_failed";
    readonly message: string;
    readonly hint: string;
    readonly details: { readonly errors: number };
  } | null;
}

const DEFAULT_LIMIT = 5;
const PROJECT_REGISTRY = ".loopx/registry.json";

/** Everything that is wrong, listed or counted. Only a scan path that does not exist, or an unknown goal, ends it early. */
export const check = observed("check", async (host, input: CheckInput): Promise<CheckResult> => {
  const goals = await readGoals(host);
  const registry = goals.kind === "goals" ? goals.registry : null;
  const places = scanPlaces(input);
  const scanned = await scan(host, { ...places, cwd: input.cwd, private_hosts: registry === null ? [] : privateHosts(registry) });
  const areas: CheckedArea[] = goals.kind === "goals" ? await goalAreas(host, goals.registry, input) : [faultArea(host, goals.finding)];
  const unreadable = scanned.unreadable.map(({ path, reason }) =>
    finding("scan_file_unreadable", `${path}: ${UNREADABLE[reason] ?? reason}`, { file: path }),
  );
  areas.push({ code: "boundary", looked_at: counted(scanned.scanned_files, "file"), findings: [...scanned.hits, ...unreadable] });
  const report = checkReport(areas, input.limit ?? DEFAULT_LIMIT);
  const roots = [...(places.scan_root === undefined ? [] : [places.scan_root]), ...(places.scan_path ?? [])];
  return {
    error: errorOf(report),
    runtime_root: host.places.runtime_root,
    scan_roots: roots,
    scanned_files: scanned.scanned_files,
    ...report,
  };
});

const UNREADABLE: Readonly<Record<string, string>> = {
  not_utf8: "no valid UTF-8",
  too_large: "too large to scan",
  denied: "may not be read",
};

function errorOf({ summary, errors: [first] }: Pick<CheckReport, "summary" | "errors">): CheckResult["error"] {
  if (summary.errors === 0) return null;
  const more = summary.errors === 1 ? "" : ` (and ${summary.errors - 1} more)`;
  return {
    code: "check_failed",
    message: `${first?.message ?? "there are errors"}${more}`,
    hint: first?.fix ?? ERRORS.check_failed.next,
    details: { errors: summary.errors },
  };
}

/** `--scan-*` replace the install root; a program that does not know its own place scans nothing. */
function scanPlaces({ scan_root, scan_path, install_root }: CheckInput): Pick<CheckInput, "scan_root" | "scan_path"> {
  return scan_root !== undefined || (scan_path !== undefined && scan_path.length > 0)
    ? { scan_root, scan_path }
    : { scan_root: install_root ?? undefined };
}

/** None when the registry allows such addresses (FIL-10). */
function privateHosts({ raw }: Registry): readonly string[] {
  const boundary = raw["public_boundary"] ?? raw["privacy"];
  return isJsonObject(boundary) && boundary["tracked_private_doc_urls"] !== "allow" ? textsOf(boundary["private_hosts"]) : [];
}

/** A missing registry that nobody named is only worth knowing; one that cannot be read is an error. */
function faultArea(host: Host, fault: Finding): CheckedArea {
  const severity = fault.code === "registry_missing" ? "warning" : fault.severity;
  return { code: "registry", looked_at: host.places.registry, findings: [{ ...fault, severity }] };
}

async function goalAreas(host: Host, registry: Registry, input: CheckInput): Promise<CheckedArea[]> {
  const goals = await everyGoal(host, registry, { only: input.goal_id, keep: 1, cwd: input.cwd }, momentOf(host.clock));
  const about = ({ goal_id, goal_ids = [] }: Finding) =>
    input.goal_id === undefined ||
    goal_id === input.goal_id ||
    goal_ids.includes(input.goal_id) ||
    (goal_id === undefined && goal_ids.length === 0);
  const facts = goals.map((goal) => goal.facts);
  const runs = facts.reduce((sum, each) => sum + each.runs.run_count, 0);
  const health = facts.flatMap((each) => each.health as Finding[]);
  const global = await globalView(host, registry);
  return [
    {
      code: "registry",
      looked_at: counted(registry.items.length, "entry", "entries"),
      findings: [...registryFindings(registry), ...placeFindings(host, registry)].filter(about),
    },
    { code: "goals", looked_at: counted(goals.length, "goal"), findings: health.filter((found) => !isAboutHistory(found)) },
    {
      code: "gates",
      looked_at: counted(
        facts.reduce((sum, each) => sum + each.todos.user.length, 0),
        "user todo",
      ),
      findings: facts.flatMap(gateFindings),
    },
    { code: "history", looked_at: counted(runs, "run"), findings: [...health.filter(isAboutHistory), ...facts.flatMap(artifactFindings)] },
    { code: "git", ...(await gitArea(host, goals)) },
    {
      code: "global_registry",
      looked_at: global.available ? counted(global.goal_count, "goal") : "none",
      findings: global.findings
        .filter((each) => isGlobalView(host) || concerns(each, facts))
        .map(asFinding)
        .filter(about),
    },
  ];
}

const HISTORY_CODES: ReadonlySet<string> = new Set([
  "history_unreadable",
  "history_line_bad",
  "history_line_accepted",
  "history_tail_torn",
  "index_identity_collision",
  "timestamp_invalid",
  "timestamp_without_zone",
  "clock_skew",
  "quota_event_missing",
  "run_artifact_missing",
  "artifact_outside_root",
]);

function isAboutHistory({ code }: Finding): boolean {
  return HISTORY_CODES.has(code);
}

/** Goal states and project registries as git sees them, one look per repository. */
async function gitArea(host: Host, goals: readonly GoalFacts[]): Promise<Omit<CheckedArea, "code">> {
  const files: PrivateFile[] = [];
  for (const [repo, paths] of privatePaths(host, goals)) {
    const view = await host.project.gitView(repo, [...paths.keys()]);
    for (const { path, tracked, ignored } of view ?? []) files.push({ repo, path, goal_id: paths.get(path) ?? null, tracked, ignored });
  }
  return { looked_at: counted(files.length, "private file"), findings: privateFileFindings(files) };
}

/** By repository: private paths below it, each with its goal; null for the registry. */
function privatePaths(host: Host, goals: readonly GoalFacts[]): ReadonlyMap<string, ReadonlyMap<string, string | null>> {
  const repos = new Map<string, Map<string, string | null>>();
  for (const { reading } of goals) {
    if (reading === null || reading.repo === null || reading.state_path === null) continue;
    const { repo } = reading;
    const paths = repos.get(repo) ?? new Map(host.project.present(repo, [PROJECT_REGISTRY]).map((path) => [path, null]));
    paths.set(host.project.locate(repo, reading.state_path, repo).shown, reading.goal_id);
    repos.set(repo, paths);
  }
  return repos;
}

function counted(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : nouns}`;
}
