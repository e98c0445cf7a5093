/** The ways to harm a store through its calls: a process that dies at one of them, a call that fails. */
import { type FsCalls, nodeFs } from "../../src/node/fs-calls.ts";

/** Thrown by every call of a process that was killed; no rule of the store knows it. */
export class Killed extends Error {}

export type Harm = (name: keyof FsCalls, run: () => unknown, args: readonly unknown[]) => unknown;

/** The calls with something done around each of them. */
export function harmed(harm: Harm, base: FsCalls = nodeFs): FsCalls {
  const wrapped = Object.entries(base).map(([name, call]) => [
    name,
    (...args: unknown[]) => harm(name as keyof FsCalls, () => (call as (...args: unknown[]) => unknown)(...args), args),
  ]);
  return Object.fromEntries(wrapped) as FsCalls;
}

/** A process that dies before its n-th call, after it, or half-way through it if it is a write: other calls have no half. */
export function dyingAt(
  n: number,
  when: "before" | "half-way through" | "after",
  base: FsCalls = nodeFs,
  die: () => never = killed,
): { calls: FsCalls; died: () => boolean; reached: () => boolean } {
  let count = 0;
  let dead = false;
  const calls = harmed((name, run, args) => {
    if (dead) die();
    count += 1;
    if (count !== n || (when === "half-way through" && name !== "write")) return run();
    dead = true;
    if (when === "half-way through") writeHalf(args);
    if (when === "after") run();
    return die();
  }, base);
  return { calls, died: () => dead, reached: () => count >= n };
}

function killed(): never {
  throw new Killed();
}

/** Half of what was asked for, as a disk that is filling up does. */
export function writeHalf(args: readonly unknown[]): number {
  const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
  return nodeFs.write(fd, bytes, offset, Math.floor(length / 2));
}

/** The n-th call fails once with that error and does nothing. */
export function failingAt(n: number, errno: string, base: FsCalls = nodeFs): { calls: FsCalls; failed: () => keyof FsCalls | null } {
  let count = 0;
  let failed: keyof FsCalls | null = null;
  const calls = harmed((name, run) => {
    count += 1;
    if (count !== n) return run();
    failed = name;
    throw errnoError(errno, name);
  }, base);
  return { calls, failed: () => failed };
}

export function errnoError(errno: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${errno}: injected, ${syscall}`), { code: errno, syscall });
}
