/** A document as it stands, without a lock (REL-40). */
import type { Stats } from "node:fs";
import type { AbsolutePath } from "../domain/ids.ts";
import type { DocumentKey, Found, Revision } from "../ports/documents.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { confined, type FileGround } from "./file-ground.ts";
import { revisionOf } from "./hashing.ts";
import { decodeUtf8, readRegular } from "./open-file.ts";

export type DocumentText = Found | { kind: "absent" } | Unreadable;

export function readDocumentText(ground: Pick<FileGround, "calls" | "places">, key: DocumentKey): DocumentText {
  const at = confined(ground, ground.places.document(key));
  if (at.kind === "unreadable") return at;
  const read = readRegular(ground.calls, at.path, at.place.limit);
  return read.kind === "bytes" ? textOf(read, at.path) : read;
}

/** The revision is computed when it is asked for: a verdict never asks. */
export function textOf({ bytes, stat }: { bytes: Buffer; stat: Stats }, path: AbsolutePath): Found | Unreadable {
  const text = decodeUtf8(bytes);
  if (text === null) return { kind: "unreadable", reason: "not_utf8", where: path };
  let revision: Revision | undefined;
  return {
    kind: "found",
    text,
    mode: stat.mode & 0o7777,
    get revision() {
      return (revision ??= revisionOf(bytes));
    },
  };
}
