/** What a person should know about a loop before it matters: damaged files, what git should ignore, a repair that cannot run. */
import { findBinary } from "../drivers/agents/binary.ts";
import { missingForClaude } from "../drivers/agents/confinement.ts";
import { below, exists } from "../drivers/loop-files.ts";
import { memoryIn } from "./memory.ts";
import { ignoreWarnings } from "./stages.ts";
import type { Site } from "./site.ts";

/** Empty when all is well. Nothing is written, and nothing is started but git. */
export async function warningsOf(site: Site, damaged: boolean): Promise<readonly string[]> {
  return [...(await placeWarnings(site, damaged)), ...boundsWarnings(site), ...agentWarnings(site)];
}

/** What lies in the loop's folders, and what git should ignore. */
export async function placeWarnings(site: Site, damaged: boolean): Promise<readonly string[]> {
  const memory = await site.host.documents.read({ kind: "executor_state", executor: site.executor, name: "watch.json" });
  return [
    ...(damaged ? ["cycle.json cannot be read; the next cycle keeps it aside and begins anew"] : []),
    ...(memory.kind === "absent" || (memory.kind === "found" && memoryIn(memory.text) !== null)
      ? []
      : ["watch.json cannot be read; the next cycle keeps it aside, and what was done before is forgotten"]),
    ...(await ignoreWarnings(site)),
    ...(exists(below(site.root.dir, "tmp/lark-loop.lock")) ? ["tmp/lark-loop.lock is left of an older script; nothing reads it"] : []),
  ];
}

/** A repair that is on and cannot do anything (WTL-63). */
export function boundsWarnings({ config }: Site): readonly string[] {
  const { fix } = config.profile;
  if (!fix.enabled) return [];
  return [
    ...(fix.driver === "command" && fix.argv === undefined ? ["fix: the driver command needs argv"] : []),
    ...(fix.paths === undefined && config.goal_id === null ? ["fix: without fix.paths or a goal no path may be changed"] : []),
  ];
}

/** The program of a repair that is on, and what confines it (AGT-52); `doctor` asks the program itself. */
function agentWarnings({ config, env }: Site): readonly string[] {
  const { fix } = config.profile;
  const [named = null] = fix.argv ?? [];
  const name = named ?? fix.driver;
  if (!fix.enabled || (fix.driver === "command" && named === null)) return [];
  const lacking = fix.driver === "claude" ? missingForClaude(env) : [];
  const isFree = fix.driver === "command" || lacking.length > 0;
  const install = lacking.length === 0 ? "" : `; install ${lacking.join(" and ")}`;
  return [
    ...(findBinary(fix.driver, named, env) === null ? [`fix: ${name} is not on this machine`] : []),
    ...(isFree ? [`fix: ${name} is not confined: it may read and write whatever this user may${install}`] : []),
  ];
}
