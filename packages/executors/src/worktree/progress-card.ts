/** A cycle as one card that is updated from notice to notice (WTL-87, `notify.style: card`). Pure. */
import { instantMs, type Locale, type Moment } from "@loopx/core/domain";
import { buildProgressCard, type Card, type ProgressInput } from "@loopx/lark-card";
import type { Cycle, Phase } from "./cycle.ts";

type Shown = "build" | "start_test" | "fast_gate" | "slow_gate" | "promote" | "deploy";

const LABELS: Readonly<Record<Locale, Readonly<Record<Shown, string>>>> = {
  en: {
    build: "build",
    start_test: "start test server",
    fast_gate: "fast gate",
    slow_gate: "slow gate",
    promote: "promote",
    deploy: "deploy",
  },
  zh: { build: "构建", start_test: "启动测试服务", fast_gate: "快速测试", slow_gate: "完整测试", promote: "合入", deploy: "部署" },
};
const PLACE: Readonly<Partial<Record<Phase, Shown>>> = {
  build: "build",
  start_test: "start_test",
  fast_gate: "fast_gate",
  slow_gate: "slow_gate",
  approve: "promote",
  promote: "promote",
  deploy_test: "deploy",
  deploy_main: "deploy",
  roll_back: "deploy",
};
const FAILED_AT = { build: "build", start_test: "start_test", fast: "fast_gate", slow: "slow_gate" } as const;
/** Where a cycle without a failing step came to its end. */
const ENDED_AT: Readonly<Record<string, Shown>> = {
  main_dirty: "promote",
  wrong_branch: "promote",
  base_moved: "promote",
  rejected: "promote",
  awaiting_gate: "promote",
  deploy_failed: "deploy",
};

/** The card of this moment; the same cycle keeps the same one in the chat. */
export function progressCard(cycle: Cycle, goal_id: string | null, now: Moment, locale: Locale): Card {
  const since = instantMs(cycle.started_at) ?? now.ms;
  return buildProgressCard({
    cycle_id: cycle.cycle_id,
    goal_id,
    profile: cycle.profile,
    base_sha: cycle.base_sha,
    candidate_sha: cycle.candidate_sha,
    attempt: cycle.attempt,
    max_attempts: cycle.limits.max_cycles,
    phases: phasesOf(cycle, locale),
    ...(cycle.result === null ? {} : { result: cycle.result }),
    elapsed_seconds: Math.max(0, Math.floor((now.ms - since) / 1_000)),
    locale,
  });
}

function phasesOf(cycle: Cycle, locale: Locale): ProgressInput["phases"] {
  const optional: readonly (readonly [Shown, boolean])[] = [
    ["start_test", cycle.starts_test],
    ["slow_gate", cycle.has_slow_gate],
  ];
  const absent = new Set(optional.filter(([, is]) => !is).map(([id]) => id));
  const all = (Object.keys(LABELS.en) as Shown[]).filter((id) => !absent.has(id));
  const good = cycle.result === "validated" || cycle.result === "promoted";
  const failed = cycle.failure === null ? ENDED_AT[cycle.result ?? ""] : FAILED_AT[cycle.failure.tier];
  const running = PLACE[cycle.phase];
  const at = failed ?? running;
  const reached = good ? all.length : at === undefined ? 0 : all.indexOf(at);
  return all.map((id, index) => ({
    id,
    label: LABELS[locale][id],
    state: index < reached ? "passed" : index > reached || at === undefined ? "pending" : failed === undefined ? "running" : "failed",
    ...(id === failed && cycle.failure !== null ? { detail: cycle.failure.step } : {}),
  }));
}
