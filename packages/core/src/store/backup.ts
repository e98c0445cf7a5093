/** Byte copies kept before something is replaced: `backups/<folder>/<stamp>[-N]/<name>` below the runtime root. */
import { LoopxError } from "../domain/errors.ts";
import { formatStamp, type Moment } from "../domain/time.ts";
import type { DocumentKey, Documents } from "../ports/documents.ts";
import { expectWritten } from "./outcome.ts";

const MAX_TRIES = 100;

/** The copy's path, or null when there was nothing to copy. An unreadable original is an error: it could not be given back. */
export async function keepBackup(
  documents: Documents,
  key: DocumentKey,
  place: { folder: string; now: Moment; name: string },
  runtimeRoot: string,
): Promise<string | null> {
  const original = await documents.read(key);
  if (original.kind === "absent") return null;
  if (original.kind === "unreadable")
    throw new LoopxError("write_failed", `${original.where} cannot be read, so no backup of it can be kept (${original.reason})`);
  for (let count = 1; count <= MAX_TRIES; count++) {
    const stamp = `${formatStamp(place.now)}${count === 1 ? "" : `-${count}`}`;
    const copy = { kind: "backup", folder: place.folder, stamp, name: place.name } as const;
    const path = `${runtimeRoot}/backups/${place.folder}/${stamp}/${place.name}`;
    const outcome = await documents.update(copy, () => ({ write: original.text, value: null }), { expected: null });
    if (outcome.kind === "conflict") continue;
    expectWritten(outcome, path);
    return path;
  }
  throw new LoopxError("write_failed", `no free backup name below ${runtimeRoot}/backups/${place.folder}`);
}
