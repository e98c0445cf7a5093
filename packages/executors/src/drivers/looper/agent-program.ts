/** Which program a run starts: the request's own, the variable's, the local builds', PATH's (LPR-24). */
import { join, resolve } from "node:path";
import type { LooperConfig } from "../../looper/config.ts";
import type { FoundAgent } from "../../looper/prepare.ts";
import type { ClientSettings } from "../agents/agent.ts";
import { findBinary, findProgram, versionOf } from "../agents/binary.ts";
import { confinementOf } from "../agents/confinement.ts";
import { PROCESS_CLIENTS } from "../agents/run.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Source = Extract<FoundAgent, { kind: "agent" }>["source"];

/** Where a codex that was built beside the service lies. */
const LOCAL_BUILDS = ["codex/codex", "codex/codex-rs/target/release/codex", "codex/codex-rs/target/debug/codex"];

/** Finds the program of each request; its version and its sandbox are looked at once per start and program (AGT-7, AGT-43). */
export function agentFinder(config: LooperConfig, env: Environment): (asked: string | null) => Promise<FoundAgent> {
  const looked = new Map<string, Promise<Looked>>();
  const lookAt = (program: string): Promise<Looked> => {
    const found = looked.get(program) ?? look(config, env, program);
    looked.set(program, found);
    return found;
  };
  return async (asked) => {
    const { agent } = config;
    const found = usualPrograms(config, env).find(([, path]) => path !== null);
    const named = asked === null ? null : findProgram(asked.includes("/") ? resolve(config.dir, asked) : asked, env);
    const allowed = [found?.[1], ...config.codex_binaries.map((each) => findProgram(each, env))];
    if (asked !== null && (named === null || !allowed.includes(named))) return { kind: "forbidden" };
    const program = named ?? found?.[1] ?? null;
    if (program === null) return { kind: "missing", name: agent === "command" ? (config.agent_command?.[0] ?? agent) : agent };
    const { client_version, confinement } = await lookAt(program);
    if (agent === "codex" && confinement === "none") return { kind: "unconfined", name: agent };
    return {
      kind: "agent",
      client: PROCESS_CLIENTS[agent],
      source: named === null ? (found?.[0] ?? "path") : "request",
      settings: {
        program,
        extra_args: [],
        allow_no_git: true,
        confinement,
        relay: null,
        env_allow: [],
        argv: config.agent_command?.slice(1) ?? [],
        allowed_tools: null,
        client_version,
      },
    };
  };
}

type Looked = Pick<ClientSettings, "confinement"> & { readonly client_version: string | null };

async function look({ agent }: LooperConfig, env: Environment, program: string): Promise<Looked> {
  if (agent === "command") return { client_version: null, confinement: "none" };
  return { client_version: await versionOf(program, env), confinement: await confinementOf(agent, program, env) };
}

/** In the order of the contract; a request may only name what stands here, or what the operator has listed. */
function usualPrograms(config: LooperConfig, env: Environment): readonly (readonly [Source, string | null])[] {
  const { agent, codex_binary, agent_command, dir } = config;
  if (agent === "command") return [["path", findProgram(agent_command?.[0] ?? agent, env)]];
  if (agent === "claude") return [["path", findBinary(agent, null, env)]];
  return [
    ["env", codex_binary === null ? null : findProgram(codex_binary, env)],
    ...LOCAL_BUILDS.map((path) => ["local", findProgram(join(dir, path), env)] as const),
    ["path", findProgram("codex", env)],
  ];
}
