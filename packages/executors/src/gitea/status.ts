/** `status`: the queue, the runs, the leases and the health, from what the service keeps on disk (DSP-80). It writes nothing. */
import { instantMs, type Moment } from "@loopx/core/domain";
import type { Lease } from "@loopx/core";
import type { Health } from "./health.ts";
import type { Control } from "./control.ts";
import { isFinal, itemKey, type Item } from "./item.ts";
import { inOrder } from "./queue.ts";

export interface StatusFacts {
  readonly items: readonly Item[];
  readonly control: Control;
  readonly health: Health | null;
  /** What is wrong with the configuration now; a running service goes on with the last good one. */
  readonly config_fault: string | null;
  readonly leases: readonly Lease[];
  readonly limits: { readonly worker: number; readonly reviewer: number };
  /** Seconds; a last good poll that is ten times as old is unhealthy (DSP-13). */
  readonly poll_delay: number;
  readonly runner: (item: Item) => string;
  readonly now: Moment;
}

export interface GiteaStatus {
  readonly healthy: boolean;
  readonly paused: string | null;
  readonly last_good: Health["last_good"];
  readonly last_good_poll_age_seconds: number | null;
  readonly queue: readonly {
    readonly item: string;
    readonly state: string;
    readonly step: string;
    readonly reason: string;
    readonly age_seconds: number;
    readonly round: number;
    readonly attempts: number;
  }[];
  readonly runs: readonly {
    readonly run: string;
    readonly item: string;
    readonly step: string;
    readonly runner: string;
    readonly age_seconds: number;
    readonly limit_seconds: number;
  }[];
  readonly leases: readonly { readonly item: string; readonly token: number; readonly expires_at: string }[];
  readonly ignored: Readonly<Record<string, number>>;
  readonly latency: { readonly notification_to_start: Health["latency"] };
  readonly missing_labels: Health["missing_labels"];
  readonly errors: readonly string[];
}

const NEVER = { poll: null, scan: null, reconcile: null } as const;

export function giteaStatus({ items, control, health, leases, limits, poll_delay, runner, now, ...facts }: StatusFacts): GiteaStatus {
  const age = (at: string): number => Math.max(0, Math.round((now.ms - (instantMs(at) ?? now.ms)) / 1_000));
  const open = inOrder(items.filter((item) => !isFinal(item)));
  const config_fault = health?.config_fault ?? facts.config_fault;
  const polled = health?.last_good.poll ?? null;
  return {
    healthy: config_fault === null && (health === null || (health.healthy && polled !== null && age(polled) <= 10 * poll_delay)),
    paused: control.kind === "run" ? null : control.reason === "" ? control.kind : `${control.kind}: ${control.reason}`,
    last_good: health?.last_good ?? NEVER,
    last_good_poll_age_seconds: polled === null ? null : age(polled),
    queue: open.map((item) => ({
      item: itemKey(item),
      state: item.state,
      step: item.step,
      reason: item.last_reason,
      age_seconds: age(item.queued_at),
      round: item.round,
      attempts: item.attempts,
    })),
    runs: open
      .filter(({ state, run_id }) => state === "running" && run_id !== null)
      .map((item) => ({
        run: item.run_id ?? "",
        item: itemKey(item),
        step: item.step,
        runner: runner(item),
        age_seconds: age(item.history.findLast(({ decision }) => decision === "dispatch")?.at ?? item.queued_at),
        limit_seconds: item.step === "review" ? limits.reviewer : limits.worker,
      })),
    leases: leases
      .filter(({ state, expires_at }) => state === "held" && (instantMs(expires_at) ?? 0) > now.ms)
      .map(({ item = "", token, expires_at }) => ({ item, token, expires_at })),
    ignored: health?.ignored ?? {},
    latency: { notification_to_start: health?.latency ?? { p50: null, p95: null } },
    missing_labels: health?.missing_labels ?? {},
    errors: [...(config_fault === null ? [] : [config_fault]), ...(health?.errors ?? [])],
  };
}
