/**
 * What a profile remembers between cycles, in `watch.json`: which commits are done with, which one was validated, how often
 * agents ran, and a tested candidate that waits for something (WTL-11, WTL-35, WTL-60). A file that cannot be read counts as
 * none, and is kept aside before another takes its place.
 */
import type { Documents } from "@loopx/core";
import { LoopxError, isJsonObject, type Moment } from "@loopx/core/domain";
import * as z from "zod/mini";
import { keepAside } from "../progress.ts";
import { RESULTS } from "./cycle.ts";

const DAY_MS = 86_400_000;
const REMEMBERED = 200;

const ProcessedSchema = z.object({ sha: z.string(), result: z.enum(RESULTS), reason: z.string(), at: z.string(), cycle_id: z.string() });
/** A commit that a cycle ended with. */
export type ProcessedCommit = z.infer<typeof ProcessedSchema>;
const TestedSchema = z.object({
  base_sha: z.string(),
  candidate_sha: z.string(),
  /** The configuration that its gates were made of. */
  config_sha256: z.string(),
  /** The environment files and programs of its gates (WTL-28); absent in older records, which hold for nothing. */
  ground_sha256: z.optional(z.string()),
  cycle_id: z.string(),
});

export const MemorySchema = z.object({
  schema_version: z.literal("loopx_loop_memory_v1"),
  last: z.nullable(z.extend(ProcessedSchema, { failed_step: z.nullable(z.string()), log: z.nullable(z.string()) })),
  /** Newest last. */
  ended: z.array(ProcessedSchema),
  last_validated_sha: z.nullable(z.string()),
  /** The main branch as the loop itself left it: its own promotion is no news (WTL-140). */
  promoted_sha: z.nullable(z.string()),
  agent_runs_ms: z.array(z.number()),
  tested: z.nullable(TestedSchema),
  /** Infrastructure faults in a row for the same commit. */
  faults_in_row: z.int(),
  base_moved_in_row: z.int(),
});
export type Memory = z.infer<typeof MemorySchema>;

export const EMPTY_MEMORY: Memory = {
  schema_version: "loopx_loop_memory_v1",
  last: null,
  ended: [],
  last_validated_sha: null,
  promoted_sha: null,
  agent_runs_ms: [],
  tested: null,
  faults_in_row: 0,
  base_moved_in_row: 0,
};

interface Ground {
  readonly documents: Documents;
  readonly executor: string;
}

const keyOf = (executor: string) => ({ kind: "executor_state", executor, name: "watch.json" }) as const;

/** What is remembered; nothing when the file cannot be read. */
export async function readMemory({ documents, executor }: Ground): Promise<Memory> {
  const found = await documents.read(keyOf(executor));
  return found.kind === "found" ? memoryOf(found.text) : EMPTY_MEMORY;
}

/** Keeps a file aside that cannot be read, and begins with what is known besides; the name under which it is kept, or null. */
export async function renewMemory({ documents, executor }: Ground, known: Partial<Memory>, now: Moment): Promise<string | null> {
  const key = keyOf(executor);
  const found = await documents.read(key);
  if (found.kind === "absent" || (found.kind === "found" && memoryIn(found.text) !== null)) return null;
  // One that is no text at all is renamed by the store.
  const kept =
    found.kind === "found"
      ? await keepAside({ documents }, { ...key, name: `${key.name}.corrupt` }, found.text, now)
      : `${key.name}.corrupt-*`;
  const text = `${JSON.stringify({ ...EMPTY_MEMORY, ...known }, null, 2)}\n`;
  const outcome = await documents.update(key, () => ({ write: text, value: null }), { set_aside: true });
  if (outcome.kind !== "written") throw new LoopxError("write_failed", `the memory of ${executor} cannot be written (${outcome.kind})`);
  return kept;
}

/** Changes it, whoever else does at the same time. */
export async function remember({ documents, executor }: Ground, change: (memory: Memory) => Memory): Promise<void> {
  const outcome = await documents.update(
    keyOf(executor),
    (current) => {
      const next = trimmed(change(current === null ? EMPTY_MEMORY : memoryOf(current.text)));
      return { write: `${JSON.stringify(next, null, 2)}\n`, value: null };
    },
    { set_aside: true },
  );
  if (outcome.kind !== "written" && outcome.kind !== "unchanged")
    throw new LoopxError("write_failed", `the memory of ${executor} cannot be written (${outcome.kind})`);
}

/** Runs of agents in the last 24 hours. */
export function runsOfDay({ agent_runs_ms }: Pick<Memory, "agent_runs_ms">, now_ms: number): number {
  return agent_runs_ms.filter((at) => now_ms - at < DAY_MS).length;
}

function memoryOf(text: string): Memory {
  return memoryIn(text) ?? EMPTY_MEMORY;
}

/** What the text remembers; null when it is no such file. */
export function memoryIn(text: string): Memory | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (MemorySchema.safeParse(value).data ?? null) : null;
  } catch {
    return null;
  }
}

function trimmed(memory: Memory): Memory {
  return { ...memory, ended: memory.ended.slice(-REMEMBERED), agent_runs_ms: memory.agent_runs_ms.slice(-REMEMBERED * 10) };
}
