/**
 * What a doctor of any loop sees on this machine: git, the folder of records, the agents' programs with their versions and what
 * confines them, and keys that no agent will get (AGT-7, AGT-43, AGT-52, AGT-83, AGT-84). It starts `--version` and codex's
 * sandbox, and no model.
 */
import { lstatSync } from "node:fs";
import type { Check } from "../doctor/check.ts";
import type { ClientName } from "./agents/agent.ts";
import { findProgram, versionOf } from "./agents/binary.ts";
import { missingForClaude } from "./agents/confinement.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The versions that this release was tried with. */
const TESTED: Readonly<Partial<Record<ClientName, string>>> = { codex: "0.169.0", claude: "2.1.329", openclaw: "2026.9.6" };

/** No setting of ours prevents it (AGT-84). */
export const WHO_READS: Check = {
  check: "limit",
  level: "ok",
  detail: "an agent runs as this user and may read what this user may; a user or a container of its own is the real wall",
};

export async function gitCheck(env: Variables): Promise<Check> {
  const program = findProgram("git", env);
  const version = program === null ? null : await versionOf(program, env);
  return version === null
    ? { check: "git", level: "fault", detail: "it is not on this machine", fix: "install git 2.31 or newer" }
    : { check: "git", level: "ok", detail: version };
}

/** The folder in which a loop keeps its records: private, and a folder. */
export function stateCheck(state_dir: string): Check {
  const stat = lstatSync(state_dir, { throwIfNoEntry: false });
  if (stat === undefined) return { check: "state", level: "ok", detail: "it will be made" };
  if (!stat.isDirectory()) return { check: "state", level: "fault", detail: `${state_dir} is no directory`, fix: "move it away" };
  const isOpen = (stat.mode & 0o077) !== 0;
  return isOpen
    ? { check: "state", level: "fault", detail: "others may read the state directory", fix: `chmod 700 ${state_dir}` }
    : { check: "state", level: "ok", detail: "only its owner may read it" };
}

/** The program of a gate; null for one that lies in the repository and is looked for there. */
export function gateCheck(name: string, env: Variables): Check | null {
  if (name.includes("/") && !name.startsWith("/")) return null;
  return findProgram(name, env) === null
    ? { check: "gate", level: "fault", detail: `${name} is not on this machine`, fix: `install ${name}, or set another gate` }
    : { check: "gate", level: "ok", detail: name };
}

/** An agent whose program was found. */
export interface FoundAgent {
  readonly client: ClientName;
  readonly program: string;
  readonly standing: { readonly client_version: string | null; readonly confinement: "client" | "none" };
  readonly env: Variables;
}

export function missingAgent(name: string, fix: string): Check {
  return { check: "agent", level: "fault", detail: `${name} is not on this machine`, fix };
}

/** Which program it is, whether it is old, and whether it confines what its agent runs. */
export function agentChecks({ client, program, standing, env }: FoundAgent): readonly Check[] {
  const { client_version, confinement } = standing;
  const found: Check = {
    check: "agent",
    level: "ok",
    detail: `${client}: ${program}${client_version === null ? "" : ` (${client_version})`}`,
  };
  return [found, ...ageChecks(client, client_version), ...(confinement === "client" ? [] : [unconfined(client, env)])];
}

function ageChecks(client: ClientName, version: string | null): readonly Check[] {
  const tested = TESTED[client];
  if (tested === undefined || version === null || !isOlder(version, tested)) return [];
  const detail = `${client} ${numbersIn(version)?.join(".") ?? version} is older than ${tested}, the version that was tried`;
  return [{ check: "version", level: "warning", detail, fix: `install ${client} ${tested} or newer` }];
}

function unconfined(client: ClientName, env: Variables): Check {
  if (client === "codex")
    return {
      check: "confinement",
      level: "fault",
      detail: "sandbox_unavailable: codex let a command write where it may not, and no run of it is started",
      fix: "let this user make user namespaces, or install bubblewrap",
    };
  const lacking = client === "claude" ? missingForClaude(env) : [];
  const detail = `${client} is not confined: it may read and write whatever this user may`;
  return { check: "confinement", level: "warning", detail, ...(lacking.length === 0 ? {} : { fix: `install ${lacking.join(" and ")}` }) };
}

/** Keys of models in the environment go to no agent; two ways do it right (AGT-83). */
export function keyChecks(env: Variables): readonly Check[] {
  return ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"]
    .filter((name) => (env[name] ?? "") !== "")
    .map((name) => ({
      check: "key",
      level: "warning" as const,
      detail: `${name} is given to no agent`,
      fix: "log in with the client itself, or set fix.credentials: relay and LOOPX_MODEL_KEY_FILE",
    }));
}

/** Compared by their numbers; a version without any is not judged. */
function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [numbersIn(version), numbersIn(than)];
  if (ours === null || theirs === null) return false;
  const at = theirs.findIndex((number, index) => (ours[index] ?? 0) !== number);
  return at !== -1 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}

function numbersIn(version: string): readonly number[] | null {
  return /\d+(?:\.\d+)+/.exec(version)?.[0].split(".").map(Number) ?? null;
}
