/** Slots spent inside the window that counts, as a staircase below what is allowed. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import type { QuotaView, SpendPoint } from "@loopx/core/domain";
import { useWords } from "../settings.ts";

const WIDTH = 760;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 66;

export function QuotaPlot({ quota, spends }: { readonly quota: QuotaView; readonly spends: readonly SpendPoint[] }) {
  const words = useWords();
  const now = Date.now();
  const from = now - quota.window_hours * 3_600_000;
  let sum = 0;
  const steps = spends
    .map(({ generated_at, slots }) => ({ at: Date.parse(generated_at), slots }))
    .filter(({ at }) => at >= from)
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, slots }) => ({ at, total: (sum += slots) }));
  const points = [{ at: from, total: 0 }, ...steps, { at: now, total: sum }];
  // A limit far above what was spent would press the staircase flat.
  const top = quota.allowed_slots <= Math.max(8, sum * 6) ? Math.max(quota.allowed_slots, sum, 1) : Math.max(4, Math.ceil(sum * 1.5));
  const x = scaleUtc([from, now], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear([0, top], [HEIGHT - 34, 14]).nice();
  const shape = area<(typeof points)[number]>(
    ({ at }) => x(at),
    y(0),
    ({ total }) => y(total),
  ).curve(curveStepAfter)(points);
  const edge = line<(typeof points)[number]>(
    ({ at }) => x(at),
    ({ total }) => y(total),
  ).curve(curveStepAfter)(points);
  const about = words.quota_plot_about(quota.spent_slots, quota.allowed_slots, quota.window_hours);
  const tick = new Intl.DateTimeFormat(words.lang === "zh" ? "zh-CN" : "en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (
    <figure className="plot">
      <figcaption>
        <strong>{words.quota_plot}</strong>
        <span>{about}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={about}>
        {y
          .ticks(4)
          .filter(Number.isInteger)
          .map((value) => (
            <g key={value}>
              <line className="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
              <text className="label" x={LEFT - 10} y={y(value)} dy="0.35em" textAnchor="end">
                {value}
              </text>
            </g>
          ))}
        {x.ticks(6).map((at) => (
          <text key={at.getTime()} className="label" x={x(at)} y={HEIGHT - 8} textAnchor="middle">
            {tick.format(at)}
          </text>
        ))}
        {quota.allowed_slots <= (y.domain()[1] ?? 0) ? (
          <g className="limit">
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(quota.allowed_slots)} y2={y(quota.allowed_slots)} />
            <text x={WIDTH - RIGHT + 6} y={y(quota.allowed_slots)} dy="0.35em">
              {words.allowed}
            </text>
          </g>
        ) : null}
        {shape === null ? null : <path className="spent" d={shape} />}
        {edge === null ? null : <path className="edge" d={edge} />}
        <circle className="edge-end" cx={x(now)} cy={y(sum)} r="4" />
        <text className="label" x={WIDTH - RIGHT + 8} y={y(sum)} dy="0.35em">
          {words.now}
        </text>
      </svg>
    </figure>
  );
}
