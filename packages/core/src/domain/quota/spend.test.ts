import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import type { ExecutionProfile } from "../goal/entry.ts";
import { readExecutionProfile } from "../goal/execution-profile.ts";
import type { JsonObject } from "../json.ts";
import { createFold, type FoldEntry } from "../run/fold.ts";
import { createCitationReader } from "./citation.ts";
import type { CitationLedger } from "./citation-ledger.ts";
import { artifactCandidates } from "./citation-choice.ts";
import { monitorPollRow, spentRow, voidedRow } from "./event.ts";
import { QuotaPollEventSchema, QuotaSpentEventSchema, QuotaVoidedEventSchema } from "./event-schema.ts";
import { quotaFacts } from "./ledger.ts";
import { decideSpend } from "./spend.ts";
import type { SpendInput } from "./spend-input.ts";
import { decideVoid } from "./void.ts";

const NOW = { ms: Date.parse("2026-11-21T12:00:00Z"), offset_minutes: 0 };
const PROFILE: ExecutionProfile = readExecutionProfile(undefined, () => undefined);
const POLICY = { compute: 1, window_hours: 24, slot_minutes: 1, allowed_slots: 10 };
const RUNS = { rule: "advance_todo", should_run: true, delivery_allowed: true };
const QUIET = { rule: "monitor_quiet", should_run: false, delivery_allowed: false };

const at = (minutesAgo: number): string => new Date(NOW.ms - minutesAgo * 60_000).toISOString();

function row(run_id: string, minutesAgo: number, fields: JsonObject = {}): JsonObject {
  const place = `/r/goals/g1/runs/${run_id}`;
  return {
    generated_at: at(minutesAgo),
    goal_id: "g1",
    classification: "parser_implementation",
    recommended_action: "continue",
    health_check: "ok",
    json_path: `${place}.json`,
    markdown_path: `${place}.md`,
    delivery_batch_scale: "implementation",
    ...fields,
    run_id,
  };
}

const FULL: JsonObject = { delivery_outcome: "outcome_progress" };
const spent = (run_id: string, minutesAgo: number, cites: string | null, fields: JsonObject = {}): JsonObject =>
  row(run_id, minutesAgo, {
    classification: "quota_slot_spent",
    quota_event: { slots: 1, ...(cites === null ? {} : { delivery_run_id: cites }) },
    ...fields,
  });
const voided = (run_id: string, minutesAgo: number, spend: string, key: string): JsonObject =>
  row(run_id, minutesAgo, {
    classification: "quota_slot_voided",
    quota_event: { slots: 1, voided_run_id: spend, voided_run_generated_at: key },
  });

function entries(rows: readonly JsonObject[]): FoldEntry[] {
  return rows.map((record, index) => ({ kind: "record", line: index + 1, position: index, record, text: JSON.stringify(record) }));
}

function ledgerOf(rows: readonly JsonObject[]): CitationLedger {
  const reader = createCitationReader({ goal_id: "g1", now_ms: NOW.ms, digest: nodeDigest });
  for (const entry of entries(rows)) reader.add(entry);
  return reader.finish();
}

function quotaOf(rows: readonly JsonObject[], policy = POLICY, status = "active") {
  const fold = createFold({ goal_id: "g1", keep: 5, spends_since_ms: 0, digest: nodeDigest });
  for (const entry of entries(rows)) fold.add(entry);
  return quotaFacts(policy, status, fold.finish(""), NOW).quota;
}

type Change = Partial<Omit<SpendInput, "request">> & { request?: Partial<SpendInput["request"]>; policy?: typeof POLICY };

function ask(rows: readonly JsonObject[], change: Change = {}) {
  const { request, policy, ...rest } = change;
  const ledger = ledgerOf(rows);
  return decideSpend({
    decision: RUNS,
    quota: quotaOf(rows, policy, change.goal_status),
    goal_status: "active",
    agents: { registered: [], primary: null },
    profile: PROFILE,
    ledger,
    artifacts_present: new Set(ledger.records.map((record) => record.run_id)),
    ...rest,
    request: { slots: 1, source: "heartbeat", agent_id: null, ...request },
  });
}

const reasonOf = (decision: ReturnType<typeof ask>): string =>
  decision.kind === "refused" ? decision.reason : `cited ${decision.cited?.run_id ?? "nothing"}`;

