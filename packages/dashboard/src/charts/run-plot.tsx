/** Runs over time: higher is closer to the goal, larger is a larger delivery. The list below says the same in words. */
import { scaleBand, scaleUtc } from "d3-scale";
import { line } from "d3-shape";
import type { RunPoint } from "@loopx/core/domain";
import { useWords } from "../settings.ts";

const OUTCOMES = ["primary_goal_outcome", "outcome_progress", "outcome_gap", "surface_only", "not_configured", "unknown"] as const;
const SIZES: Readonly<Record<string, number>> = { test_only: 4, single_surface: 5.5, multi_surface: 7.5, implementation: 10, unknown: 4 };
const STAR = "M0-18l1.8 3.7 4 .5-3 2.8.8 4L0-9l-3.6 2 .8-4-3-2.8 4-.5z";
const WIDTH = 760;
const HEIGHT = 230;
const LEFT = 112;

export function RunPlot({ runs }: { readonly runs: readonly RunPoint[] }) {
  const words = useWords();
  const points = runs
    .map((run) => ({ run, at: Date.parse(run.generated_at) }))
    .filter(({ at }) => !Number.isNaN(at))
    .toSorted((a, b) => a.at - b.at);
  const shown = OUTCOMES.filter(
    (outcome) => outcome.startsWith("outcome") || outcome.startsWith("primary") || points.some(({ run }) => run.outcome === outcome),
  );
  const times = points.map(({ at }) => at);
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const pad = Math.max(60_000, (last - first) * 0.03);
  const x = scaleUtc([first - pad, last + pad], [LEFT, WIDTH - 16]);
  const y = scaleBand([...shown], [8, HEIGHT - 34]);
  const middle = (outcome: string): number => (y(outcome as (typeof shown)[number]) ?? 0) + y.bandwidth() / 2;
  const goals = new Set(points.map(({ run }) => run.goal_id));
  // A line between runs of different goals would tell of a way that nobody went.
  const path =
    goals.size > 1
      ? null
      : line<(typeof points)[number]>(
          ({ at }) => x(at),
          ({ run }) => middle(run.outcome),
        )(points);
  const lang = words.lang === "zh" ? "zh-CN" : "en";
  const tick = new Intl.DateTimeFormat(
    lang,
    last - first > 2 * 86_400_000 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  );
  return (
    <figure className="plot">
      <figcaption>
        <strong>{words.run_plot}</strong>
        <span>{words.run_plot_about(points.length)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${words.run_plot}. ${words.run_plot_about(points.length)}`}>
        {shown.map((outcome) => (
          <g key={outcome}>
            <line className="grid" x1={LEFT} x2={WIDTH - 16} y1={middle(outcome)} y2={middle(outcome)} />
            <text className="label" x={LEFT - 12} y={middle(outcome)} dy="0.35em" textAnchor="end">
              {words.outcome[outcome]}
            </text>
          </g>
        ))}
        {x.ticks(6).map((at) => (
          <text key={at.getTime()} className="label" x={x(at)} y={HEIGHT - 8} textAnchor="middle">
            {tick.format(at)}
          </text>
        ))}
        {path === null ? null : <path className="way" d={path} />}
        {points.map(({ run, at }) => (
          <g key={run.run_id} className={`mark outcome-${run.outcome}`} transform={`translate(${x(at)} ${middle(run.outcome)})`}>
            <title>{`${goals.size > 1 ? `${run.goal_id}: ` : ""}${run.classification}: ${words.outcome[run.outcome] ?? run.outcome}, ${words.scale[run.scale] ?? run.scale}`}</title>
            <circle r={SIZES[run.scale] ?? 4} />
            {run.human_reward === undefined ? null : <path className="star" d={STAR} />}
          </g>
        ))}
      </svg>
      <ul className="legend" aria-hidden="true">
        {(["test_only", "single_surface", "multi_surface", "implementation"] as const).map((scale) => (
          <li key={scale}>
            <svg viewBox="-11 -11 22 22">
              <circle r={SIZES[scale]} />
            </svg>
            {words.scale[scale]}
          </li>
        ))}
        {points.some(({ run }) => run.human_reward !== undefined) ? (
          <li>
            <svg viewBox="-11 -22 22 22">
              <path className="star" d={STAR} />
            </svg>
            {words.judged}
          </li>
        ) : null}
      </ul>
    </figure>
  );
}
