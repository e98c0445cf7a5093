/**
 * The record of one run of an agent: written before its process starts and completed right after, so that the next executor
 * finds every run (AGT-5, AGT-28). It holds no prompt and no secret.
 */
import { basename } from "node:path";
import type { DocumentKey, Documents } from "@loopx/core";
import { LoopxError, isJsonObject } from "@loopx/core/domain";
import * as z from "zod/mini";

const ProcessSchema = z.object({ pid: z.int(), pgid: z.int(), start_ticks: z.string(), boot_id: z.string(), uid: z.int() });
const LimitsSchema = z.object({ max_seconds: z.number(), silence_seconds: z.number(), max_output_bytes: z.number() });

export const AgentRecordSchema = z.looseObject({
  schema_version: z.literal("loopx_agent_run_v1"),
  run_id: z.string(),
  driver: z.enum(["codex", "claude", "openclaw", "command"]),
  goal_id: z.nullable(z.string()),
  workspace: z.string(),
  shown_command: z.string(),
  prompt_sha256: z.string(),
  prompt_bytes: z.int(),
  state: z.enum(["starting", "running", "ended"]),
  process: z.nullable(ProcessSchema),
  client_version: z.nullable(z.string()),
  confinement: z.enum(["client", "none"]),
  started_at: z.string(),
  ended_at: z.optional(z.string()),
  end: z.optional(z.string()),
  reason: z.optional(z.string()),
  exit_code: z.optional(z.nullable(z.int())),
  signal: z.optional(z.nullable(z.string())),
  usage: z.optional(z.unknown()),
  remote_id: z.optional(z.string()),
  result: z.enum(["required", "optional"]),
  log_path: z.optional(z.string()),
  limits: LimitsSchema,
});

/** A run as its record keeps it. */
export type AgentRecord = z.infer<typeof AgentRecordSchema>;

/** Whose runs, and in which folder of his: a run's record lies beside its other files. */
export interface RecordPlace {
  readonly documents: Documents;
  readonly executor: string;
  /** The folder's path; its last part names the records. */
  readonly runs_dir: string;
}

function recordKey({ executor, runs_dir }: RecordPlace, run_id: string): DocumentKey {
  return { kind: "executor_state", executor, name: `${basename(runs_dir)}/${run_id}/run.json` };
}

/** Writes the record; a record that cannot be written ends the run before it starts. */
export async function writeRecord(place: RecordPlace, record: AgentRecord): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const outcome = await place.documents.update(recordKey(place, record.run_id), () => ({ write: text, value: null }));
  if (outcome.kind !== "written")
    throw new LoopxError("write_failed", `the record of ${record.run_id} cannot be written (${outcome.kind})`);
}

/** The record; null when there is none that can be read. */
export async function readRecord(place: RecordPlace, run_id: string): Promise<AgentRecord | null> {
  const found = await place.documents.read(recordKey(place, run_id));
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    const parsed = isJsonObject(value) ? AgentRecordSchema.safeParse(value) : null;
    return parsed?.success === true ? parsed.data : null;
  } catch {
    return null;
  }
}