describe("an executed spend", () => {
  it("cites the newest unspent record and says what the quota is before and after (DEC-60, DEC-61)", () => {
    const decision = ask([row("run_a", 30), row("run_b", 20)]);
    expect(decision).toMatchObject({
      kind: "accepted",
      cited: { run_id: "run_b" },
      before: { spent_slots: 0, remaining_slots: 10, state: "eligible" },
      after: { spent_slots: 1, remaining_slots: 9, state: "eligible" },
      would_throttle: false,
    });
    expect(ask([row("run_a", 30)], { policy: { ...POLICY, allowed_slots: 1 } })).toMatchObject({
      would_throttle: true,
      after: { state: "throttled" },
    });
  });

  it.each([
    ["contract_broken", {}, "goal_unhealthy"],
    ["registry_unreadable", {}, "goal_unhealthy"],
    ["health_blocked", {}, "goal_unhealthy"],
    ["agent_not_registered", {}, "goal_unhealthy"],
    ["paused", {}, "paused"],
    ["identity_required", {}, "identity_required"],
    ["workspace_guard", {}, "workspace_guard"],
    ["user_gate", { workspace_refused: true }, "workspace_guard"],
  ])("under the rule %s is refused as %s (DEC-60)", (rule, more, reason) => {
    expect(reasonOf(ask([row("run_a", 9, FULL)], { decision: { ...QUIET, rule }, ...more }))).toBe(reason);
  });

  it("is refused when throttled, also behind a gate, and when it would exceed (DEC-60)", () => {
    const rows = [row("run_a", 30, FULL), spent("run_s", 20, "run_a"), row("run_b", 10, FULL)];
    expect(reasonOf(ask(rows, { policy: { ...POLICY, allowed_slots: 1 }, decision: { ...QUIET, rule: "user_gate" } }))).toBe("throttled");
    expect(reasonOf(ask(rows, { policy: { ...POLICY, allowed_slots: 3 }, request: { slots: 3 } }))).toBe("would_exceed");
    expect(reasonOf(ask(rows, { goal_status: "Paused" }))).toBe("paused");
  });

  it("pays a record once, and by default never one behind the last paid (DEC-61)", () => {
    const rows = [row("run_a", 40), row("run_b", 30), spent("run_s", 20, "run_b")];
    expect(reasonOf(ask(rows))).toBe("record_already_spent");
    expect(reasonOf(ask([]))).toBe("nothing_to_cite");
    expect(reasonOf(ask(rows, { request: { run_id: "run_a" } }))).toBe("cited run_a");
    expect(ask(rows, { request: { run_id: "run_b" } })).toMatchObject({
      reason: "record_already_spent",
      details: { spent_by: { run_id: "run_s" } },
    });
    expect(reasonOf(ask([...rows, voided("run_v", 10, "run_s", at(20))]))).toBe("cited run_b");
  });

  it("takes an older spend without citation as paying for the newest free record before it (DEC-61)", () => {
    const rows = [
      row("run_a", 50),
      row("run_b", 40),
      spent("run_s", 30, null),
      row("run_c", 25),
      spent("run_t", 20, null),
      spent("run_u", 19, null),
    ];
    expect(ledgerOf(rows).spends.map((spend) => spend.cites?.run_id ?? null)).toEqual(["run_a", "run_c", "run_b"]);
    expect(reasonOf(ask(rows))).toBe("record_already_spent");
    expect(reasonOf(ask(rows, { request: { run_id: "run_a" } }))).toBe("record_already_spent");
    const named = [row("run_a", 50), row("run_b", 40), spent("run_s", 30, null), spent("run_t", 20, "run_b")];
    expect(ledgerOf(named).spends.map((spend) => spend.cites?.run_id)).toEqual(["run_b", "run_a"]);
  });

  it("after an uncited spend cites by default only what is newer than that spend (DEC-61)", () => {
    expect(reasonOf(ask([row("run_a", 50), row("run_b", 40), spent("run_s", 30, null)]))).toBe("record_already_spent");
    expect(reasonOf(ask([row("run_a", 50), spent("run_s", 30, null), row("run_b", 20)]))).toBe("cited run_b");
  });

  it("ignores rows later than now (DEC-61)", () => {
    expect(reasonOf(ask([row("run_a", 20), row("run_f", -10), spent("run_s", -5, "run_a")]))).toBe("cited run_a");
  });

  it("never cites quota rows, gate answers or overlays (DEC-62)", () => {
    const base = row("run_a", 30);
    const rows = [
      base,
      spent("run_s", 20, "run_a"),
      row("run_g", 10, { classification: "operator_gate_approved", operator_gate: { gate: "x" } }),
      { ...base, human_reward: { reward: "mixed" } },
    ];
    expect(reasonOf(ask(rows))).toBe("record_already_spent");
    expect(reasonOf(ask(rows, { request: { run_id: "run_g" } }))).toBe("run_not_found");
  });

  it("selects a record by its time, in any zone; several are ambiguous (CMD-83)", () => {
    const rows = [row("run_a", 30), row("run_b", 30), row("run_c", 20)];
    expect(reasonOf(ask(rows, { request: { run_generated_at: at(20).replace("Z", "+00:00") } }))).toBe("cited run_c");
    expect(ask(rows, { request: { run_generated_at: at(30) } })).toMatchObject({
      reason: "ambiguous_target",
      details: { run_ids: ["run_b", "run_a"] },
    });
    expect(reasonOf(ask(rows, { request: { run_id: "run_z" } }))).toBe("run_not_found");
  });
});

