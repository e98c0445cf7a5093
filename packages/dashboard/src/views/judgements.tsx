/** What people said about runs, and the form to say more. */
import type { RunPoint, WindowCapabilities } from "@loopx/core/domain";
import { RewardForm } from "../forms/reward-form.tsx";
import { Empty } from "../parts/notice.tsx";
import { When } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

export function Judgements({
  api,
  goal_id,
  runs,
  run_id,
}: {
  readonly api: WindowCapabilities;
  readonly goal_id: string;
  readonly runs: readonly RunPoint[];
  readonly run_id: string;
}) {
  const words = useWords();
  const judged = runs.flatMap((run) => (run.human_rewards ?? []).map((reward) => ({ run, reward }))).toReversed();
  const newest = judged.toSorted((a, b) => (a.reward.recorded_at < b.reward.recorded_at ? 1 : -1));
  return (
    <>
      {runs.length === 0 ? (
        <Empty title={words.no_runs} about={words.no_runs_about} />
      ) : (
        <section>
          <h3>{words.judge_title}</h3>
          <p className="quiet">{words.judge_about}</p>
          <div className="card judge">
            <RewardForm api={api} goal_id={goal_id} runs={runs} run_id={run_id} />
          </div>
        </section>
      )}
      <section>
        <h3>{words.judgements}</h3>
        {newest.length === 0 ? <p className="quiet">{words.no_judgements}</p> : null}
        <ul className="stack">
          {newest.map(({ run, reward }) => (
            <li key={`${run.run_id} ${reward.overlay_id ?? reward.recorded_at}`} className={`card judgement reward-${reward.reward}`}>
              <header>
                <strong>{words.rewards[reward.reward] ?? reward.reward}</strong>
                <span className="mono quiet">{run.classification}</span>
                <span className="spread" />
                <When at={reward.recorded_at} />
              </header>
              <p>{reward.reason_summary}</p>
              {reward.lesson === undefined ? null : (
                <div className="lesson">
                  <p>
                    <span className="badge">{words.lesson_kinds[reward.lesson.kind] ?? reward.lesson.kind}</span> {reward.lesson.summary}
                  </p>
                  {reward.lesson.avoid.length === 0 ? null : <p className="quiet">{`${words.avoid}: ${reward.lesson.avoid.join("; ")}`}</p>}
                  {reward.lesson.prefer.length === 0 ? null : (
                    <p className="quiet">{`${words.prefer}: ${reward.lesson.prefer.join("; ")}`}</p>
                  )}
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
