/**
 * One line of a goal's run index as LoopX writes it, and the names of its artifacts (FIL-60 to FIL-63).
 * It builds and names; `store/runs.ts` writes. The schema stands apart in `record-schema.ts`, so that readers stay light.
 */
import type { Digest } from "../digest.ts";
import type { GoalEntry } from "../goal/entry.ts";
import { textAt, type JsonObject } from "../json.ts";

/** What an artifact may be called; anything else is no name of ours and no path is made of it. */
const FILE_NAME = /^[A-Za-z0-9._-]{1,255}$/;

export const RUN_SCHEMA_VERSION = "loopx_run_v1";

/** What an artifact's name adds to its instant, by kind of record (FIL-62). */
export const KIND_SUFFIXES = {
  run: "",
  operator_gate: "-operator-gate",
  quota_slot_spent: "-quota-slot-spent",
  quota_slot_voided: "-quota-slot-voided",
  quota_monitor_poll: "-quota-monitor-poll",
} as const;
export type RunKind = keyof typeof KIND_SUFFIXES;

/** What every record says (FIL-61), whatever its kind. */
export interface RunHead {
  readonly generated_at: string;
  readonly goal_id: string;
  readonly classification: string;
  readonly recommended_action: string;
  readonly health_check: string;
  readonly json_path: string;
  readonly markdown_path: string;
}

/** A complete index record; its keys stand in the order of FIL-61. A kind field never replaces one of those. */
export function buildRunRecord(head: RunHead, fields: JsonObject, identity: { run_id: string; artifact_stem: string }): JsonObject {
  const own: JsonObject = {
    generated_at: head.generated_at,
    goal_id: head.goal_id,
    classification: head.classification,
    recommended_action: head.recommended_action,
    health_check: head.health_check,
    json_path: head.json_path,
    markdown_path: head.markdown_path,
  };
  const last: JsonObject = { schema_version: RUN_SCHEMA_VERSION, run_id: identity.run_id, artifact_stem: identity.artifact_stem };
  const extra = Object.entries(fields).filter(([key, value]) => value !== undefined && !(key in own) && !(key in last));
  return { ...own, ...Object.fromEntries(extra), ...last };
}

/** The artifact stem for that attempt; the first has no number, then `-2`, `-3` and so on (FIL-62). */
export function artifactStem(generated_at: string, kind: RunKind, attempt: number): string {
  const instant = generated_at.replace(/[^A-Za-z0-9-]+/g, "-");
  return instant + KIND_SUFFIXES[kind] + (attempt === 1 ? "" : `-${attempt}`);
}

/** The id of a line that carries none: derived from what identified runs before ids existed (FIL-61). */
export function derivedRunId(
  digest: Digest,
  identity: { generated_at: string; json_path: string | null; markdown_path: string | null },
): string {
  const text = `${identity.generated_at}|${identity.json_path ?? ""}|${identity.markdown_path ?? ""}`;
  return `run_${digest("sha256", text).slice(0, 26)}`;
}

/**
 * Where a record's artifact path leads, seen from its goal's `runs/`. `outside`: the path belongs elsewhere and is never opened;
 * `name` is then the file of that name here, which may stand for it, or null when the path ends in no file name.
 */
export type ArtifactPlace = { readonly kind: "inside"; readonly name: string } | { readonly kind: "outside"; readonly name: string | null };

/**
 * The artifact's place (FIL-63). A path below `<goal-id>/runs/` of any runtime root is inside and counts by its last segment,
 * so that a moved runtime root keeps working. Nothing here looks whether the file exists.
 */
export function artifactName(path: string, runsDirectory: string): ArtifactPlace {
  const segments = path.split("/");
  const last = segments.pop() ?? "";
  const name = FILE_NAME.test(last) && last !== "." && last !== ".." ? last : null;
  if (name === null || segments[0] !== "") return { kind: "outside", name };
  const own = runsDirectory.split("/").filter((segment) => segment !== "");
  const belongs = own.length >= 2 && segments.at(-1) === own.at(-1) && segments.at(-2) === own.at(-2);
  return { kind: belongs ? "inside" : "outside", name };
}

/** The Markdown beside a record: its head as a list, then the given sections. */
export function runMarkdown(record: JsonObject, sections: readonly { title: string; lines: readonly string[] }[] = []): string {
  const keys = [
    "generated_at",
    "goal_id",
    "run_id",
    "recommended_action",
    "health_check",
    "agent_id",
    "delivery_batch_scale",
    "delivery_outcome",
  ];
  const facts = keys.flatMap((key) => (typeof record[key] === "string" && record[key] !== "" ? [`- ${key}: ${record[key]}`] : []));
  const parts = [`# ${textAt(record, "classification")}`, "", ...facts];
  for (const section of sections) parts.push("", `## ${section.title}`, "", ...section.lines);
  return parts.join("\n") + "\n";
}

/** What a private artifact says of the goal's entry. */
export function registryGoal({ domain, status, adapter, authority_source_count }: GoalEntry): JsonObject {
  return { present: true, domain, status, adapter, authority_source_count };
}
