import type { AbsolutePath } from "../domain/ids.ts";

/** Who holds a lock, as its owner record says (REL-32). */
export interface LockOwner {
  readonly pid: number;
  readonly pid_start: string;
  readonly boot_id: string;
  readonly pid_ns: string;
  readonly host: string;
  readonly command: string;
  readonly at: string;
  readonly nonce: string;
  /** What is locked: where a dead owner's remains lie. */
  readonly path?: AbsolutePath;
}

/** Waiting ended without the lock: who has it (null when unknown) and how long was waited. */
export interface Busy {
  readonly kind: "busy";
  readonly owner: LockOwner | null;
  readonly waited_ms: number;
  /** The owner record's path, for the message. */
  readonly record: AbsolutePath | null;
}

/** A lock in hand. */
export interface HeldLock {
  readonly kind: "held";
  readonly cleared: LockOwner | null;
  /** False once another process has taken it from us: then nothing may be committed any more. */
  isOurs(): boolean;
  release(): Promise<void>;
}

/** Mutual exclusion between processes, with a record of who holds it. */
export interface Lock {
  /** `held` reports a dead owner that was cleared, so that crash recovery can start from it (REL-38). */
  acquire(path: AbsolutePath, options: { wait_ms: number; command: string; signal?: AbortSignal }): Promise<HeldLock | Busy>;
}
