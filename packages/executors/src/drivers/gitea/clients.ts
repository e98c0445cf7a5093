/**
 * The agents' programs on this machine: where each lies, which version it is, and whether it confines what its agent runs
 * (AGT-7, AGT-43, AGT-52). A program is asked once in a while, not at each look; no model is asked.
 */
import type { ClientSettings } from "../agents/agent.ts";
import { findBinary, findProgram, versionOf } from "../agents/binary.ts";
import { confinementOf } from "../agents/confinement.ts";
import type { OpenclawSettings } from "../agents/openclaw-client.ts";
import type { GiteaConfig, Runner } from "../../gitea/config.ts";
import type { RunOrder } from "../../gitea/ground.ts";

const REVIEWER_TOOLS = ["Bash", "Read", "Glob", "Grep", "Write"];
/** Somebody may repair what is broken; what works stays so for a while. */
const FRESH_MS = { client: 600_000, none: 60_000 } as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** What a client needs on this machine, or what is missing. */
export type Client =
  | { readonly kind: "process"; readonly settings: ClientSettings & { readonly client_version: string | null } }
  | { readonly kind: "openclaw"; readonly settings: OpenclawSettings }
  | { readonly kind: "missing"; readonly why: string };

/** How a program stands on this machine. */
export interface Standing {
  readonly client_version: string | null;
  readonly confinement: "client" | "none";
}

export interface ClientsGround {
  readonly config: () => GiteaConfig;
  readonly env: Variables;
  readonly now_ms: () => number;
}

/** The program of a runner as the configuration and the variables name it, and its name for people. */
export function programOf(
  { command = [], openclaw_bin }: Pick<GiteaConfig, "command" | "openclaw_bin">,
  runner: Runner,
  env: Variables,
): { readonly name: string; readonly program: string | null } {
  const [first = ""] = command;
  if (runner === "command") return { name: first, program: findProgram(first, env) };
  if (runner === "openclaw") return { name: openclaw_bin, program: findProgram(openclaw_bin, env) ?? findBinary(runner, null, env) };
  return { name: runner, program: findBinary(runner, null, env) };
}

/** Asks the program itself; a command of the configuration has no version and no confinement. */
export async function standingOf(runner: Runner, program: string, env: Variables): Promise<Standing> {
  if (runner === "command" || runner === "openclaw") return { client_version: null, confinement: "none" };
  const [client_version, confinement] = await Promise.all([versionOf(program, env), confinementOf(runner, program, env)]);
  return { client_version, confinement };
}

/** Finds clients for one dispatcher, for as long as it lives. */
export function clientFinder({ config, env, now_ms }: ClientsGround): (runner: Runner, role: RunOrder["role"]) => Promise<Client> {
  const known = new Map<string, { readonly at_ms: number; readonly standing: Standing }>();
  const standing = async (runner: Runner, program: string): Promise<Standing> => {
    const key = `${runner} ${program}`;
    const before = known.get(key);
    if (before !== undefined && now_ms() - before.at_ms < FRESH_MS[before.standing.confinement]) return before.standing;
    const found = await standingOf(runner, program, env);
    known.set(key, { at_ms: now_ms(), standing: found });
    return found;
  };
  return async (runner, role) => {
    const { command = [], extra_args, env_allow } = config();
    const { name, program } = programOf(config(), runner, env);
    if (program === null) return { kind: "missing", why: `${name} is not on this machine` };
    if (runner === "openclaw") {
      const node = env["OPENCLAW_NODE"];
      const words: OpenclawSettings["program"] = node === undefined || node === "" ? [program] : [node, program];
      return { kind: "openclaw", settings: { program: words, client_version: null, env_allow } };
    }
    const found = await standing(runner, program);
    // Its sandbox was asked, and let a command write where it may not: it would refuse each run (AGT-43).
    if (runner === "codex" && found.confinement === "none") return { kind: "missing", why: "codex: sandbox_unavailable" };
    return {
      kind: "process",
      settings: {
        ...found,
        program,
        extra_args,
        allow_no_git: false,
        relay: null,
        env_allow,
        argv: runner === "command" ? command.slice(1) : [],
        allowed_tools: role === "reviewer" ? REVIEWER_TOOLS : null,
      },
    };
  };
}
