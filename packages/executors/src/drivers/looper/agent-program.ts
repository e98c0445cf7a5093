/** Which program a run starts: the request's own, the variable's, the local builds', PATH's (LPR-24). */
import { join, resolve } from "node:path";
import type { LooperConfig } from "../../looper/config.ts";
import type { FoundAgent } from "../../looper/prepare.ts";
import { findBinary, findProgram, versionOf } from "../agents/binary.ts";
import { PROCESS_CLIENTS } from "../agents/run.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Source = Extract<FoundAgent, { kind: "agent" }>["source"];

/** Where a codex that was built beside the service lies. */
const LOCAL_BUILDS = ["codex/codex", "codex/codex-rs/target/release/codex", "codex/codex-rs/target/debug/codex"];

/** Finds the program of each request; a version is asked once per start and program (AGT-7). */
export function agentFinder(config: LooperConfig, env: Environment): (asked: string | null) => Promise<FoundAgent> {
  const versions = new Map<string, string | null>();
  const versionAt = async (program: string): Promise<string | null> => {
    const version = versions.get(program) ?? (await versionOf(program, env));
    versions.set(program, version);
    return version;
  };
  return async (asked) => {
    const { agent } = config;
    const found = usualPrograms(config, env).find(([, path]) => path !== null);
    const named = asked === null ? null : findProgram(asked.includes("/") ? resolve(config.dir, asked) : asked, env);
    const allowed = [found?.[1], ...config.codex_binaries.map((each) => findProgram(each, env))];
    if (asked !== null && (named === null || !allowed.includes(named))) return { kind: "forbidden" };
    const program = named ?? found?.[1] ?? null;
    if (program === null) return { kind: "missing", name: agent === "command" ? (config.agent_command?.[0] ?? agent) : agent };
    const sandboxed = agent === "codex" || ["bwrap", "socat"].every((tool) => findProgram(tool, env) !== null);
    return {
      kind: "agent",
      client: PROCESS_CLIENTS[agent],
      source: named === null ? (found?.[0] ?? "path") : "request",
      settings: {
        program,
        extra_args: [],
        allow_no_git: true,
        confinement: agent === "command" || !sandboxed ? "none" : "client",
        relay: null,
        env_allow: [],
        argv: config.agent_command?.slice(1) ?? [],
        allowed_tools: null,
        client_version: agent === "command" ? null : await versionAt(program),
      },
    };
  };
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
