/** The file store as the conformance suite wants it, with the back door to its directory. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ConformanceStore } from "../../src/testing/conformance.ts";
import { type FakeClock, fakeClock } from "../../src/testing/fake-clock.ts";
import { directoryPath, directoryPorts } from "../../src/testing/file-store.ts";

export interface DirectoryStore extends Required<ConformanceStore> {
  readonly directory: string;
  readonly clock: FakeClock;
}

/** A store whose leases expire by a fake clock; waiting and the times of files go by the real one. */
export function directoryStore(directory: string, clock: FakeClock = fakeClock()): DirectoryStore {
  const ports = directoryPorts(directory, { clock: { ...clock, monotonicMs: () => performance.now() } });
  return {
    ...ports,
    directory,
    clock,
    plant: (place, content) => plant(directoryPath(directory, place), content),
    bytesOf: (place) => bytesOf(directoryPath(directory, place)),
  };
}

/** An empty project and runtime root in a new directory. */
export function freshDirectory(directory: string): string {
  for (const name of ["project", "runtime"]) mkdirSync(join(directory, name), { recursive: true });
  return directory;
}

function plant(path: string, content: Uint8Array | "directory" | "absent"): void {
  rmSync(path, { recursive: true, force: true });
  if (content === "absent") return;
  mkdirSync(content === "directory" ? path : dirname(path), { recursive: true });
  if (content !== "directory") writeFileSync(path, content);
}

function bytesOf(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