describe("evidence (DEC-62)", () => {
  const evidence = { delivery_evidence: { artifacts: ["src/a.ts"], validation: "tests pass" }, state: { sha256_16: "0123456789abcdef" } };

  it.each<[string, JsonObject, JsonObject, string]>([
    ["full evidence under a quiet verdict", evidence, QUIET, "cited run_a"],
    ["an explicit outcome under a quiet verdict", FULL, QUIET, "cited run_a"],
    ["basic evidence under a quiet verdict", {}, QUIET, "record_not_qualified"],
    ["basic evidence under a bounded verdict", {}, { ...RUNS, delivery_allowed: false }, "record_not_qualified"],
    ["evidence without a state", { delivery_evidence: evidence.delivery_evidence }, QUIET, "record_not_qualified"],
    ["evidence without an artifact", { ...evidence, delivery_evidence: { artifacts: [], validation: "x" } }, QUIET, "record_not_qualified"],
    ["no health check", { health_check: "" }, RUNS, "record_not_qualified"],
    ["a map", { classification: "read_only_project_map" }, RUNS, "record_not_qualified"],
  ])("%s", (_name, fields, decision, expected) => {
    expect(reasonOf(ask([row("run_a", 9, fields)], { decision: decision as SpendInput["decision"] }))).toBe(expected);
  });

  it("is missing when the artifact files are gone", () => {
    expect(ask([row("run_a", 9)], { artifacts_present: new Set() })).toMatchObject({
      reason: "record_not_qualified",
      details: { missing: ["artifact_files"] },
    });
    expect(reasonOf(ask([row("run_a", 9), row("run_b", 5)], { artifacts_present: new Set(["run_a"]) }))).toBe("cited run_a");
  });

  it("of an agent is paid for by that agent or the primary", () => {
    const rows = [row("run_a", 9, { agent_id: "side" })];
    const agents = { registered: ["main", "side", "third"], primary: "main" };
    expect(reasonOf(ask(rows, { agents, request: { agent_id: "third" } }))).toBe("record_of_another_agent");
    expect(reasonOf(ask(rows, { agents, request: { agent_id: "side" } }))).toBe("cited run_a");
    expect(reasonOf(ask(rows, { agents, request: { agent_id: "main" } }))).toBe("cited run_a");
    expect(reasonOf(ask(rows, { request: { agent_id: "label" } }))).toBe("cited run_a");
    const paid = [...rows, spent("run_s", 5, "run_a", { agent_id: "side" }), row("run_b", 20, { agent_id: "main" })];
    expect(reasonOf(ask(paid, { agents, request: { agent_id: "main" } }))).toBe("cited run_b");
  });

  it("names the records whose files have to be looked up", () => {
    const ledger = ledgerOf([row("run_a", 30), spent("run_s", 20, "run_a"), row("run_b", 10)]);
    const asked = { ledger, agents: { registered: [], primary: null } };
    expect(
      artifactCandidates({ ...asked, request: { slots: 1, source: "heartbeat", agent_id: null } }).map((record) => record.run_id),
    ).toEqual(["run_b"]);
  });
});

