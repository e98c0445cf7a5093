/** One run of an agent on a failure, and the commit of what was accepted (section 6 of the loop: WTL-60 to WTL-66). */
import { shouldRun } from "@loopx/core";
import type { AgentRequest, AgentResult, ClientSettings } from "../drivers/agents/agent.ts";
import { modelAccess, openRelay, type OpenRelay } from "../drivers/agents/relay.ts";
import { findBinary, versionOf } from "../drivers/agents/binary.ts";
import { confinementOf } from "../drivers/agents/confinement.ts";
import { resultFile } from "../drivers/agents/result-file.ts";
import { lastLines } from "../drivers/agents/run-files.ts";
import { newRunId, PROCESS_CLIENTS, runAgent } from "../drivers/agents/run.ts";
import { checkedExtraArgs } from "../drivers/agents/words.ts";
import { badFile } from "../drivers/changed-files.ts";
import { removeEnvFiles } from "../drivers/env-files.ts";
import { ignoredOf, placeOf, treeOf, type Checkout } from "../drivers/git/checkout.ts";
import { commitPaths } from "../drivers/git/commits.ts";
import { gitConfigDigest } from "../drivers/git/config-digest.ts";
import { logLine } from "../drivers/loop-files.ts";
import { modulesAmong, resetWorktree } from "../drivers/git/linked-worktree.ts";
import { rescue } from "../drivers/git/rescue.ts";
import type { Cycle, CycleEvent } from "./cycle.ts";
import { readMemory, remember, runsOfDay } from "./memory.ts";
import { gateFiles, refusalOf, type RepairBounds } from "./paths.ts";
import { repairPrompt } from "./prompt.ts";
import { KEY_NOT_GIVEN } from "./sentences.ts";
import { agentGround, cycleLogs, type Site } from "./site.ts";
import { provideEnvFiles } from "./stages.ts";
import { changesIn, shaOf, testCheckout } from "./tree.ts";

const LOG_LINES = 200;
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Lets an agent try once. Whatever is not accepted is kept and taken back. */
export async function fix(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  const granted = await mayRepair(site);
  if (granted.kind === "denied") return granted;
  const bounds = boundsOf(site, granted.write_scope);
  if (bounds.allowed.length === 0)
    return { kind: "over_budget", reason: "no_write_scope: neither fix.paths nor the goal's write scope names a path" };
  const most = site.config.profile.fix.max_runs_per_day;
  if (runsOfDay(await readMemory(memoryGround(site)), site.now().ms) >= most)
    return { kind: "over_budget", reason: `${most} runs of agents in 24 hours are over` };
  const checkout = await testCheckout(site);
  const before = gitConfigDigest(checkout);
  await remember(memoryGround(site), (memory) => ({ ...memory, agent_runs_ms: [...memory.agent_runs_ms, site.now().ms] }));
  // What is not there cannot be read.
  removeEnvFiles(site.worktree, site.config.profile.worktree.env_files);
  const result = await runOnce(site, cycle, bounds, signal);
  // Looked at without git: git would act on what it finds.
  if (gitConfigDigest(checkout) !== before)
    return {
      kind: "over_budget",
      reason: `git_config_changed: run ${result.run_id} changed git's configuration or hooks; look at them before anything else`,
    };
  await provideEnvFiles(site);
  return judge(site, cycle, checkout, bounds, result);
}

type Granted = { readonly kind: "granted"; readonly write_scope: readonly string[] } | Extract<CycleEvent, { kind: "denied" }>;

/** With a goal the verdict is asked again before each run. */
async function mayRepair(site: Site): Promise<Granted> {
  const { goal_id, agent_id } = site.config;
  if (goal_id === null) return { kind: "granted", write_scope: [] };
  const { verdict } = await shouldRun(site.host, { goal_id, ...(agent_id === null ? {} : { agent_id }), cwd: site.root.dir });
  if (!verdict.should_run || !verdict.execution_obligation.delivery_allowed) return { kind: "denied", rule: verdict.rule };
  return { kind: "granted", write_scope: verdict.goal_boundary.write_scope };
}

function boundsOf(site: Site, write_scope: readonly string[]): RepairBounds {
  const { fix, fast_gate, slow_gate, worktree } = site.config.profile;
  const gates = [...fast_gate, ...slow_gate].map(({ argv }) => argv);
  return {
    allowed: fix.paths ?? write_scope,
    protected: ["loopx-loop.yaml", ".loopx/**", "tests/scenarios/**", ...gateFiles(gates), ...fix.protected],
    tests: fix.test_paths,
    allow_tests: fix.allow_tests,
    env_files: worktree.env_files,
  };
}

async function runOnce(site: Site, cycle: Cycle, bounds: RepairBounds, signal: AbortSignal): Promise<AgentResult> {
  const { fix } = site.config.profile;
  const ground = agentGround(site);
  const run_id = newRunId();
  const run_dir = `${ground.runs_dir}/${run_id}`;
  const failure = cycle.failure ?? { tier: "fast", step: "unknown", exit_code: null, reason: "unknown", log: null };
  const log = failure.log === null ? failure.reason : site.secrets.redact(lastLines(failure.log, LOG_LINES));
  const request: AgentRequest = {
    run_id,
    goal_id: site.config.goal_id,
    workspace: site.worktree,
    prompt: site.secrets.redact(repairPrompt(cycle, failure, { allowed: bounds.allowed, log, result_file: resultFile(run_dir) })),
    model: fix.model ?? null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
    limits: { max_seconds: fix.timeout_seconds, silence_seconds: fix.silence_seconds, max_output_bytes: OUTPUT_LIMIT },
    run_dir,
    result: "optional",
  };
  const relay = await relayFor(site, run_dir);
  try {
    return await runAgent(PROCESS_CLIENTS[fix.driver], request, { ...(await settingsOf(site)), relay }, ground, signal);
  } finally {
    await relay?.close();
  }
}

