/**
 * Which workspaces this service holds against others of the same runtime root (LPR-30): from before the announcement to the
 * end of its runs there. A run that takes the place of another one shares its hold.
 */
import type { HeldLock, Lock } from "@loopx/core";

export interface WorkspaceLocks {
  /** False when another service has a run there. */
  take(workspace: string, run_id: string): Promise<boolean>;
  release(run_id: string): Promise<void>;
  /** For a service that ends and leaves its runs. */
  releaseAll(): Promise<void>;
}

/** `pathOf` names the lock of a workspace. */
export function workspaceLocks(lock: Lock, pathOf: (workspace: string) => string): WorkspaceLocks {
  const held = new Map<string, { readonly lock: HeldLock; readonly runs: Set<string> }>();
  return {
    take: async (workspace, run_id) => {
      const ours = held.get(workspace);
      if (ours !== undefined) {
        ours.runs.add(run_id);
        return true;
      }
      const taken = await lock.acquire(pathOf(workspace), { wait_ms: 0, command: `loopx-loop looper: ${run_id}` });
      if (taken.kind === "busy") return false;
      held.set(workspace, { lock: taken, runs: new Set([run_id]) });
      return true;
    },
    release: async (run_id) => {
      for (const [workspace, { lock: taken, runs }] of held) {
        if (!runs.delete(run_id) || runs.size > 0) continue;
        held.delete(workspace);
        await taken.release();
      }
    },
    releaseAll: async () => {
      const all = [...held.values()];
      held.clear();
      for (const { lock: taken } of all) await taken.release();
    },
  };
}
