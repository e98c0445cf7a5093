/**
 * What a heartbeat prompt is made from, and the check that makes it trustworthy (HBT-1 to HBT-9).
 * A refusal is a value. Whether the goal and its state file exist is the caller's to find out; nothing is opened here.
 */
import { isSafe, redact } from "../boundary/detector.ts";
import { loopxCommand } from "../command-line.ts";
import type { ErrorCode } from "../errors.ts";
import { reviewersOf } from "../goal-state/reviewers.ts";
import type { Coordination } from "../goal/entry.ts";
import { parseAgentId } from "../ids.ts";
import { DEFAULT_SCOPE, MATERIAL_RULE, PERMISSION_RULE } from "../locale/heartbeat.ts";
import type { Locale } from "../locale/locale.ts";

export const FORMS = ["full", "compact", "brief", "thin"] as const;
/** A form of the prompt; the four say the same at different lengths. */
export type Form = (typeof FORMS)[number];

/** The limits of HBT-5 and HBT-7, in characters. */
export const SCOPE_LIMIT = 180;
export const RULE_LIMIT = 120;

/** Printed commands always name the registry; the runtime root is null when it is the default (HBT-11). */
export interface HeartbeatInvocation {
  readonly cli_bin: string;
  readonly registry: string;
  readonly runtime_root: string | null;
}

/** What a caller asks for, as the flags say it; nothing is checked yet. */
export interface HeartbeatRequest {
  readonly goal_id: string;
  readonly thin: boolean;
  readonly brief: boolean;
  readonly compact: boolean;
  /** Registry: the resolved path. Override: the text of `--active-state` as given. */
  readonly active_state: string;
  readonly active_state_source: "registry" | "override";
  readonly agent_id: string | null;
  readonly agent_scopes: readonly string[];
  readonly material_rule: string | null;
  readonly permission_rule: string | null;
  readonly locale: Locale;
  /** `--locale` was given, so sibling commands repeat it. */
  readonly locale_named?: boolean;
  readonly invocation: HeartbeatInvocation;
  readonly coordination: Pick<Coordination, "registered_agents" | "primary_agent" | "side_agent_handoff_agent" | "agent_profiles">;
}

export interface HeartbeatAgent {
  readonly agent_id: string;
  /** `label`: the goal has no registered agents, so the id is only a name. */
  readonly agent_role: "primary-agent" | "side-agent" | "label";
  /** Who reviews a side agent's broad work; never the agent itself. */
  readonly handoff_agent: string | null;
}

/** Checked inputs; the same ones give the same bytes (HBT-10). */
export interface HeartbeatInputs {
  readonly goal_id: string;
  readonly form: Form;
  readonly active_state: string;
  readonly active_state_source: "registry" | "override";
  readonly agent: HeartbeatAgent | null;
  /** With an agent never empty: given, else of its profile, else the catalogue sentence. */
  readonly agent_scopes: readonly string[];
  readonly material_rule: string;
  readonly permission_rule: string;
  readonly locale: Locale;
  readonly invocation: HeartbeatInvocation;
  /** What the caller gave himself: sibling commands repeat exactly this (HBT-13). */
  readonly given: {
    readonly agent_scopes: readonly string[];
    readonly material_rule: string | null;
    readonly permission_rule: string | null;
    readonly locale: Locale | null;
  };
}

