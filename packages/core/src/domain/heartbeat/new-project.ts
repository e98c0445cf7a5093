/**
 * The hand-off prompt by which another agent connects a project (CMD-38, HBT-50 to HBT-52).
 * Pure: whether the goal document exists is told by the caller. The same inputs give the same bytes.
 */
import { loopxCommand } from "../command-line.ts";
import type { Invocation } from "../command-line.ts";
import { isReadOnlyMapKind } from "../goal/entry.ts";
import type { Locale } from "../locale/locale.ts";
import {
  NEW_PROJECT_CHECK,
  NEW_PROJECT_CONNECT,
  NEW_PROJECT_EXTRACT,
  NEW_PROJECT_HEARTBEAT,
  NEW_PROJECT_MAP,
  NEW_PROJECT_MISSING,
  NEW_PROJECT_NO_DOCUMENT,
  NEW_PROJECT_OPENING,
  NEW_PROJECT_PREFLIGHT,
  NEW_PROJECT_READ,
  NEW_PROJECT_REPORT,
} from "../locale/new-project.ts";
import type { NewProjectPayload } from "../payload/new-project-prompt.ts";
import { code } from "./agent-block.ts";
import { shBlock } from "./commands.ts";
import { paragraphs } from "./goal-line.ts";
import { codePoints } from "./inputs.ts";
import type { Refused } from "./inputs.ts";
import { preflightLines } from "./preflight.ts";

/** Characters of the prompt; paths, goal id and binary count 16 each place, as in heartbeat bodies. */
export const NEW_PROJECT_BUDGET = 6_000;
const PLACEHOLDER = "x".repeat(16);

/** What a hand-off prompt is made from. */
export interface NewProjectInputs {
  /** Absolute. */
  readonly project: string;
  /** Absolute, or null when none was named. */
  readonly goal_doc: string | null;
  readonly goal_doc_exists: boolean;
  readonly goal_id: string;
  /** Only what was given; null and empty leave connect's defaults. */
  readonly objective: string | null;
  readonly domain: string | null;
  readonly adapter_kind: string | null;
  readonly adapter_status: string | null;
  readonly next_probe: string | null;
  readonly spawn_allowed: boolean;
  readonly allowed_domains: readonly string[];
  readonly write_scopes: readonly string[];
  readonly locale: Locale;
  /** Registry and runtime root are null where the project's own are meant (HBT-51). */
  readonly invocation: Invocation;
}

/** The prompt with its commands, or `too_large`. */
export function newProjectPrompt(inputs: NewProjectInputs): { readonly kind: "prompt"; readonly payload: NewProjectPayload } | Refused {
  const counted = codePoints(promptText(withPlaceholders(inputs)));
  if (counted > NEW_PROJECT_BUDGET) {
    return {
      kind: "refused",
      code: "too_large",
      message: `The hand-off prompt has ${counted} characters; its limit is ${NEW_PROJECT_BUDGET}.`,
      hint: "shorten the objective, or give fewer scopes and domains",
    };
  }
  const { project, goal_doc, goal_doc_exists, goal_id } = inputs;
  const commands = { connect_command: connectCommand(inputs), verification_commands: verificationCommands(inputs) };
  return { kind: "prompt", payload: { project, goal_doc, goal_doc_exists, goal_id, ...commands, prompt: promptText(inputs) } };
}

function promptText(inputs: NewProjectInputs): string {
  const { locale } = inputs;
  return paragraphs([
    NEW_PROJECT_OPENING[locale](code(inputs.project), code(inputs.goal_id)),
    NEW_PROJECT_PREFLIGHT[locale](shBlock(preflightLines(inputs.invocation.cli_bin))),
    documentText(inputs),
    NEW_PROJECT_EXTRACT[locale](),
    NEW_PROJECT_CONNECT[locale](shBlock([connectCommand(inputs)])),
    NEW_PROJECT_CHECK[locale](shBlock(verificationCommands(inputs))),
    mapText(inputs),
    NEW_PROJECT_HEARTBEAT[locale](shBlock([inProject(inputs, ["heartbeat-prompt", "--goal-id", inputs.goal_id, "--thin"])])),
    NEW_PROJECT_REPORT[locale](),
  ]);
}

function documentText(inputs: NewProjectInputs): string {
  if (inputs.goal_doc === null) return NEW_PROJECT_NO_DOCUMENT[inputs.locale]();
  return (inputs.goal_doc_exists ? NEW_PROJECT_READ : NEW_PROJECT_MISSING)[inputs.locale](code(inputs.goal_doc));
}

function mapText(inputs: NewProjectInputs): string | null {
  if (inputs.adapter_kind === null || !isReadOnlyMapKind(inputs.adapter_kind)) return null;
  const map = ["read-only-map", "--goal-id", inputs.goal_id];
  return NEW_PROJECT_MAP[inputs.locale](shBlock([inProject(inputs, [...map, "--dry-run"])]), shBlock([inProject(inputs, map)]));
}

function connectCommand(inputs: NewProjectInputs): string {
  return loopxCommand(inputs.invocation, [
    "connect",
    "--project",
    inputs.project,
    ...option("--goal-doc", inputs.goal_doc),
    "--goal-id",
    inputs.goal_id,
    ...option("--objective", inputs.objective),
    ...option("--domain", inputs.domain),
    ...option("--adapter-kind", inputs.adapter_kind),
    ...option("--adapter-status", inputs.adapter_status),
    ...option("--next-probe", inputs.next_probe),
    ...(inputs.spawn_allowed ? ["--spawn-allowed"] : []),
    ...inputs.allowed_domains.flatMap((domain) => ["--allowed-domain", domain]),
    ...inputs.write_scopes.flatMap((scope) => ["--write-scope", scope]),
  ]);
}

function verificationCommands(inputs: NewProjectInputs): readonly string[] {
  return [
    inProject(inputs, ["registry"]),
    inProject(inputs, ["check", "--scan-root", inputs.project]),
    inProject(inputs, ["status"]),
    inProject(inputs, ["quota", "should-run", "--goal-id", inputs.goal_id]),
  ];
}

/** Acts as if started in the project, so that its own registry is found from anywhere. */
function inProject(inputs: NewProjectInputs, words: readonly string[]): string {
  return loopxCommand(inputs.invocation, ["--cwd", inputs.project, ...words]);
}

function option(flag: string, value: string | null): readonly string[] {
  return value === null ? [] : [flag, value];
}

function withPlaceholders(inputs: NewProjectInputs): NewProjectInputs {
  const shortened = (path: string | null) => (path === null ? null : PLACEHOLDER);
  return {
    ...inputs,
    project: PLACEHOLDER,
    goal_doc: shortened(inputs.goal_doc),
    goal_id: PLACEHOLDER,
    invocation: {
      cli_bin: PLACEHOLDER,
      registry: shortened(inputs.invocation.registry),
      runtime_root: shortened(inputs.invocation.runtime_root),
    },
  };
}
