/** A folder's files with content and mode, to compare, and to put back what a test has done to them. Links and special files are not followed. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Every path below the root. */
export type Snapshot = ReadonlyMap<string, Entry>;

export interface Entry {
  readonly mode: number;
  /** One character a byte; null for a directory. */
  readonly content: string | null;
}

export function snapshotOf(root: string): Snapshot {
  return new Map(entriesOf(root, ""));
}

function* entriesOf(root: string, folder: string): Generator<[string, Entry]> {
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const stat = lstatSync(join(root, path));
    const mode = stat.mode & 0o7777;
    if (!stat.isDirectory()) yield [path, { mode, content: stat.isFile() ? readFileSync(join(root, path), "latin1") : "" }];
    else {
      yield [path, { mode, content: null }];
      yield* entriesOf(root, path);
    }
  }
}

/** What is right already stays as it is. `from`: what is there now, for who knows it. */
export function restore(root: string, to: Snapshot, from: Snapshot = snapshotOf(root)): void {
  // Children first, so that a folder is empty when its turn comes.
  for (const [path, { content }] of [...from].reverse()) {
    const wanted = to.get(path);
    if (content === null) {
      if (wanted?.content !== null) rmdirSync(join(root, path));
    } else if (wanted?.content !== content) unlinkSync(join(root, path));
  }
  for (const [path, { mode, content }] of to) {
    const there = from.get(path);
    if (there?.content === content && there.mode === mode) continue;
    const at = join(root, path);
    if (there?.content !== content) {
      if (content === null) mkdirSync(at);
      else writeFileSync(at, content, "latin1");
    }
    chmodSync(at, mode);
  }
}

/** Paths that are there now and were not, are gone, or have other bytes or another mode. */
export function differences(before: Snapshot, after: Snapshot): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    return old?.content !== now?.content || old?.mode !== now?.mode;
  });
}
