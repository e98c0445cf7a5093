/** The newest runs of all goals. */
import type { RunPoint, ShownRun } from "@loopx/core/domain";
import { RunPlot } from "../charts/run-plot.tsx";
import type { Known } from "../live.ts";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { Outcome, When } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

export function Runs({ known }: { readonly known: Known }) {
  const words = useWords();
  // What was paid is shown with its goal; it is no delivery.
  const runs = known.status.run_history.runs.filter((run) => run["quota_event"] === undefined).map(graded);
  if (runs.length === 0) return <Empty title={words.no_runs} about={words.no_runs_about} />;
  return (
    <>
      <RunPlot runs={runs} />
      <RunTable runs={runs} withGoal />
    </>
  );
}

/** A run with the grades it says itself. */
function graded(run: ShownRun): RunPoint {
  const said = (key: string): string => (typeof run[key] === "string" ? run[key] : "unknown");
  return { ...run, outcome: said("delivery_outcome") as RunPoint["outcome"], scale: said("delivery_batch_scale") as RunPoint["scale"] };
}

/** Runs as a table, newest first. */
export function RunTable({ runs, withGoal = false }: { readonly runs: readonly RunPoint[]; readonly withGoal?: boolean }) {
  const words = useWords();
  return (
    <div className="table" tabIndex={0} role="region" aria-label={words.runs_title}>
      <table>
        <thead>
          <tr>
            {withGoal ? <th scope="col">{words.goal}</th> : null}
            <th scope="col">{words.classification}</th>
            <th scope="col">{words.outcome_title}</th>
            <th scope="col">{words.scale_title}</th>
            <th scope="col">{words.judged}</th>
            <th scope="col">{words.when}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_id}>
              {withGoal ? (
                <td>
                  <Link className="name" to={{ view: "goals", goal: run.goal_id, tab: "runs" }}>
                    {run.goal_id}
                  </Link>
                </td>
              ) : null}
              <td className="mono">{run.classification}</td>
              <td>
                <Outcome outcome={run.outcome} />
              </td>
              <td>{words.scale[run.scale] ?? run.scale}</td>
              <td>
                <Link to={{ view: "goals", goal: run.goal_id, tab: "rewards", run: run.run_id }}>
                  {run.human_reward === undefined ? words.judge : (words.rewards[run.human_reward.reward] ?? run.human_reward.reward)}
                </Link>
              </td>
              <td>
                <When at={run.generated_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
