/** What an idle service asks of itself, and what it tells people about it (LPR-50, LPR-52, LPR-38). Pure. */
import type { LooperConfig } from "./config.ts";
import type { LooperEffect, Order } from "./machine.ts";
import type { Prepared } from "./prepare.ts";
import type { RunRequest } from "./request.ts";

/** Whatever is configured. */
export const AUTO_REQUEST: RunRequest = {
  zulip_message: "",
  prompt: null,
  workspace: null,
  goal_id: null,
  codex_exec_binary: null,
  delay_seconds: null,
  startup_check_seconds: null,
  zulip_script_path: null,
  unknown_keys: [],
};

/** The order of one look; a failed announcement stops no automatic run. */
export function autoOrder(config: LooperConfig, request_id: string, prepared: Prepared): Order {
  const plan = prepared.kind === "refused" ? null : prepared.plan;
  const place = (plan?.workspace ?? "").split("/").at(-1) ?? "";
  return {
    request_id,
    trigger: "auto",
    message: config.auto.message ?? `Looper: idle, starting a fresh run in ${place}`,
    run: prepared.kind === "refused" ? null : prepared.order,
    announcement_required: false,
  };
}

/** True when there is something to start by itself: a workspace, and a prompt or goal (LPR-50). */
export function canPoll({ auto, workspace, default_prompt, default_prompt_file, goal_id }: LooperConfig): boolean {
  return auto.wanted && workspace !== null && (default_prompt !== null || default_prompt_file !== null || goal_id !== null);
}

/** A key of the environment goes to no agent: what its user has to know, once (AGT-83). */
export function keyWarnings({ agent }: LooperConfig, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const name = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"].find((each) => (env[each] ?? "") !== "");
  if (name === undefined || agent === "command") return [];
  return [`${name} is given to no agent: log in to ${agent} as this user (${agent === "codex" ? "codex login" : "claude, then /login"})`];
}

/** Why idle starts are off though they are wanted; one sentence, or none. */
export function idleWarnings(config: LooperConfig): readonly string[] {
  if (!config.auto.wanted || canPoll(config)) return [];
  const missing =
    config.workspace === null
      ? "a default workspace (LOOPER_WORKSPACE)"
      : "a default prompt or goal (LOOPER_DEFAULT_PROMPT, LOOPER_GOAL_ID)";
  return [`idle starts are off: ${missing} is missing`];
}

/** What a notice says. */
export function noticeText(notice: Extract<LooperEffect, { kind: "notice" }>["notice"], max_failures: number): string {
  return notice === "breaker_open"
    ? `Looper: ${max_failures} automatic runs in a row failed. It starts none until a manual run ends well or the service restarts with LOOPER_AUTO_RESET=1.`
    : "Looper: three runs in a row changed nothing. Look at the prompt and its task list.";
}
