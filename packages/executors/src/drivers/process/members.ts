/**
 * The processes of a run (AGT-24): its group, the descendants of its members, and every process of ours whose environment
 * carries the run's mark. Commands of an agent stand in sessions of their own, so the group alone is never all. Never by
 * command text, never by port (WTL-83).
 */
import { isSame, type LiveProcess, type ProcessTable, type RecordedProcess } from "./identity.ts";

/** A variable that only processes of one run have, such as `LOOPX_RUN_ID`. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

/** Everything of the run that lives. `known`: members seen before, which a dead parent no longer leads to. */
export function membersOf(
  record: RecordedProcess | null,
  mark: Mark,
  table: ProcessTable,
  known: readonly LiveProcess[] = [],
): readonly LiveProcess[] {
  const all = table.list();
  const spared = ancestorsOfUs(all);
  const leaderIsOurs = record !== null && record.boot_id === table.boot_id && all.some((each) => isSame(each, record));
  const remembered = new Map(known.map((each) => [each.pid, each]));
  const marked = `${mark.name}=${mark.value}`;
  const uid = record?.uid ?? process.geteuid?.() ?? 0;
  const isRoot = (each: LiveProcess): boolean => {
    const before = remembered.get(each.pid);
    if (before !== undefined && isSame(each, before)) return true;
    if (leaderIsOurs && each.pgid === record.pgid) return true;
    return each.uid === uid && !spared.has(each.pid) && table.environment(each.pid).includes(marked);
  };
  const found = new Map(all.filter(isRoot).map((each) => [each.pid, each]));
  // Children of members, and theirs: the list is short, and each round adds one generation.
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const each of all) if (found.has(each.ppid) && !found.has(each.pid)) found.set(each.pid, each);
  }
  return [...found.values()].filter((each) => each.pid > 1 && !spared.has(each.pid));
}

/** This process and everything above it, which is never signalled. */
function ancestorsOfUs(all: readonly LiveProcess[]): ReadonlySet<number> {
  const parents = new Map(all.map((each) => [each.pid, each.ppid]));
  const found = new Set<number>([0, 1]);
  for (let pid: number | undefined = process.pid; pid !== undefined && !found.has(pid); pid = parents.get(pid)) found.add(pid);
  return found;
}
