/** What all command lines of agents share: their environment, how they are shown, and words that no configuration may add. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { LoopxError, shellQuote } from "@loopx/core/domain";
import { childEnvironment } from "../process/environment.ts";
import type { AgentRequest, Plan, PlanContext, Planned } from "./agent.ts";
import { resultFile } from "./result-file.ts";

/** Switches by which a client would drop its own confinement, or leave its workspace (AGT-9). */
const DENIED = [
  "--dangerously-bypass-approvals-and-sandbox",
  "--dangerously-bypass-hook-trust",
  "--dangerously-skip-permissions",
  "--allow-dangerously-skip-permissions",
  "--trust",
  "--cd",
  "-C",
  "--yolo",
  // Claude's sandbox is one of its settings, and the last file of them wins.
  "--settings",
];
/** Codex's keys of confinement, however they are quoted, a profile's too. */
const CONFINING = /^(?:[^=]*\.)?\s*["']?(?:sandbox_\w+|approval_policy)["']?\s*[.=]/;
/** Switches that are denied with these values only. */
const DENIED_VALUES: Readonly<Record<string, RegExp>> = {
  "--permission-mode": /^bypassPermissions$/i,
  "--sandbox": /^danger-full-access$/i,
  "-s": /^danger-full-access$/i,
  "-c": CONFINING,
  "--config": CONFINING,
};

/** The arguments as they are; one that turns confinement off throws `config_invalid` and is named. */
export function checkedExtraArgs(args: readonly string[]): readonly string[] {
  for (const [at, word] of args.entries()) {
    const equals = word.indexOf("=");
    const name = word.startsWith("--") && equals > 0 ? word.slice(0, equals) : word;
    const value = word.startsWith("--") && equals > 0 ? word.slice(equals + 1) : (args[at + 1] ?? "");
    // A short flag may carry its value behind it: -cX=Y, -C/dir.
    const short = /^-[cCs]/.test(word) && !word.startsWith("--") && word.length > 2 ? word.slice(0, 2) : null;
    const denied = DENIED.includes(name) || short === "-C" || DENIED_VALUES[name]?.test(value) === true;
    if (denied || (short !== null && DENIED_VALUES[short]?.test(word.slice(2).replace(/^=/, "")) === true))
      throw new LoopxError(
        "config_invalid",
        `extra_args may not hold ${short ?? name}: it would take the agent's confinement or workspace away`,
        {
          details: { flag: short ?? name },
        },
      );
  }
  return args;
}

/** The variables every agent gets (AGT-6). */
export function runVariables(request: AgentRequest): Record<string, string> {
  return {
    LOOPX_RUN_ID: request.run_id,
    LOOPX_RESULT_FILE: resultFile(request.run_dir),
    ...(request.goal_id === null ? {} : { LOOPX_GOAL_ID: request.goal_id }),
  };
}

/** What a client's planning comes to. */
export interface Words {
  readonly argv: readonly string[];
  /** Names that this client reads from the executor's environment. */
  readonly names?: readonly string[];
  readonly values?: Readonly<Record<string, string>>;
}

/** The plan of these words, or the variable that forbids it. */
export function planOf(request: AgentRequest, { settings, env, secrets }: PlanContext, words: Words): Planned {
  const built = childEnvironment(
    env,
    { names: [...(words.names ?? []), ...settings.env_allow], values: { ...runVariables(request), ...words.values } },
    secrets,
  );
  // It stands where a flag could stand (AGT-8).
  if (request.model?.startsWith("-") === true) return { kind: "refused", reason: "a model's name does not begin with -" };
  if (built.kind === "refused")
    return { kind: "refused", reason: `variable ${built.name} is ${built.why === "secret" ? "a secret" : "reserved"}` };
  if (words.argv.some((word) => secrets.isIn(word))) return { kind: "refused", reason: "an argument holds a secret" };
  const plan: Plan = {
    program: settings.program,
    argv: words.argv,
    env: built.env,
    cwd: request.workspace,
    stdin: "prompt",
    shown_command: shown(request.prompt, [basename(settings.program), ...words.argv], secrets.redact, settings.relay?.token ?? null),
  };
  return { kind: "plan", plan };
}

function shown(prompt: string, words: readonly string[], redact: (text: string) => string, token: string | null): string {
  const without = (word: string): string => (token === null ? redact(word) : redact(word).replaceAll(token, "<redacted>"));
  // Quoting comes last: it would hide a value that holds a quote.
  const line = words.map((word) => shellQuote(without(word))).join(" ");
  return `${line} < <prompt sha256=${promptDigest(prompt)} bytes=${Buffer.byteLength(prompt)}>`;
}

/** The prompt's sha256 in hex. */
export function promptDigest(prompt: string): string {
  return createHash("sha256").update(prompt).digest("hex");
}
