/** The rule trace of a verdict, and for it the one command that would change it (DEC-40). */
import { decide } from "../domain/quota/decide.ts";
import { errorOf, type VerdictError } from "../domain/quota/verdict-error.ts";
import { explain, type Why } from "../domain/quota/why.ts";
import { gatherFacts } from "./gather.ts";
import { chooseGoalOf } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `why` (CMD-81). */
export interface WhyInput {
  readonly goal_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly cwd: string;
}

/** The explanation, with an error where there is no goal to explain: an unreadable registry, a goal nobody has (CMD-20). */
export interface WhyResult extends Why {
  readonly error: VerdictError | null;
}

const NO_GOAL: ReadonlySet<string> = new Set(["registry_unreadable", "goal_not_found"]);

/** Which rules were asked, which one answered and on what facts; every command runs as printed. Writes nothing. */
export const why = observed("why", async (host, input: WhyInput): Promise<WhyResult> => {
  const now = momentOf(host.clock);
  const { facts } = await gatherFacts(
    host,
    { goal_id: await chooseGoalOf(host, input.goal_id), agent_id: input.agent_id, cwd: input.cwd, explains: true },
    now,
  );
  const decision = decide(facts, now);
  return { ...explain(decision, facts, now, host.locale), error: NO_GOAL.has(decision.rule) ? errorOf(decision) : null };
});
