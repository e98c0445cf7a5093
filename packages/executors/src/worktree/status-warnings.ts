/** What a person should know about a loop before it matters: damaged files, what git should ignore, a repair that cannot run. */
import { findBinary, findProgram } from "../drivers/agents/binary.ts";
import { below, exists } from "../drivers/loop-files.ts";
import { memoryIn } from "./memory.ts";
import { ignoreWarnings } from "./stages.ts";
import type { Site } from "./site.ts";

/** Empty when all is well. Nothing is written, and nothing is started but git. */
export async function warningsOf(site: Site, damaged: boolean): Promise<readonly string[]> {
  const memory = await site.host.documents.read({ kind: "executor_state", executor: site.executor, name: "watch.json" });
  return [
    ...(damaged ? ["cycle.json cannot be read; the next cycle keeps it aside and begins anew"] : []),
    ...(memory.kind === "absent" || (memory.kind === "found" && memoryIn(memory.text) !== null)
      ? []
      : ["watch.json cannot be read; what was done before is forgotten"]),
    ...(await ignoreWarnings(site)),
    ...repairWarnings(site),
    ...(exists(below(site.root.dir, "tmp/lark-loop.lock")) ? ["tmp/lark-loop.lock is left of an older script; nothing reads it"] : []),
  ];
}

/** A repair that is on: its program, what confines it (AGT-52), what it may change (WTL-63), and what no setting prevents (AGT-84). */
function repairWarnings({ config, env }: Site): readonly string[] {
  const { fix } = config.profile;
  if (!fix.enabled) return [];
  const [named = null] = fix.argv ?? [];
  const name = named ?? fix.driver;
  const lacking = fix.driver === "claude" ? ["bwrap", "socat"].filter((tool) => findProgram(tool, env) === null) : [];
  const isFree = fix.driver === "command" || lacking.length > 0;
  return [
    ...(findBinary(fix.driver, named, env) === null ? [`fix: ${name} is not on this machine`] : []),
    ...(fix.driver === "command" && named === null ? ["fix: the driver command needs argv"] : []),
    ...(fix.paths === undefined && config.goal_id === null ? ["fix: without fix.paths or a goal no path may be changed"] : []),
    ...(isFree
      ? [
          `fix: ${name} is not confined: it may read and write whatever this user may${lacking.length === 0 ? "" : `; install ${lacking.join(" and ")}`}`,
        ]
      : []),
  ];
}
