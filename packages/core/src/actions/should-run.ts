/** The verdict: may this goal work now, on what, within which bounds, and who has to act if not (DESIGN section 4). */
import { printedBytes } from "../domain/quota/budget.ts";
import { decide } from "../domain/quota/decide.ts";
import { exitCodeOf } from "../domain/quota/exit-code.ts";
import { errorOf, type VerdictError } from "../domain/quota/verdict-error.ts";
import { verdictOf, type Verdict } from "../domain/quota/verdict.ts";
import { gatherFacts } from "./gather.ts";
import { chooseGoalOf } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { scan } from "./scan.ts";

/** The flags of `quota should-run` (CMD-80); without a goal id the only goal of the registry. */
export interface ShouldRunInput {
  readonly goal_id?: string | undefined;
  readonly agent_id?: string | undefined;
  /** Where the caller stands; decides the workspace guard of side agents. */
  readonly cwd: string;
  readonly detail?: boolean | undefined;
  readonly exit_code?: boolean | undefined;
  readonly scan_path?: readonly string[] | undefined;
  readonly scan_root?: string | undefined;
  /** Bytes the caller will add to the printed object; the 4,096 of DEC-51 hold with them. */
  readonly reserve_bytes?: number | undefined;
}

/** The verdict, the error beside it, and what both mean to a shell. */
export interface ShouldRunResult {
  readonly verdict: Verdict;
  /** Stands beside the whole verdict when it is `ok:false` (DEC-35). */
  readonly error: VerdictError | null;
  /** DEC-36: 0 run, 10 quiet, 11 a person, 12 paused or throttled, 13 unhealthy when `exit_code` was asked for. */
  readonly exit_code: number;
}

/** The verdict of one goal. Nothing is written, not even for an unknown goal. */
export const shouldRun = observed("should_run", async (host, input: ShouldRunInput): Promise<ShouldRunResult> => {
  const now = momentOf(host.clock);
  const goalId = await chooseGoalOf(host, input.goal_id);
  const { facts } = await gatherFacts(
    host,
    {
      goal_id: goalId,
      agent_id: input.agent_id,
      cwd: input.cwd,
      scan: (await scan(host, input)).hits,
      keep: input.detail === true ? 5 : 1,
      survey: input.detail !== true,
    },
    now,
  );
  const decision = decide(facts, now);
  const error = errorOf(decision);
  const verdict = verdictOf(decision, facts, now, {
    locale: host.locale,
    detail: input.detail ?? false,
    reserve_bytes: (input.reserve_bytes ?? 0) + (error === null ? 0 : printedBytes({ error })),
  });
  return { verdict, error, exit_code: exitCodeOf(decision, { exit_code: input.exit_code ?? false }) };
});
