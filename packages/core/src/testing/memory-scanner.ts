/** The files of a boundary scan on the memory disk. Which names a scan skips is the file scanner's own business. */
import { posix } from "node:path";
import type { ScannedFile, Scanner } from "../ports/scanner.ts";
import type { MemoryGround } from "./memory-ground.ts";

export function memoryScanner({ disk }: MemoryGround): Scanner {
  return {
    files: async function* (paths, cwd) {
      for (const path of paths) {
        const absolute = disk.real(posix.resolve(cwd, path));
        if (disk.isDirectory(absolute)) {
          for (const file of disk.filesBelow(absolute)) yield scanned(file, posix.join(path, posix.relative(absolute, file)));
        } else yield disk.isFile(absolute) ? scanned(absolute, path) : { kind: "missing", path };
      }
    },
  };

  function scanned(file: string, path: string): ScannedFile {
    const bytes = disk.bytesOf(file);
    if (bytes === null) return { kind: "unreadable", path, reason: "denied" };
    try {
      return { kind: "text", path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      return { kind: "unreadable", path, reason: "not_utf8" };
    }
  }
}