export interface Refused {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const HELP = "loopx heartbeat-prompt --help";
const CLI_BIN = /^[A-Za-z0-9_@%+:,./][A-Za-z0-9_@%+:,./-]*$/;

/** The inputs, or the first refusal: form, binary, state path, agent, scopes, rules. */
export function heartbeatInputs(request: HeartbeatRequest): { readonly kind: "inputs"; readonly inputs: HeartbeatInputs } | Refused {
  const form = formOf(request);
  if (form === null) return refused("conflicting_flags", "--compact, --brief and --thin exclude each other.");
  if (!CLI_BIN.test(request.invocation.cli_bin)) {
    return refused("invalid_value", "--cli-bin is a command name or a path, without blanks and shell characters.");
  }
  if (!isOneLine(request.active_state)) return refused("invalid_value", "--active-state is one line.");
  const agent = agentOf(request, form);
  if (agent !== null && "kind" in agent) return agent;
  const trouble =
    scopeTrouble(request) ??
    ruleTrouble("--material-rule", request.material_rule) ??
    ruleTrouble("--permission-rule", request.permission_rule);
  if (trouble !== null) return trouble;
  const given = {
    agent_scopes: request.agent_scopes.map((scope) => scope.trim()),
    material_rule: request.material_rule?.trim() ?? null,
    permission_rule: request.permission_rule?.trim() ?? null,
    locale: request.locale_named === true ? request.locale : null,
  };
  const inputs: HeartbeatInputs = {
    goal_id: request.goal_id,
    form,
    active_state: request.active_state,
    active_state_source: request.active_state_source,
    agent,
    agent_scopes: agent === null ? [] : scopesOf(request, agent, given.agent_scopes),
    material_rule: given.material_rule ?? MATERIAL_RULE[request.locale](),
    permission_rule: given.permission_rule ?? PERMISSION_RULE[request.locale](),
    locale: request.locale,
    invocation: request.invocation,
    given,
  };
  return { kind: "inputs", inputs };
}

function formOf(request: HeartbeatRequest): Form | null {
  const wanted = (["compact", "brief", "thin"] as const).filter((form) => request[form]);
  return wanted.length > 1 ? null : (wanted[0] ?? "full");
}

/** The agent, null for none, or why this id may not be used (HBT-4). */
function agentOf(request: HeartbeatRequest, form: Form): HeartbeatAgent | Refused | null {
  const { registered_agents: registered, primary_agent: primary } = request.coordination;
  if (request.agent_id === null) {
    return registered.length === 0
      ? null
      : refused(
          "agent_id_required",
          `Goal ${request.goal_id} has registered agents; say which one the prompt is for.`,
          examples(request, form),
        );
  }
  const id = parseAgentId(request.agent_id);
  if (registered.length === 0) {
    if (id === null) return refused("invalid_value", "--agent-id is a lower-case name of at most 80 letters, digits and `_.:@-`.");
    return { agent_id: id, agent_role: "label", handoff_agent: null };
  }
  if (id === null || !registered.includes(id)) {
    return refused(
      "agent_not_registered",
      `That agent is not registered for goal ${request.goal_id}; it has ${registered.join(", ")}.`,
      examples(request, form),
    );
  }
  if (id === primary) return { agent_id: id, agent_role: "primary-agent", handoff_agent: null };
  const [handoff_agent = null] = reviewersOf({ registered, primary, handoff: request.coordination.side_agent_handoff_agent }, id);
  return { agent_id: id, agent_role: "side-agent", handoff_agent };
}

/** One command for the primary agent and one for a side agent, as far as the goal has them. */
function examples(request: HeartbeatRequest, form: Form): string {
  const { registered_agents: registered, primary_agent: primary } = request.coordination;
  const side = registered.find((agent) => agent !== primary);
  const flag = form === "full" ? [] : [`--${form}`];
  return [primary, side]
    .filter((agent) => typeof agent === "string")
    .map((agent) => loopxCommand(request.invocation, ["heartbeat-prompt", "--goal-id", request.goal_id, ...flag, "--agent-id", agent]))
    .join("\n");
}

function scopeTrouble(request: HeartbeatRequest): Refused | null {
  if (request.agent_scopes.length === 0) return null;
  if (request.agent_id === null) return refused("usage", "--agent-scope needs --agent-id.");
  for (const scope of request.agent_scopes) {
    if (scope.trim() === "" || !isOneLine(scope)) return refused("invalid_value", "--agent-scope is one line of text.");
    if (/[<>]/.test(scope)) return refused("invalid_value", "--agent-scope holds no angle brackets.");
    if (codePoints(scope.trim()) > SCOPE_LIMIT) return refused("invalid_value", `--agent-scope is at most ${SCOPE_LIMIT} characters long.`);
    if (!isSafe(scope, "record")) return unsafe("--agent-scope");
  }
  return null;
}

function ruleTrouble(flag: string, rule: string | null): Refused | null {
  if (rule === null) return null;
  if (rule.trim() === "" || !isOneLine(rule)) return refused("invalid_value", `${flag} is one line of text.`);
  if (codePoints(rule.trim()) > RULE_LIMIT) return refused("invalid_value", `${flag} is at most ${RULE_LIMIT} characters long.`);
  return isSafe(rule, "record") ? null : unsafe(flag);
}

/** Given scopes, else the profile's as one clean line, else the catalogue sentence (HBT-5). */
function scopesOf(request: HeartbeatRequest, agent: HeartbeatAgent, given: readonly string[]): readonly string[] {
  if (given.length > 0) return given;
  const profile = request.coordination.agent_profiles.find((one) => one.agent_id === agent.agent_id)?.scope ?? "";
  const line = redact(
    profile
      .replace(/[<>]/g, "")
      .replace(/[\p{Cc}\s]+/gu, " ")
      .trim(),
    "projection",
  );
  if (line === "") return [DEFAULT_SCOPE[request.locale]()];
  return [codePoints(line) <= SCOPE_LIMIT ? line : `${[...line].slice(0, SCOPE_LIMIT - 1).join("")}…`];
}

/** The length of a text as HBT-30 counts it: Unicode code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

function isOneLine(text: string): boolean {
  return !/[\p{Cc}\u2028\u2029]/u.test(text);
}

function unsafe(flag: string): Refused {
  return refused("unsafe_text", `${flag} holds a credential or a private path; prompts carry neither.`, "reword it without the named part");
}

function refused(code: ErrorCode, message: string, hint: string = HELP): Refused {
  return { kind: "refused", code, message, hint };
}
