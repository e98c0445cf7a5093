import type { CycleResult } from "./cycle.ts";

/** What each result means to a shell (WTL-3). */
export const RESULT_EXITS: Readonly<Record<CycleResult, 0 | 1 | 3>> = {
  validated: 0,
  promoted: 0,
  gate_failed: 1,
  fix_exhausted: 1,
  deploy_failed: 1,
  rejected: 1,
  awaiting_gate: 1,
  skipped_quota: 1,
  main_dirty: 1,
  wrong_branch: 1,
  busy: 3,
  base_moved: 3,
  infra_error: 3,
  aborted: 3,
};
