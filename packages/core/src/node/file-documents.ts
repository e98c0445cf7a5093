/**
 * Documents as files: reading them, which takes no lock (REL-40). Writing is a file of its own that loads with the first
 * write, because most processes of LoopX only read.
 */
import type { AbsolutePath } from "../domain/ids.ts";
import { byStamp, isStamp } from "../domain/time.ts";
import type { Documents } from "../ports/documents.ts";
import type { DocumentWrites } from "./document-writes.ts";
import { namesIn } from "./directories.ts";
import { errnoOf, writeFailed } from "./faults.ts";
import { confined, type FileGround } from "./file-ground.ts";
import type { GuardLeases } from "./lease-guard.ts";
import { readDocumentText } from "./read-document.ts";

export function fileDocuments(ground: FileGround, guardLeases: GuardLeases): Documents {
  let loading: Promise<DocumentWrites> | null = null;
  const writes = () => (loading ??= import("./document-writes.ts").then(({ documentWrites }) => documentWrites(ground, guardLeases)));
  return {
    read: async (key) => readDocumentText(ground, key),
    exists: async (key) => {
      const at = confined(ground, ground.places.document(key));
      return at.kind === "at" && stands(ground, at.path);
    },
    disconnectStamps: async () => stampsIn(ground).filter(isStamp).sort(byStamp),
    obstacle: async (key) => (await writes()).obstacle(key),
    update: async (key, edit, options) => (await writes()).update(key, edit, options),
    remove: async (key, options) => (await writes()).remove(key, options),
  };
}

function stampsIn({ calls, places }: FileGround): string[] {
  try {
    return namesIn(calls, places.disconnected);
  } catch (error) {
    const errno = errnoOf(error);
    throw errno === null ? error : writeFailed(errno, places.disconnected, error, "what was disconnected before cannot be listed");
  }
}

function stands(ground: FileGround, path: AbsolutePath): boolean {
  try {
    return ground.calls.lstat(path) !== null;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}
