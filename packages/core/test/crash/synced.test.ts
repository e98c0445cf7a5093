/**
 * REL-1: what a command has answered would survive a power cut. Every byte it wrote was synced after its last write and
 * before its rename, and every directory whose names changed was synced after that.
 */
import { constants } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FsCalls, nodeFs } from "../../src/node/fs-calls.ts";
import { harmed } from "../store/harmed-calls.ts";
import { courseOf } from "./matrix.ts";
import { MINUTE, SCENARIOS } from "./scenarios.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(() => {
  world = openWorld();
});
afterAll(() => world.remove());

describe("when a command has answered, what it wrote is on the disk", () => {
  it.each(SCENARIOS)("$name", async (scenario) => {
    const { old } = await courseOf(world, scenario);
    world.reset(old);
    const { calls, book } = watched();
    await scenario.act(world.host({ calls }, MINUTE), world);
    expect(book.early).toEqual([]);
    expect(book.unsynced).toEqual([]);
    expect(book.syncs).toBeGreaterThan(1);
  });
});

/** Locks and caches may be lost with the power. */
function isPassing(path: string): boolean {
  return /\/(?:locks|cache)(?:\/|$)/.test(path);
}

/** What is not yet on the disk, by path; and what became visible before it was. */
class Book {
  readonly early: string[] = [];
  syncs = 0;
  readonly #paths = new Map<unknown, string>();
  readonly #dirty = new Set<string>();

  get unsynced(): readonly string[] {
    return [...this.#dirty];
  }

  opened(fd: unknown, path: string, flags: number): void {
    this.#paths.set(fd, path);
    if ((flags & constants.O_CREAT) !== 0) this.changed(path, dirname(path));
  }

  changed(...paths: readonly string[]): void {
    for (const path of paths) if (!isPassing(path)) this.#dirty.add(path);
  }

  written(fd: unknown): void {
    this.changed(this.#paths.get(fd) ?? "?");
  }

  synced(fd: unknown): void {
    this.syncs += 1;
    this.#dirty.delete(this.#paths.get(fd) ?? "?");
  }

  renamed(from: string, to: string): void {
    if (this.#dirty.delete(from)) this.early.push(`${from} became ${to} before it was synced`);
    this.changed(dirname(from), dirname(to));
  }

  removed(path: string): void {
    this.#dirty.delete(path);
    // A sibling that was given up may come back: it is litter then as now.
    if (!path.endsWith(".loopx-tmp")) this.changed(dirname(path));
  }
}

type Entry = (book: Book, args: readonly unknown[], result: unknown) => void;

const ENTRIES: Partial<Record<keyof FsCalls, Entry>> = {
  open: (book, [path, flags], fd) => book.opened(fd, String(path), Number(flags)),
  write: (book, [fd]) => book.written(fd),
  ftruncate: (book, [fd]) => book.written(fd),
  fsync: (book, [fd]) => book.synced(fd),
  fdatasync: (book, [fd]) => book.synced(fd),
  rename: (book, [from, to]) => book.renamed(String(from), String(to)),
  mkdir: (book, [path]) => book.changed(dirname(String(path))),
  unlink: (book, [path]) => book.removed(String(path)),
};

function watched(): { calls: FsCalls; book: Book } {
  const book = new Book();
  const calls = harmed((name, run, args) => {
    const result = run();
    ENTRIES[name]?.(book, args, result);
    return result;
  }, nodeFs);
  return { calls, book };
}
