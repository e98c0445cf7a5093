/**
 * Everything that can be refused before the announcement: workspace, binary, script, goal and prompt, in the order of the
 * contract (LPR-11). Nothing is sent, stopped or started here.
 */
import type { Host } from "@loopx/core";
import type { GoalId } from "@loopx/core/domain";
import { promptDigest } from "../drivers/agents/words.ts";
import type { AgentRecord } from "../drivers/agents/record.ts";
import type { ClientSettings, ProcessClient } from "../drivers/agents/agent.ts";
import { findWorkspace, readPrompt } from "../drivers/looper/workspace.ts";
import type { PlannedRun } from "./agents.ts";
import type { LooperConfig } from "./config.ts";
import { findGoal, goalRefusal, heartbeatPrompt, type RunGoal } from "./goals.ts";
import type { RunOrder } from "./machine.ts";
import type { Refusal, RunRequest } from "./request.ts";

/** The agent's program: where it was found, and by which rule. */
export type FoundAgent =
  | {
      readonly kind: "agent";
      readonly client: ProcessClient;
      readonly settings: ClientSettings & { readonly client_version: string | null };
      readonly source: "request" | "env" | "local" | "path";
    }
  | { readonly kind: "forbidden" }
  /** Its sandbox does not hold on this machine. */
  | { readonly kind: "unconfined"; readonly name: string }
  | { readonly kind: "missing"; readonly name: string };

export interface PrepareGround {
  readonly config: LooperConfig;
  /** The host over the registry that a workspace belongs to. */
  readonly hostAt: (workspace: string) => Host;
  readonly roots: () => Promise<readonly string[]>;
  readonly findAgent: (asked: string | null) => Promise<FoundAgent>;
  readonly isAllowedScript: (path: string) => boolean;
  readonly newRunId: () => string;
  readonly clientOf: (record: AgentRecord) => ProcessClient;
}

export type Prepared =
  | { readonly kind: "ready"; readonly order: RunOrder | null; readonly plan: PlannedRun | null }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface Preparing {
  (request: RunRequest, by: { readonly request_id: string; readonly trigger: "http" | "auto" }): Promise<Prepared>;
  readonly clientOf: (record: AgentRecord) => ProcessClient;
}

/** Checks requests of this service. */
export function preparing(ground: PrepareGround): Preparing {
  const prepare = async (
    request: RunRequest,
    by: { readonly request_id: string; readonly trigger: "http" | "auto" },
  ): Promise<Prepared> => {
    try {
      return await prepareRequest(ground, request, by);
    } catch (error) {
      if (error instanceof Refused) return { kind: "refused", refusal: error.refusal };
      throw error;
    }
  };
  return Object.assign(prepare, { clientOf: ground.clientOf });
}

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(status: Refusal["status"], error: string, code: string) {
    super(error);
    this.refusal = { status, error, code };
  }
}

async function prepareRequest(
  ground: PrepareGround,
  request: RunRequest,
  { request_id, trigger }: { readonly request_id: string; readonly trigger: "http" | "auto" },
): Promise<Prepared> {
  const { config } = ground;
  const script = request.zulip_script_path;
  if (script !== null && !ground.isAllowedScript(script)) throw new Refused(403, "zulip_script_path is not allowed", "forbidden");
  if (request.prompt === "") return { kind: "ready", order: null, plan: null };

  const workspace = await workspaceOf(ground, request);
  const agent = await ground.findAgent(request.codex_exec_binary);
  if (agent.kind === "forbidden") throw new Refused(403, "binary is not allowed", "forbidden");
  if (agent.kind === "missing") throw new Refused(500, `required tool is missing from PATH: ${agent.name}`, "missing_tool");
  if (agent.kind === "unconfined") throw new Refused(500, `${agent.name} does not confine its commands here`, "sandbox_unavailable");
  const goal = await goalOf(ground, workspace, request.goal_id ?? config.goal_id);
  if (goal !== null) {
    const refusal = await goalRefusal(goal, workspace);
    if (refusal !== null) return { kind: "refused", refusal };
  }
  const prompt = await promptOf(config, request, goal, workspace);
  // No client takes either, and by then it would have been announced (AGT section 7).
  if (prompt === "") throw new Refused(400, "the prompt is empty", "bad_request");
  if (prompt.includes("\0")) throw new Refused(400, "'codex_prompt' must not hold a NUL character", "bad_request");
  const run_id = ground.newRunId();
  const order: RunOrder = {
    run_id,
    workspace,
    prompt_sha256: promptDigest(prompt),
    delay_seconds: request.delay_seconds ?? config.delay_seconds,
    check_seconds: request.startup_check_seconds ?? config.startup_check_seconds,
  };
  const { client, settings, source } = agent;
  return { kind: "ready", order, plan: { request_id, run_id, trigger, workspace, prompt, goal, client, settings, binary_source: source } };
}

async function workspaceOf({ config, roots }: PrepareGround, { workspace }: RunRequest): Promise<string> {
  const asked = workspace ?? config.workspace;
  if (asked === null) throw new Refused(400, "missing 'workspace'", "bad_request");
  const found = findWorkspace(asked, await roots());
  if (found.kind === "workspace") return found.path;
  if (found.kind === "outside") throw new Refused(403, "workspace is outside the allowed roots", "forbidden");
  throw new Refused(400, `workspace is not a directory: ${asked}`, "bad_workspace");
}

async function goalOf({ hostAt }: PrepareGround, workspace: string, named: GoalId | null): Promise<RunGoal | null> {
  const found = await findGoal(hostAt(workspace), workspace, named);
  if (found.kind === "goal") return found.goal;
  if (found.kind === "none") return null;
  throw new Refused(found.refusal.status, found.refusal.error, found.refusal.code);
}

/** The request's, the configured one, the goal's heartbeat; there is none of Looper's own (LPR-21, LPR-50). */
async function promptOf(config: LooperConfig, request: RunRequest, goal: RunGoal | null, workspace: string): Promise<string> {
  if (request.prompt !== null) return request.prompt;
  if (config.default_prompt_file !== null) {
    const read = readPrompt(config.default_prompt_file);
    if ("prompt" in read) return read.prompt;
    throw new Refused(500, `the default prompt ${read.fault}`, "internal");
  }
  if (config.default_prompt !== null) return config.default_prompt;
  if (goal !== null) return heartbeatPrompt(goal, workspace);
  throw new Refused(400, "missing 'codex_prompt'", "bad_request");
}
