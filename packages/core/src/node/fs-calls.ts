/**
 * The file system calls of the store, one record of synchronous functions (REL-28). Tests replace it to let a process
 * die before the n-th call, to fail a call, or to play a person with an editor. The store calls nothing else.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  type Stats,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";

export interface FsCalls {
  open(path: string, flags: number, mode?: number): number;
  close(fd: number): void;
  /** Bytes read at that offset of the file; 0 at its end. */
  read(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  /** Bytes written, which may be fewer than asked for. */
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  fstat(fd: number): Stats;
  stat(path: string): Stats | null;
  lstat(path: string): Stats | null;
  fsync(fd: number): void;
  fdatasync(fd: number): void;
  fchmod(fd: number, mode: number): void;
  ftruncate(fd: number, length: number): void;
  /** Throws unless this process may write there. */
  writable(path: string): void;
  rename(from: string, to: string): void;
  link(existing: string, path: string): void;
  unlink(path: string): void;
  mkdir(path: string, mode?: number): void;
  rmdir(path: string): void;
  readdir(path: string): string[];
  realpath(path: string): string;
  readlink(path: string): string;
  utimes(path: string, atime: Date, mtime: Date): void;
}

export const nodeFs: FsCalls = {
  open: openSync,
  close: closeSync,
  read: readSync,
  write: writeSync,
  fstat: (fd) => fstatSync(fd),
  stat: (path) => statSync(path, { throwIfNoEntry: false }) ?? null,
  lstat: (path) => lstatSync(path, { throwIfNoEntry: false }) ?? null,
  fsync: fsyncSync,
  fdatasync: fdatasyncSync,
  fchmod: fchmodSync,
  ftruncate: ftruncateSync,
  writable: (path) => accessSync(path, constants.W_OK),
  rename: renameSync,
  link: linkSync,
  unlink: unlinkSync,
  mkdir: makeDirectory,
  rmdir: (path) => rmdirSync(path),
  readdir: (path) => readdirSync(path),
  realpath: realpathSync.native,
  readlink: (path) => readlinkSync(path),
  utimes: utimesSync,
};

/** A mode that is asked for holds under any umask; without one the umask decides. */
function makeDirectory(path: string, mode?: number): void {
  if (mode === undefined) return mkdirSync(path);
  mkdirSync(path, { mode });
  if ((statSync(path).mode & mode) !== mode) chmodSync(path, mode);
}

/** The same calls without fsync: for the bench only, what exits 0 may then be lost (REL-23). */
export function withoutFsync(calls: FsCalls): FsCalls {
  return { ...calls, fsync: () => undefined, fdatasync: () => undefined };
}