/** With `credentials: relay` the agent gets a way to its model for this one run, and never the key (AGT-81). */
async function relayFor(site: Site, run_dir: string): Promise<OpenRelay | null> {
  const { credentials, driver } = site.config.profile.fix;
  if (credentials === "relay" && driver !== "command")
    return openRelay(modelAccess(site.env), (line) => logLine(`${run_dir}/relay.log`, JSON.stringify(line)));
  const [name] = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"].filter((each) => (site.env[each] ?? "") !== "");
  // Told once: the key of the environment goes to no agent (AGT-83).
  if (name !== undefined && driver !== "command") await site.notify(KEY_NOT_GIVEN[site.locale](name), { key: `${site.executor}|${name}` });
  return null;
}

async function settingsOf(site: Site): Promise<Omit<ClientSettings, "relay"> & { readonly client_version: string | null }> {
  const { fix } = site.config.profile;
  const [first = null, ...argv] = fix.argv ?? [];
  const program = findBinary(fix.driver, first, site.env) ?? first ?? fix.driver;
  return {
    program,
    argv,
    extra_args: checkedExtraArgs(fix.extra_args),
    allow_no_git: false,
    confinement: await confinementOf(fix.driver, program, site.env),
    env_allow: fix.env_allow,
    allowed_tools: null,
    client_version: fix.driver === "command" ? null : await versionOf(program, site.env),
  };
}

/** Whether the change may be committed. */
async function judge(site: Site, cycle: Cycle, checkout: Checkout, bounds: RepairBounds, result: AgentResult): Promise<CycleEvent> {
  if (result.end === "stop_failed") return { kind: "fault", reason: `run ${result.run_id}: ${result.reason}` };
  const refusal =
    result.end === "ok" ? await refusalOfTree(site, checkout, bounds) : `the agent ended with ${result.end}: ${result.reason}`;
  if (refusal === null) return { kind: "changed", run_id: result.run_id };
  await takeBack(site, cycle, checkout, result.run_id);
  return result.end === "stopped" ? { kind: "aborted", reason: result.reason } : { kind: "no_progress", reason: refusal };
}

async function refusalOfTree(site: Site, checkout: Checkout, bounds: RepairBounds): Promise<string | null> {
  const changes = await changesIn(site, checkout);
  if (changes.length === 0) return "the agent changed nothing";
  const paths = changes.map(({ path }) => path);
  const [ignored] = await ignoredOf(site.git, placeOf(checkout), paths);
  if (ignored !== undefined) return `${ignored} is ignored by git`;
  const [module] = await modulesAmong(site.git, checkout, paths);
  if (module !== undefined) return `${module} is a submodule`;
  return refusalOf(changes, bounds) ?? badFile(checkout.dir, paths, site.secrets);
}

/** Keeps the tree for a person and goes back to the candidate (WTL-66). */
async function takeBack(site: Site, cycle: Cycle, checkout: Checkout, run_id: string): Promise<void> {
  const sha = shaOf(cycle.candidate_sha);
  await rescue(site.git, checkout, {
    cycle_id: `${cycle.cycle_id}-${run_id}`,
    main: sha,
    folder: `${cycleLogs(site, cycle.cycle_id)}/${run_id}`,
  });
  await resetWorktree(site.git, checkout, site.root, { branch: site.branch, sha });
  await provideEnvFiles(site);
}

/** Commits exactly what was accepted (WTL-65). A tree that was tested before is no progress. */
export async function commit(site: Site, cycle: Cycle): Promise<CycleEvent> {
  const checkout = await testCheckout(site);
  const place = placeOf(checkout);
  const paths = (await changesIn(site, checkout)).flatMap(({ path, from }) => (from === null ? [path] : [path, from]));
  if (paths.length === 0) return { kind: "no_progress", reason: "the agent changed nothing" };
  const { goal_id, profile } = site.config;
  const made = await commitPaths(site.git, place, {
    paths,
    subject: `fix: auto-fix from test (attempt ${cycle.attempt})`,
    trailers: [
      ["Loopx-Run", cycle.fix_run ?? cycle.cycle_id],
      ...(goal_id === null ? [] : ([["Loopx-Goal", goal_id]] as const)),
      ["Loopx-Driver", profile.fix.driver],
      ["Loopx-Base", cycle.base_sha],
    ],
    author: profile.git_author,
  });
  const tree = await treeOf(site.git, place, made);
  for (const earlier of new Set([cycle.base_sha, cycle.candidate_sha])) {
    if ((await treeOf(site.git, place, shaOf(earlier))) !== tree) continue;
    await resetWorktree(site.git, checkout, site.root, { branch: site.branch, sha: shaOf(cycle.candidate_sha) });
    await provideEnvFiles(site);
    return { kind: "no_progress", reason: "the repair leads back to a tree that failed" };
  }
  await site.git.run(place, ["update-ref", `refs/loopx/candidate/${cycle.cycle_id}`, made]);
  return { kind: "committed", candidate_sha: made };
}

export function memoryGround(site: Site): { readonly documents: Site["host"]["documents"]; readonly executor: string } {
  return { documents: site.host.documents, executor: site.executor };
}
