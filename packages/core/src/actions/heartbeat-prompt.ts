/** The text a recurring automation hands to an agent (spec heartbeat). It reads the entry and checks the state file; it writes nothing. */
import { LoopxError } from "../domain/errors.ts";
import { heartbeatMarkdown, heartbeatQuiet } from "../domain/heartbeat/markdown.ts";
import { heartbeatPrompt, type HeartbeatPayload } from "../domain/heartbeat/prompt.ts";
import type { Host } from "../ports/host.ts";
import { chooseGoal, openGoal, requireGoals } from "./goals.ts";
import { missingState } from "./missing-state.ts";
import { unreadableError } from "../store/outcome.ts";
import { observed } from "./observed.ts";

/** The flags of `heartbeat-prompt` (CMD-48); the full form without one of the three. */
export interface HeartbeatPromptInput {
  readonly goal_id?: string | undefined;
  readonly thin?: boolean | undefined;
  readonly brief?: boolean | undefined;
  readonly compact?: boolean | undefined;
  /** A detached state file instead of the registered one; it must be readable (HBT-3). */
  readonly active_state?: string | undefined;
  readonly material_rule?: string | undefined;
  readonly permission_rule?: string | undefined;
  readonly cli_bin?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly agent_scope?: readonly string[] | undefined;
  readonly cwd: string;
}

/** The prompt as JSON, as a page and as its bare body. */
export interface HeartbeatPromptResult {
  readonly payload: HeartbeatPayload;
  readonly markdown: string;
  /** Only the body, for `--quiet`. */
  readonly quiet: string;
}

/** The prompt in one of four forms. Errors: `agent_id_required`, `agent_not_registered`, `state_file_missing`, `conflicting_flags`, `invalid_value`. */
export const promptForHeartbeat = observed(
  "prompt_for_heartbeat",
  async (host, input: HeartbeatPromptInput): Promise<HeartbeatPromptResult> => {
    const registry = await requireGoals(host);
    const goal = openGoal(host, registry, chooseGoal(registry, input.goal_id));
    const activeState = await readableState(host, goal, input);
    const made = heartbeatPrompt({
      goal_id: goal.goal_id,
      thin: input.thin ?? false,
      brief: input.brief ?? false,
      compact: input.compact ?? false,
      active_state: activeState,
      active_state_source: input.active_state === undefined ? "registry" : "override",
      agent_id: input.agent_id ?? null,
      agent_scopes: input.agent_scope ?? [],
      material_rule: input.material_rule ?? null,
      permission_rule: input.permission_rule ?? null,
      locale: host.locale,
      locale_named: host.locale_named,
      invocation: {
        cli_bin: input.cli_bin ?? host.cli_bin,
        registry: host.places.registry,
        runtime_root: host.places.default_runtime_root === host.places.runtime_root ? null : host.places.runtime_root,
      },
      coordination: goal.entry.coordination,
    });
    if (made.kind === "refused") throw new LoopxError(made.code, made.message, { hint: made.hint });
    return { payload: made.payload, markdown: heartbeatMarkdown(made), quiet: heartbeatQuiet(made) };
  },
);

/** The state path the prompt names: the registered one, or the override as given. Either has to be readable. */
async function readableState(host: Host, goal: ReturnType<typeof openGoal>, input: HeartbeatPromptInput): Promise<string> {
  if (input.active_state !== undefined) {
    const fault = host.project.readable(input.active_state, input.cwd);
    if (fault !== null)
      throw new LoopxError(
        fault === "missing" ? "state_file_missing" : "state_file_unreadable",
        `the active state ${input.active_state} ${fault === "missing" ? "does not exist" : "cannot be read"}`,
        { hint: "correct --active-state, or leave it out" },
      );
    return input.active_state;
  }
  const document = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
  if (document.kind === "absent") throw missingState(goal.goal_id, goal.repo, goal.state_path);
  return goal.state_path;
}