describe("what a record delivered (DEC-63)", () => {
  it("is refused when it says itself that it brought no outcome", () => {
    expect(reasonOf(ask([row("run_a", 9, { delivery_outcome: "outcome_gap" })]))).toBe("outcome_gap_record");
  });

  it("is refused below the minimum scale of the contract that held before it", () => {
    const small = { delivery_batch_scale: "single_surface", delivery_outcome: "outcome_progress" };
    const rows = [row("run_a", 40, small), row("run_b", 30, small), row("run_c", 20, small)];
    expect(reasonOf(ask(rows))).toBe("below_minimum_scale");
    expect(reasonOf(ask([...rows, row("run_d", 10, { ...small, delivery_batch_scale: "multi_surface" })]))).toBe("cited run_d");
    const approved = row("run_g", 35, { classification: "operator_gate_approved", operator_gate: { gate: "safety" } });
    expect(reasonOf(ask([...rows, approved]))).toBe("cited run_c");
  });

  it("is refused without progress after a tripped floor", () => {
    const surface = (id: string, ago: number): JsonObject => row(id, ago, { delivery_outcome: "surface_only" });
    const rows = [surface("run_a", 40), surface("run_b", 30), surface("run_c", 20)];
    expect(reasonOf(ask(rows))).toBe("cited run_c");
    expect(reasonOf(ask([...rows, surface("run_d", 10)]))).toBe("outcome_floor_not_met");
    expect(reasonOf(ask([...rows, row("run_d", 10, FULL)]))).toBe("cited run_d");
  });

  it("is refused while the goal state is the one that was paid for last", () => {
    const state = (sha: string): JsonObject => ({ ...FULL, state: { sha256_16: sha } });
    const rows = [row("run_a", 40, state("aa")), spent("run_s", 30, "run_a")];
    expect(reasonOf(ask([...rows, row("run_b", 20, state("aa"))]))).toBe("no_state_writeback");
    expect(reasonOf(ask([...rows, row("run_b", 20, state("bb"))]))).toBe("cited run_b");
  });
});

describe("an override (DEC-64)", () => {
  const request = { override_reason: "demo", source: "controller" as const };
  const rows = [row("run_a", 40, { delivery_outcome: "outcome_gap" }), spent("run_s", 30, "run_a")];

  it("lifts throttling, excess, citation and delivery, and is carried along", () => {
    expect(ask(rows, { request, policy: { ...POLICY, allowed_slots: 1 } })).toMatchObject({
      kind: "accepted",
      cited: null,
      override_reason: "demo",
      after: { spent_slots: 2 },
    });
    expect(reasonOf(ask([row("run_a", 40, { delivery_outcome: "outcome_gap" })], { request }))).toBe("cited run_a");
  });

  it("lifts neither pause nor health, and no record pays twice", () => {
    expect(reasonOf(ask(rows, { request, goal_status: "paused" }))).toBe("paused");
    expect(reasonOf(ask(rows, { request, decision: { ...QUIET, rule: "contract_broken" } }))).toBe("goal_unhealthy");
    expect(reasonOf(ask(rows, { request: { ...request, run_id: "run_a" } }))).toBe("record_already_spent");
  });

  it("is for a controller only, and with agents for the primary one", () => {
    const agents = { registered: ["main", "side"], primary: "main" };
    expect(reasonOf(ask(rows, { request: { ...request, source: "heartbeat" } }))).toBe("override_not_allowed");
    expect(reasonOf(ask(rows, { agents, request: { ...request, agent_id: "side" } }))).toBe("override_not_allowed");
    expect(reasonOf(ask(rows, { agents, request: { ...request, agent_id: "main" } }))).toBe("cited nothing");
  });

  it("that cited nothing takes no older record away", () => {
    const over = row("run_o", 20, {
      classification: "quota_slot_spent",
      quota_event: { slots: 1, delivery_run_id: null, override_reason: "demo" },
    });
    expect(reasonOf(ask([row("run_a", 40), over], { request: { run_id: "run_a" } }))).toBe("cited run_a");
  });
});

