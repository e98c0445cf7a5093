import { describe, expect, it } from "vitest";
import { freshItem, type Item } from "./item.ts";
import { statusCard } from "./status-card.ts";
import { giteaStatus, type StatusFacts } from "./status.ts";

const AT = "2026-03-01T10:00:00+00:00";
const NOW = { ms: Date.parse("2026-03-01T10:02:00Z"), offset_minutes: 0 };
const CURSOR = { comment_id: 0, review_id: 0, timeline_id: 0, body: null };

function item(number: number, more: Partial<Item> = {}): Item {
  const fresh = {
    repo: "acme/tool",
    number,
    is_pull: false,
    step: "work",
    cause: "bot_label",
    by: null,
    title: "",
    priority: false,
  } as const;
  return { ...freshItem({ ...fresh, cursor: CURSOR, queued_at: AT, foreign: false }), ...more };
}

function facts(more: Partial<StatusFacts> = {}): StatusFacts {
  const last_good = { poll: "2026-03-01T10:01:50+00:00", scan: null, reconcile: null };
  const latency = { p50: 3, p95: 17 };
  const health = { at: AT, healthy: true, last_good, ignored: { closed: 2 }, latency, errors: [], missing_labels: {}, config_fault: null };
  return {
    items: [
      item(2, { state: "running", run_id: "run_1", history: [{ at: AT, decision: "dispatch", reason: "started" }] }),
      item(1),
      item(3, { state: "done" }),
    ],
    control: { kind: "run", reason: "" },
    health,
    config_fault: null,
    leases: [],
    limits: { worker: 600, reviewer: 300 },
    poll_delay: 15,
    runner: () => "codex",
    now: NOW,
    ...more,
  };
}

describe("the status (DSP-80)", () => {
  it("shows queue, runs, reasons, latency and the age of the last good poll", () => {
    expect(giteaStatus(facts())).toMatchObject({
      healthy: true,
      paused: null,
      last_good_poll_age_seconds: 10,
      queue: [
        { item: "acme/tool#1", state: "queued", step: "work", reason: "bot_label", age_seconds: 120 },
        { item: "acme/tool#2", state: "running" },
      ],
      runs: [{ run: "run_1", item: "acme/tool#2", step: "work", runner: "codex", age_seconds: 120, limit_seconds: 600 }],
      ignored: { closed: 2 },
      latency: { notification_to_start: { p50: 3, p95: 17 } },
    });
  });

  it("is unhealthy when the last good poll is ten delays old, and when the configuration is broken (DSP-6, DSP-13)", () => {
    const { health } = facts();
    if (health === null) throw new Error("there is health");
    expect(giteaStatus(facts({ poll_delay: 1 })).healthy).toBe(true);
    expect(giteaStatus(facts({ now: { ...NOW, ms: NOW.ms + 150_000 } })).healthy).toBe(false);
    expect(giteaStatus(facts({ health: { ...health, healthy: false, config_fault: "gitea.yaml:3: x" } }))).toMatchObject({
      healthy: false,
      errors: ["gitea.yaml:3: x"],
    });
  });

  it("says why it is paused, and is a Lark card too", () => {
    const status = giteaStatus(facts({ control: { kind: "paused", reason: "the server moves" } }));
    expect(status.paused).toBe("paused: the server moves");
    expect(JSON.stringify(statusCard(status))).toContain("acme/tool#2");
  });
});
