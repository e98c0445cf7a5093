/**
 * A whole host in memory: every port, with the doors of a test. An action run on it leaves its files where a test can
 * compare them, text by text, and nothing else anywhere.
 */
import { posix } from "node:path";
import type { JsonValue } from "../domain/json.ts";
import type { Locale } from "../domain/locale/locale.ts";
import type { Host } from "../ports/host.ts";
import { fakeClock, type FakeClock } from "./fake-clock.ts";
import type { Fault, MemoryDisk, Planted } from "./memory-disk.ts";
import { memoryArchive } from "./memory-archive.ts";
import { memoryDocuments } from "./memory-documents.ts";
import { memoryGround, placeOf, PROJECT, type MemoryGround, type PlaceKey } from "./memory-ground.ts";
import { memoryHistories } from "./memory-histories.ts";
import { memoryLeases } from "./memory-leases.ts";
import { memoryLogs } from "./memory-logs.ts";
import { memoryPlaces, type MemoryPlacesOptions } from "./memory-places.ts";
import { memoryProject, type MemoryProjectOptions } from "./memory-project.ts";
import { memoryScanner } from "./memory-scanner.ts";
import { sequenceIds } from "./sequence-ids.ts";

/** A file of a test: text, bytes, a fault, a value that becomes JSON, or a list that becomes JSONL. */
export type FileContent = Planted | { readonly json: JsonValue } | { readonly lines: readonly (JsonValue | string)[] };

/** A host in memory, with the doors of a test. */
export interface MemoryHost extends Host {
  readonly clock: FakeClock;
  readonly disk: MemoryDisk;
  /** Where a key lies. A goal state lies somewhere only after `bindGoal`. */
  pathOf(key: PlaceKey): string;
  plant(place: PlaceKey | string, content: FileContent): void;
  bytesOf(place: PlaceKey | string): Uint8Array | null;
  textOf(place: PlaceKey | string): string | null;
  /** Every file, by absolute path. */
  files(): Record<string, string>;
  /** A second host over the same files and clock, as another process would have. */
  reopen(): MemoryHost;
}

/** What a memory host starts from. */
export interface MemoryHostOptions extends Partial<Omit<MemoryPlacesOptions, "project">>, MemoryProjectOptions {
  readonly project?: string;
  readonly now?: string;
  readonly offset_minutes?: number;
  readonly cli_bin?: string;
  /** Named by a flag or file; without it nobody named a language. */
  readonly locale?: Locale;
  /** By path below the project, or absolute. */
  readonly files?: Readonly<Record<string, FileContent>>;
}

/** A host over these files. */
export function project(files: Readonly<Record<string, FileContent>>, options: Omit<MemoryHostOptions, "files"> = {}): MemoryHost {
  return memoryHost({ ...options, files });
}

/** A host over these options; nothing of it leaves memory. */
export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const folder = options.project ?? PROJECT;
  const clock = fakeClock({
    ...(options.now === undefined ? {} : { at: options.now }),
    ...(options.offset_minutes === undefined ? {} : { offset_minutes: options.offset_minutes }),
  });
  const ground = memoryGround({ clock, project: folder, places: memoryPlaces({ ...options, project: folder }) });
  for (const [path, content] of Object.entries(options.files ?? {})) ground.disk.plant(posix.resolve(folder, path), bytesFor(content));
  return hostOver(ground, options, sequenceIds());
}

function hostOver(ground: MemoryGround, options: MemoryHostOptions, ids: Host["ids"]): MemoryHost {
  const logs = memoryLogs(ground);
  const documents = memoryDocuments(ground);
  const pathOf = (place: PlaceKey | string) => (typeof place === "string" ? posix.resolve(ground.project, place) : placeOf(ground, place));
  return {
    clock: ground.clock,
    ids,
    digest: ground.digest,
    documents,
    logs,
    histories: memoryHistories({
      logs,
      documents,
      digest: ground.digest,
      places: ground.places,
      directories: () => goalDirectories(ground),
    }),
    leases: memoryLeases(ground),
    project: memoryProject(ground, options),
    places: ground.places,
    scanner: memoryScanner(ground),
    archive: memoryArchive(ground),
    recall: { any_wish: false, open: () => ({ get: () => undefined, keep: () => undefined, close: () => undefined }) },
    at: (registry) => hostOver({ ...ground, places: { ...ground.places, registry } }, options, ids),
    cli_bin: options.cli_bin ?? "loopx",
    locale: options.locale ?? "en",
    locale_named: options.locale !== undefined,
    disk: ground.disk,
    pathOf,
    plant: (place, content) => ground.disk.plant(pathOf(place), bytesFor(content)),
    bytesOf: (place) => ground.disk.bytesOf(pathOf(place)),
    textOf: (place) => ground.disk.textOf(pathOf(place)),
    files: () => ground.disk.files(),
    reopen: () => hostOver({ ...ground, bound: new Map(ground.bound) }, options, ids),
  };
}

function bytesFor(content: FileContent): string | Uint8Array | Fault {
  if (typeof content === "string" || content instanceof Uint8Array || "fault" in content) return content;
  if ("json" in content) return `${JSON.stringify(content.json, null, 2)}\n`;
  return content.lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
}

function goalDirectories(ground: MemoryGround): readonly string[] {
  const root = `${ground.places.runtime_root}/goals`;
  const names = ground.disk.filesBelow(root).map((path) => path.slice(root.length + 1).split("/")[0] ?? "");
  return [...new Set(names)].sort();
}