describe("a void (DEC-65)", () => {
  const rows = [row("run_a", 40), spent("run_s", 30, "run_a"), spent("run_t", 30, null)];
  const askVoid = (select: { run_id?: string; generated_at?: string }, more: JsonObject[] = []) =>
    decideVoid({ select, ledger: ledgerOf([...rows, ...more]), quota: quotaOf([...rows, ...more]), goal_status: "active" });

  it("undoes one standing spend", () => {
    expect(askVoid({ run_id: "run_s" })).toMatchObject({
      kind: "accepted",
      voided: { run_id: "run_s" },
      slots: 1,
      before: { spent_slots: 2 },
      after: { spent_slots: 1 },
    });
  });

  it("is refused twice, for nothing, and for several at one time (CMD-84)", () => {
    expect(askVoid({ run_id: "run_s" }, [voided("run_v", 20, "run_s", at(30))])).toMatchObject({
      kind: "refused",
      reason: "already_voided",
    });
    expect(askVoid({ run_id: "run_z" })).toMatchObject({ kind: "refused", reason: "run_not_found" });
    expect(askVoid({ generated_at: at(30) })).toMatchObject({
      kind: "refused",
      reason: "ambiguous_target",
      details: { run_ids: ["run_t", "run_s"] },
    });
    expect(askVoid({ generated_at: at(30) }, [voided("run_v", 20, "run_s", at(30))])).toMatchObject({
      kind: "accepted",
      voided: { run_id: "run_t" },
    });
  });
});

it("built rows have the written form (table below FIL-66, DEC-65)", () => {
  const before = { spent_slots: 0, remaining_slots: 2, state: "eligible" as const };
  const after = { ...before, spent_slots: 1, remaining_slots: 1 };
  const base = { source: "heartbeat" as const, reason_summary: "why", agent_id: "main", locale: "en" as const };
  const cited = { run_id: "run_a", generated_at: at(1), classification: "x" };
  const paid = spentRow({ ...base, slots: 1, cited, override_reason: null, before, after });
  expect(Object.keys(paid.fields["quota_event"] as JsonObject)).toEqual([
    "event_type",
    "source",
    "slots",
    "reason_summary",
    "delivery_run_id",
    "delivery_run_generated_at",
    "delivery_run_classification",
    "before",
    "after",
  ]);
  expect(QuotaSpentEventSchema.safeParse(paid.fields["quota_event"]).success).toBe(true);
  const undo = voidedRow({ ...base, slots: 1, voided: { run_id: "run_s", key: at(1) }, before: after, after: before });
  expect(QuotaVoidedEventSchema.safeParse(undo.fields["quota_event"]).success).toBe(true);
  const poll = monitorPollRow({ ...base, target_key: null, todo_id: "todo_mon001", result_hash: null, material_change: true });
  expect(QuotaPollEventSchema.safeParse(poll.fields["quota_event"]).success).toBe(true);
  expect(poll.fields).toMatchObject({
    delivery_outcome: "outcome_progress",
    agent_id: "main",
    quota_event: { slots: 0, todo_id: "todo_mon001" },
  });
});

it("whatever happens, spends stay at most as many as records and within the allowance (DEC property 5)", () => {
  const step = fc.record({
    kind: fc.constantFrom("run", "spend", "named", "void"),
    full: fc.boolean(),
    pick: fc.nat(9),
    delivers: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 24 }), fc.integer({ min: 0, max: 4 }), (steps, allowed_slots) => {
      const rows: JsonObject[] = [];
      const policy = { ...POLICY, allowed_slots };
      steps.forEach(({ kind, full, pick, delivers }, index) => {
        const id = `run_${index}`;
        const ago = 500 - index;
        const ledger = ledgerOf(rows);
        if (kind === "run") {
          rows.push(row(id, ago, full ? FULL : {}));
        } else if (kind === "void") {
          const decision = decideVoid({ select: { run_id: `run_${pick}` }, ledger, quota: quotaOf(rows, policy), goal_status: "active" });
          if (decision.kind === "accepted") rows.push(voided(id, ago, decision.voided.run_id, decision.voided.key));
        } else {
          const decision = ask(rows, {
            policy,
            decision: delivers ? RUNS : QUIET,
            request: kind === "named" ? { run_id: `run_${pick}` } : {},
          });
          if (decision.kind !== "accepted") return;
          expect(delivers || decision.cited?.record["delivery_outcome"] === "outcome_progress").toBe(true);
          rows.push(spent(id, ago, decision.cited?.run_id ?? null));
        }
      });
      const standing = ledgerOf(rows).spends.filter((spend) => !spend.voided);
      expect(new Set(standing.map((spend) => spend.delivery_run_id)).size).toBe(standing.length);
      expect(quotaOf(rows, policy).spent_slots).toBeLessThanOrEqual(allowed_slots);
      expect(standing.length).toBeLessThanOrEqual(rows.filter((each) => each["classification"] === "parser_implementation").length);
    }),
    { numRuns: 1_000 },
  );
});
