import fc from "fast-check";
import { expect, it } from "vitest";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { TEST_NOW } from "../../testing/facts.ts";
import type { Facts } from "../quota/facts.ts";
import { quotaFacts } from "../quota/ledger.ts";
import type { History, SpendEvent, VoidEvent } from "../run/history.ts";
import type { Moment } from "../time.ts";
import { attentionFacts } from "./attention.ts";
import { goalRow, rowStandsUntil } from "./row.ts";

const MINUTE_MS = 60_000;
const SHOWN = { locale: "en", overview: null } as const;

const GRANT = { scopes: ["granted/**"], source: null, decision_id: null, recorded_at: null };
const minutes = fc.integer({ min: -3000, max: 3000 });
const ledgerRow = fc.record({
  minute: minutes,
  slots: fc.option(fc.integer({ min: 0, max: 3 })),
  voids: fc.boolean(),
});

const share01 = fc.double({ min: 0, max: 1, noNaN: true });
const terms = fc.record({ granted: fc.option(minutes), claimed: fc.option(fc.integer({ min: -60, max: 0 })) });

/** Rows as an index of that moment would hold them. */
function rowsOf(drawn: readonly { minute: number; slots: number | null; voids: boolean }[]): Pick<History, "spends" | "voids"> {
  const rows = drawn.map(({ minute, slots, voids }, ordinal) => {
    const at_ms = TEST_NOW.ms + minute * MINUTE_MS;
    const generated_at = new Date(at_ms).toISOString();
    const head = { run_id: `run_${ordinal}`, generated_at, at_ms, ordinal, key: generated_at, slots, json_path: null };
    return { voids, head };
  });
  return {
    spends: rows.flatMap(({ voids, head }): SpendEvent[] =>
      voids ? [] : [{ ...head, source: null, agent_id: null, delivery_run_id: null, delivery_run_generated_at: null }],
    ),
    voids: rows.flatMap(({ voids, head }): VoidEvent[] => (voids ? [{ ...head, voided_run_id: null }] : [])),
  };
}

/** With a grant that ends, work that needs it, and a claim as old as its last update: what drawn facts hardly ever have. */
function withTerms(facts: Facts, { granted, claimed }: { granted: number | null; claimed: number | null }): Facts {
  const { goal, todos } = facts;
  const [first] = todos.agent;
  if (goal === null || first === undefined) return facts;
  const at = (minute: number) => new Date(TEST_NOW.ms + minute * MINUTE_MS).toISOString();
  const { claimed_at: _claim, ...metadata } = first.metadata;
  const claim = claimed === null ? {} : { claimed_by: goal.coordination.registered_agents.at(-1) ?? "a", updated_at: at(claimed) };
  const needs = granted === null ? {} : { required_write_scopes: ["granted/**"] };
  const boundary_authority = granted === null ? goal.boundary_authority : { ...GRANT, expires_at: at(granted) };
  return {
    ...facts,
    goal: { ...goal, boundary_authority },
    todos: { ...todos, agent: [{ ...first, metadata: { ...metadata, ...claim, ...needs } }, ...todos.agent.slice(1)] },
  };
}

/** The facts as they would be gathered from the same files at another instant. */
function gathered(facts: Facts, history: Pick<History, "spends" | "voids">, now: Moment): Facts {
  if (facts.goal === null) return facts;
  const ledger = quotaFacts(facts.goal.quota, facts.goal.status, history, now);
  const leases = facts.leases.filter((lease) => lease.expires_at_ms > now.ms);
  return attentionFacts({ ...facts, leases, quota: ledger.quota, health: [...facts.health, ...ledger.findings] });
}

it("a row of the same files stands until the instant it names, whatever the files say (FIL-70)", () => {
  let ended = 0;
  fc.assert(
    fc.property(factsArbitrary, terms, fc.array(ledgerRow, { maxLength: 4 }), share01, (build, ends, drawn, share) => {
      const facts = withTerms(build(TEST_NOW), ends);
      const history = rowsOf(drawn);
      const row = (now: Moment) => goalRow(gathered(facts, history, now), null, now, SHOWN);
      const until = rowStandsUntil(gathered(facts, history, TEST_NOW), history, TEST_NOW);
      expect(until).toBeGreaterThan(TEST_NOW.ms);
      const end = until === Infinity ? TEST_NOW.ms + 1e10 : until;
      for (const ms of [end - 1, Math.floor(TEST_NOW.ms + (end - 1 - TEST_NOW.ms) * share)]) {
        expect(row({ ...TEST_NOW, ms })).toEqual(row(TEST_NOW));
      }
      if (until !== Infinity && JSON.stringify(row({ ...TEST_NOW, ms: until + MINUTE_MS })) !== JSON.stringify(row(TEST_NOW))) ended += 1;
    }),
    { numRuns: 1_000 },
  );
  // The instants are not merely cautious: behind some of them the row really is another one.
  expect(ended).toBeGreaterThan(5);
});
