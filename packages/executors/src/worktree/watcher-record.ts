/** Who watches a profile: its process and since when. The record outlives the watcher; only a comparison tells whether it runs. */
import { nodeIdentity } from "@loopx/core";
import { formatInstant, isJsonObject } from "@loopx/core/domain";
import { isAlive, recordOf, type RecordedProcess } from "../drivers/process/identity.ts";
import type { Site } from "./site.ts";

/** Who watches. */
export interface WatcherRecord {
  readonly process: RecordedProcess;
  readonly since: string;
}

const keyOf = (site: Site) => ({ kind: "executor_state", executor: site.executor, name: "watcher.json" }) as const;

/** The record of the last watcher; it may be gone. */
export async function readWatcher(site: Site): Promise<WatcherRecord | null> {
  const found = await site.host.documents.read(keyOf(site));
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    return isJsonObject(value) && isJsonObject(value["process"]) ? (value as unknown as WatcherRecord) : null;
  } catch {
    return null;
  }
}

/** The watcher that runs now, or null. */
export async function liveWatcher(site: Site): Promise<WatcherRecord | null> {
  const record = await readWatcher(site);
  return record !== null && isAlive(record.process, site.launch.table) ? record : null;
}

/** Writes this process down as the watcher. */
export async function writeWatcher(site: Site): Promise<void> {
  const { pid } = nodeIdentity().self();
  const record: WatcherRecord = { process: recordOf(pid, site.launch.table), since: formatInstant(site.now(), "milliseconds") };
  await site.host.documents.update(keyOf(site), () => ({ write: `${JSON.stringify(record, null, 2)}\n`, value: null }), {
    set_aside: true,
  });
}
