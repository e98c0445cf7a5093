/** The commands that repair an unwell goal (DEC-40 to DEC-42): one per kind of fault. */
import { afterSetAside, editorCommand } from "../command-line.ts";
import * as after from "./aftermath.ts";
import type { DecisionOf, FindingFact } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { HISTORY_GATE } from "../run/neutral.ts";
import { goalCommand } from "./printed-commands.ts";
import { approved, recorderWords } from "./remedy-wording.ts";
import type { Remedy, Wording } from "./remedy-wording.ts";

/** Opens the person's editor at the fault. */
export function editorAt(fault: FindingFact, fallback: string): string {
  return editorCommand(fault.file ?? fallback, fault.line);
}

/** A fresh record replaces a lost artifact; a safety stop is a person's to lift, and so is what only a lane could record. */
export function healthRemedy({ cause }: DecisionOf<"health_blocked">, wording: Wording): Remedy {
  const recorder = recorderWords(wording.facts);
  if (cause === "safety" || recorder === null) return approved("safety", wording, "controller");
  return {
    actor: "controller",
    command: wording.command(["refresh-state"], recorder),
    after: after.withRun(wording.facts, wording.now, "state_refreshed"),
  };
}

/** The content itself is at fault. No command writes over it (REL-42), so it is moved aside before a fresh one is made. */
const UNUSABLE_FILE: ReadonlySet<string> = new Set(["state_file_unreadable", "too_large", "not_a_regular_file"]);
/** The entry is at fault: it is rewritten with the default places. */
const UNUSABLE_ENTRY: ReadonlySet<string> = new Set(["goal_field_missing", "path_outside_root"]);

/** One repair per kind of fault (DEC-41, DEC-42). */
export function contractRemedy(fault: FindingFact, wording: Wording): Remedy {
  const { facts } = wording;
  if (fault.code === "state_file_missing") return reconnected(fault, [], wording);
  if (UNUSABLE_FILE.has(fault.code) || isLinkOutside(fault, facts)) return setAside(fault, wording);
  if (UNUSABLE_ENTRY.has(fault.code)) return reconnected(fault, ["--force"], wording);
  if (fault.code === "history_line_bad") {
    return { actor: "user", command: approved(HISTORY_GATE, wording).command, after: after.withBadLinesAccepted(facts) };
  }
  if (fault.code === "waiting_on_unknown") {
    return {
      actor: "user",
      command: wording.command(["configure-goal"], ["--clear-waiting-on", "--execute"]),
      after: after.withAttentionCleared(after.withoutFault(facts, fault)),
    };
  }
  if (fault.code === "history_unreadable") {
    return {
      actor: "user",
      command: wording.command(["archive-runtime"], ["--allow-registered", "--execute"]),
      after: after.withoutHistory(after.withoutFault(facts, fault)),
    };
  }
  const other = fault.code === "state_file_shared" ? fault.goal_ids?.find((id) => id !== facts.goal_id) : undefined;
  if (other !== undefined)
    return {
      actor: "user",
      command: goalCommand({ ...facts, goal_id: other }, ["disconnect"], ["--execute"]),
      after: after.withoutFault(facts, fault),
    };
  return { actor: "user", command: wording.command(["disconnect"], ["--execute"]), after: { ...facts, goal: null, registered: false } };
}

/** The entry says what it would say again, so only a link can lead out of the repository. */
function isLinkOutside(fault: FindingFact, { goal, goal_id }: Facts): boolean {
  return fault.code === "path_outside_root" && goal?.state_file === `.codex/goals/${goal_id}/ACTIVE_GOAL_STATE.md`;
}

function setAside(fault: FindingFact, wording: Wording): Remedy {
  const remedy = reconnected(fault, [], wording);
  return fault.file === undefined ? remedy : { ...remedy, command: afterSetAside(fault.file, remedy.command) };
}

/** Without a readable entry nobody knows yet what the repaired goal will say. */
function reconnected(fault: FindingFact, force: readonly string[], { facts, now }: Wording): Remedy {
  const command = goalCommand(facts, ["connect", "--project", facts.goal?.repo ?? "."], force);
  return facts.goal === null
    ? { actor: "user", command, after: null, expects: "eligible" }
    : { actor: "user", command, after: after.withState(after.withoutFault(facts, fault), now) };
}
