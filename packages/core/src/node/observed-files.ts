/**
 * File system calls that remember what they were asked about, so that a server can tell with a few looks whether an
 * answer it made still stands (PRF-7): it does while every path that went into it is as it was. It changes no call.
 */
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../ports/clock.ts";
import type { FsCalls } from "./fs-calls.ts";

/** A file this young may change again within one tick of its clock. */
const RACY_MS = 50;

/** What an answer was made of. */
export interface Sources {
  /** False as soon as something that was looked at may be another thing now. */
  stand(): boolean;
}

/** Calls, and a way to learn what a piece of work asked them. */
export interface ObservedFiles {
  readonly calls: FsCalls;
  /** Starts a list of its own for whatever is asked until it is closed, by anybody. */
  observe(): { close(): Sources };
}

/** Inode, size and times of change; empty for nothing, the inode alone for a directory whose entries were not asked for. */
type Mark = readonly number[];

/**
 * `whole` names directories whose entries count although nobody listed them. Of any other, say somebody's home above a
 * goal, only that it is there: it changes all day long.
 */
export function observedFiles(calls: FsCalls, clock: Clock, whole: (path: string) => boolean): ObservedFiles {
  // What is looked at counts for everybody who looks just now: rather too much than too little.
  const lists = new Set<Seen>();
  const look = (path: string): void => {
    let mark: Mark | null = null;
    for (const { marks } of lists) if (!marks.has(path)) marks.set(path, (mark ??= markOf(calls, path, whole(path))));
  };
  const noting =
    <Rest extends unknown[], Result>(call: (path: string, ...rest: Rest) => Result) =>
    (path: string, ...rest: Rest): Result => {
      look(path);
      return call(path, ...rest);
    };
  const listing = (path: string): string[] => {
    for (const { marks } of lists) marks.set(path, markOf(calls, path, true));
    return calls.readdir(path);
  };
  return {
    calls: {
      ...calls,
      open: noting(calls.open),
      stat: noting(calls.stat),
      lstat: noting(calls.lstat),
      readdir: listing,
      readlink: noting(calls.readlink),
      realpath: (path) => {
        const real = calls.realpath(path);
        for (const { links } of lists) links.set(path, real);
        return real;
      },
    },
    observe: () => {
      const mine: Seen = { marks: new Map(), links: new Map() };
      lists.add(mine);
      const began_ms = clock.now().getTime();
      return {
        close: () => {
          lists.delete(mine);
          // What changed while it was read, or a moment before, may have changed once more in the same tick.
          const quiet = [...mine.marks.values()].every((mark) => (mark[3] ?? 0) < began_ms - RACY_MS);
          return { stand: () => quiet && isUnchanged(calls, mine) };
        },
      };
    },
  };
}

interface Seen {
  readonly marks: Map<string, Mark>;
  readonly links: Map<string, string>;
}

function isUnchanged(calls: FsCalls, { marks, links }: Seen): boolean {
  const plain = new Map<string, boolean>();
  const unasked: string[] = [];
  for (const [path, before] of marks) {
    if (before.length === 0 && (marks.get(dirname(path))?.length ?? 0) > 1) {
      unasked.push(path);
      continue;
    }
    const now = lookAt(calls, path);
    if (!isAsBefore(now, before)) return false;
    if (now?.isSymbolicLink() === true) plain.set(path, false);
  }
  // A directory that is as it was has no entry that it had not. A link to one says nothing about entries.
  for (const path of unasked) if (plain.get(dirname(path)) === false && lookAt(calls, path) !== null) return false;
  const isPlain = plainPaths(calls, marks, plain);
  for (const [path, before] of links) if ((before !== path || !isPlain(path)) && realOrNull(calls, path) !== before) return false;
  return true;
}

/** As {@link markOf} would say it. */
function isAsBefore(now: Stats | null, before: Mark): boolean {
  if (now === null) return before.length === 0;
  if (before.length === 1) return now.isDirectory() && now.ino === before[0];
  return now.ino === before[0] && now.size === before[1] && now.mtimeMs === before[2] && now.ctimeMs === before[3];
}

/**
 * Whether a path that was a real one still is: nothing above it is a link, nor it itself. Asking the system for the real path
 * looks at every directory above each time, which costs more than all other looks. `known` are the links among the paths of
 * `marks`, all of which were looked at just now.
 */
function plainPaths(calls: FsCalls, marks: Seen["marks"], known: Map<string, boolean>): (path: string) => boolean {
  const isPlain = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const above = dirname(path);
    const plain = isNoLink(calls, marks, path) && (above === path || isPlain(above));
    known.set(path, plain);
    return plain;
  };
  return isPlain;
}

function isNoLink(calls: FsCalls, marks: Seen["marks"], path: string): boolean {
  const mark = marks.get(path);
  return mark === undefined ? lookAt(calls, path)?.isSymbolicLink() === false : mark.length > 0;
}

function markOf(calls: FsCalls, path: string, entries: boolean): Mark {
  const found = lookAt(calls, path);
  if (found === null) return [];
  return found.isDirectory() && !entries ? [found.ino] : [found.ino, found.size, found.mtimeMs, found.ctimeMs];
}

function lookAt(calls: FsCalls, path: string): Stats | null {
  try {
    return calls.lstat(path);
  } catch {
    return null;
  }
}

function realOrNull(calls: FsCalls, path: string): string | null {
  try {
    return calls.realpath(path);
  } catch {
    return null;
  }
}
