/**
 * Files in memory: what the memory store reads and writes, and the doors through which a test plants damage, plays a
 * person with an editor, holds a lock or takes a permission away. Raw bytes, so that every kind of damage can stand here.
 */
import { posix } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Busy, LockOwner } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import type { FakeClock } from "./fake-clock.ts";

/** A file that exists and cannot be read, with the reason a read of it gives. */
export interface Fault {
  readonly fault: Exclude<Unreadable["reason"], "not_utf8" | "too_large">;
}
/** Content a test puts on the disk: text, bytes, or a fault that reading it shows. */
export type Planted = string | Uint8Array | Fault;

export type Opened = { kind: "bytes"; bytes: Uint8Array } | { kind: "absent" } | Unreadable;

/** Which rights a test took away: of writing a file, or of anything that waits for its lock. */
type Obstacle = { kind: "denied" } | { kind: "held"; owner: LockOwner | null };

/** A disk in memory with a test's own doors to it. */
export class MemoryDisk {
  /**
   * Called between the reading of a document and its replacement: whatever it plants is what a person saved in that
   * moment. The writer has to see it (REL-3).
   */
  beforeCommit: ((path: AbsolutePath) => void) | null = null;

  readonly #files = new Map<AbsolutePath, Uint8Array | Fault>();
  readonly #directories = new Set<AbsolutePath>(["/"]);
  readonly #links = new Map<AbsolutePath, AbsolutePath>();
  readonly #obstacles = new Map<AbsolutePath, Obstacle>();
  readonly #changed = new Map<AbsolutePath, number>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  plant(path: AbsolutePath, content: Planted): void {
    const at = this.real(path);
    this.#files.set(at, typeof content === "string" ? new TextEncoder().encode(content) : content);
    this.#changed.set(at, Math.floor(this.#clock.now().getTime() / 1000) * 1000);
    this.makeDirectory(posix.dirname(at));
  }

  makeDirectory(path: AbsolutePath): void {
    for (let at = path; !this.#directories.has(at); at = posix.dirname(at)) this.#directories.add(at);
  }

  /** A symbolic link, to a file or a directory. */
  link(path: AbsolutePath, target: AbsolutePath): void {
    this.#links.set(path, target);
    this.makeDirectory(posix.dirname(path));
  }

  remove(path: AbsolutePath): void {
    this.#files.delete(this.real(path));
  }

  move(from: AbsolutePath, to: AbsolutePath): void {
    const found = this.#files.get(from);
    if (found === undefined) return;
    this.#files.delete(from);
    this.#files.set(to, found);
  }

  /** A directory with everything below it. */
  moveTree(from: AbsolutePath, to: AbsolutePath): void {
    const moved = (path: AbsolutePath) => (path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : null);
    for (const path of Array.from(this.#files.keys())) if (moved(path) !== null) this.move(path, moved(path) ?? path);
    for (const path of Array.from(this.#directories)) {
      const place = moved(path);
      if (place === null) continue;
      this.#directories.delete(path);
      this.makeDirectory(place);
    }
  }

  isLink(path: AbsolutePath): boolean {
    return this.#links.has(path);
  }

  bytesOf(path: AbsolutePath): Uint8Array | null {
    const found = this.#files.get(this.real(path));
    return found instanceof Uint8Array ? found : null;
  }

  textOf(path: AbsolutePath): string | null {
    const bytes = this.bytesOf(path);
    return bytes === null ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  /** Every readable file by path, sorted: two equal answers mean that nothing was written between them. */
  files(): Record<string, string> {
    const paths = [...this.#files.keys()].sort();
    return Object.fromEntries(paths.flatMap((path) => (this.bytesOf(path) === null ? [] : [[path, this.textOf(path) ?? ""]])));
  }

  filesBelow(directory: AbsolutePath): readonly AbsolutePath[] {
    const start = directory.endsWith("/") ? directory : `${directory}/`;
    return [...this.#files.keys()].filter((path) => path.startsWith(start)).sort();
  }

  isFile(path: AbsolutePath): boolean {
    return this.#files.has(this.real(path));
  }

  isDirectory(path: AbsolutePath): boolean {
    return this.#directories.has(this.real(path));
  }

  stands(path: AbsolutePath): boolean {
    return this.isFile(path) || this.isDirectory(path);
  }

  modifiedMs(path: AbsolutePath): number | null {
    return this.#changed.get(this.real(path)) ?? null;
  }

  /** The path without links, also of a file that does not exist yet. */
  real(path: AbsolutePath): AbsolutePath {
    let at = "/";
    for (const segment of posix.normalize(path).split("/")) {
      at = posix.join(at, segment);
      for (let hops = 0; hops < 20; hops += 1) {
        const target = this.#links.get(at);
        if (target === undefined) break;
        at = posix.resolve(posix.dirname(at), target);
      }
    }
    return at;
  }

  /** Every write that needs this file's lock answers `busy` until {@link letGo}. */
  hold(path: AbsolutePath, owner: LockOwner | null = null): void {
    this.#obstacles.set(this.real(path), { kind: "held", owner });
  }

  /** Writes of this file are refused by the file system until {@link letGo}; reads go on. */
  denyWrites(path: AbsolutePath): void {
    this.#obstacles.set(this.real(path), { kind: "denied" });
  }

  letGo(path: AbsolutePath): void {
    this.#obstacles.delete(this.real(path));
  }

  /** What keeps a writer from this file, or null. */
  obstacle(path: AbsolutePath): Busy | Unreadable | null {
    const found = this.#obstacles.get(this.real(path));
    if (found === undefined) return null;
    if (found.kind === "denied") return { kind: "unreadable", reason: "denied", where: path };
    return { kind: "busy", owner: found.owner, waited_ms: 0, record: null };
  }

  /** The bytes of a regular file within its limit, or what stands there instead. */
  open(path: AbsolutePath, limit: number): Opened {
    const at = this.real(path);
    const found = this.#files.get(at);
    if (found === undefined)
      return this.isDirectory(at) ? { kind: "unreadable", reason: "not_a_regular_file", where: path } : { kind: "absent" };
    if (!(found instanceof Uint8Array)) return { kind: "unreadable", reason: found.fault, where: path };
    if (found.length > limit) return { kind: "unreadable", reason: "too_large", where: path, size: found.length, limit };
    return { kind: "bytes", bytes: found };
  }
}
