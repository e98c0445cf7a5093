/** Byte copies kept before something is replaced: `backups/<folder>/<stamp>[-N]/<name>` below the runtime root. */
import { LoopxError } from "../domain/errors.ts";
import { formatStamp, type Moment } from "../domain/time.ts";
import type { DocumentKey, Documents, Revision } from "../ports/documents.ts";
import { expectWritten } from "./outcome.ts";

const MAX_TRIES = 100;

/** How often somebody else may write between a copy and what replaces the original. */
const MAX_COPIES = 6;

export interface BackupPlace {
  readonly folder: string;
  readonly now: Moment;
  readonly name: string;
}

/** The copy, and the revision it is of; null when there was nothing to copy. An unreadable original is an error: it could not be given back. */
export async function keepBackup(
  documents: Documents,
  key: DocumentKey,
  place: BackupPlace,
  runtimeRoot: string,
): Promise<{ readonly path: string; readonly revision: Revision } | null> {
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
    return { path, revision: original.revision };
  }
  throw new LoopxError("write_failed", `no free backup name below ${runtimeRoot}/backups/${place.folder}`);
}

/**
 * Copies, then replaces exactly what was copied: whatever somebody else writes in between is in the next copy, and the
 * replacement is tried again. Answers the last outcome and every copy.
 */
export async function replaceWithBackup<Outcome extends { readonly kind: string }>(
  documents: Documents,
  key: DocumentKey,
  place: BackupPlace,
  runtimeRoot: string,
  replace: (expected: Revision | null) => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly copies: readonly string[] }> {
  const copies: string[] = [];
  for (let count = 1; ; count++) {
    const copy = await keepBackup(documents, key, place, runtimeRoot);
    if (copy !== null) copies.push(copy.path);
    const outcome = await replace(copy?.revision ?? null);
    if (outcome.kind !== "conflict" || count === MAX_COPIES) return { outcome, copies };
  }
}
