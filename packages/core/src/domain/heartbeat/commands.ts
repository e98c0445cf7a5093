/** The commands a heartbeat prompt names (HBT-11 to HBT-13, HBT-42): each runs as pasted in `sh`. */
import { loopxCommand, shellLine } from "../command-line.ts";
import type { Placeholder } from "../command-line.ts";
import { COMMAND_LABELS } from "../locale/heartbeat.ts";
import type { Locale } from "../locale/locale.ts";
import type { Form, HeartbeatInputs } from "./inputs.ts";

type Words = readonly (string | Placeholder)[];

export interface HeartbeatCommands {
  readonly guard: string;
  readonly spend: string;
  readonly refresh: string;
  readonly progress: string;
  readonly poll: string;
  readonly todo: string;
  /** Null without an agent id. */
  readonly claim: string | null;
  readonly status: string;
}

const DEFAULT_CLI_BIN = "loopx";
const TODO_ID: Placeholder = { placeholder: "<TODO>" };

/** Every command of HBT-13 but the sibling prompts. */
export function heartbeatCommands(inputs: HeartbeatInputs): HeartbeatCommands {
  const goal = ["--goal-id", inputs.goal_id];
  const agent = agentWords(inputs);
  const line = (words: Words) => loopxCommand(inputs.invocation, words);
  return {
    guard: line(["quota", "should-run", ...goal, ...agent, "--format", "json"]),
    spend: line(["quota", "spend-slot", ...goal, "--slots", "1", "--source", "heartbeat", ...agent, "--execute"]),
    refresh: line(["refresh-state", ...goal, ...agent]),
    progress: line(["refresh-state", ...goal, ...agent, ...evidenceWords()]),
    poll: line(["quota", "monitor-poll", ...goal, "--todo-id", TODO_ID, ...agent, "--execute"]),
    todo: line(["todo", "add", ...goal, "--role", { placeholder: "<USER_OR_AGENT>" }, "--text", { placeholder: "<TEXT>" }]),
    claim: inputs.agent === null ? null : line(["todo", "claim", ...goal, "--todo-id", TODO_ID, "--claimed-by", inputs.agent.agent_id]),
    status: line(["status", ...goal]),
  };
}

/** The command that prints this prompt in another form, with everything the caller gave (HBT-13). */
export function siblingCommand(inputs: HeartbeatInputs, form: Form): string {
  const { agent_scopes: scopes, material_rule: material, permission_rule: permission } = inputs.given;
  return loopxCommand(inputs.invocation, [
    ...promptWords(inputs, form),
    ...scopes.flatMap((scope) => ["--agent-scope", scope]),
    ...(material === null ? [] : ["--material-rule", material]),
    ...(permission === null ? [] : ["--permission-rule", permission]),
  ]);
}

/** The same without scopes and rules, for a body that has already said them. */
export function shortSiblingCommand(inputs: HeartbeatInputs, form: Form): string {
  return loopxCommand(inputs.invocation, promptWords(inputs, form));
}

/** One line for hosts with a shell: the verdict first, the agent only when it says run, the prompt by stdin (HBT-42). */
export function zeroTokenCommand(inputs: HeartbeatInputs): string {
  return `${shouldRun(inputs)} && ${promptByStdin(inputs)}`;
}

/** The same, and the status for a person when the exit code asks for one (HBT-43). */
export function tellPersonCommand(inputs: HeartbeatInputs): string {
  return `${shouldRun(inputs)}; case $? in 0) ${promptByStdin(inputs)};; 11|13) ${heartbeatCommands(inputs).status};; esac`;
}

/** A fenced `sh` block; each command under a comment that names it, in the given order. */
export function labelledBlock(locale: Locale, commands: readonly (readonly [keyof typeof COMMAND_LABELS, string | null])[]): string {
  const lines = commands.flatMap(([label, command]) => (command === null ? [] : [`# ${COMMAND_LABELS[label][locale]()}`, command]));
  return shBlock(lines);
}

export function shBlock(lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

function shouldRun(inputs: HeartbeatInputs): string {
  return loopxCommand(inputs.invocation, ["should-run", "--goal-id", inputs.goal_id, ...agentWords(inputs)]);
}

function promptByStdin(inputs: HeartbeatInputs): string {
  return `${siblingCommand(inputs, "thin")} --quiet | ${shellLine(["codex", "exec", "-"])}`;
}

function agentWords(inputs: HeartbeatInputs): readonly string[] {
  return inputs.agent === null ? [] : ["--agent-id", inputs.agent.agent_id];
}

function promptWords(inputs: HeartbeatInputs, form: Form): readonly string[] {
  return [
    "heartbeat-prompt",
    "--goal-id",
    inputs.goal_id,
    ...(form === "full" ? [] : [`--${form}`]),
    ...agentWords(inputs),
    ...(inputs.active_state_source === "override" ? ["--active-state", inputs.active_state] : []),
    ...(inputs.invocation.cli_bin === DEFAULT_CLI_BIN ? [] : ["--cli-bin", inputs.invocation.cli_bin]),
    ...(inputs.given.locale === null ? [] : ["--locale", inputs.given.locale]),
  ];
}

function evidenceWords(): Words {
  return [
    "--classification",
    { placeholder: "<PROGRESS>" },
    "--delivery-batch-scale",
    { placeholder: "<SCALE>" },
    "--delivery-outcome",
    { placeholder: "<OUTCOME>" },
    "--artifact",
    { placeholder: "<PATH>" },
    "--validation",
    { placeholder: "<CHECK AND RESULT>" },
  ];
}
