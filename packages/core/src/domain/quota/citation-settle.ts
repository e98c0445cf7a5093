/**
 * Who paid for what (DEC-61): voids strike spends out, named citations hold, and each older spend that names nothing
 * takes the newest earlier record that is still free. All lists come oldest first.
 */
import type { SpendEvent, VoidEvent } from "../run/history.ts";
import { instantKey, isNewer } from "../run/order.ts";
import type { CitableRecord, CitationLedger } from "./citation-ledger.ts";

/** `cites_nothing`: recorded under an override, so that naming no record is meant. */
export type SpendRow = SpendEvent & { readonly cites_nothing: boolean };

export function settle(records: readonly CitableRecord[], spends: readonly SpendRow[], voids: readonly VoidEvent[]): CitationLedger {
  const voided = voidedSpends(spends, voids);
  const cites = namedCitations(records, spends);
  assignRest(records, spends, voided, cites);
  return {
    records: records.toReversed(),
    spends: spends.map((spend) => ({ ...spend, cites: cites.get(spend) ?? null, voided: voided.has(spend) })).reverse(),
  };
}

/** A void strikes the spend it names by id, else the newest standing one of its key. */
function voidedSpends(spends: readonly SpendRow[], voids: readonly VoidEvent[]): ReadonlySet<SpendRow> {
  const struck = new Set<SpendRow>();
  const byId = groupBy(spends, (spend) => spend.run_id);
  const byKey = groupBy(spends, (spend) => instantKey(spend.key));
  for (const undone of voids) {
    const fitting = undone.voided_run_id === null ? byKey.get(instantKey(undone.key)) : byId.get(undone.voided_run_id);
    const target = fitting?.findLast((spend) => !struck.has(spend) && (undone.slots ?? Infinity) >= (spend.slots ?? 1));
    if (target !== undefined) struck.add(target);
  }
  return struck;
}

/** False for a spend as the older Python LoopX wrote it. */
export function namesRecord(spend: SpendEvent): boolean {
  return spend.delivery_run_id !== null || spend.delivery_run_generated_at !== null;
}

function namedCitations(records: readonly CitableRecord[], spends: readonly SpendRow[]): Map<SpendRow, CitableRecord> {
  const byId = new Map(records.map((record) => [record.run_id, record]));
  const byInstant = new Map(records.filter((record) => record.citable).map((record) => [instantKey(record.generated_at), record]));
  const cites = new Map<SpendRow, CitableRecord>();
  for (const spend of spends) {
    const named = spend.delivery_run_id === null ? undefined : byId.get(spend.delivery_run_id);
    const record =
      named ?? (spend.delivery_run_generated_at === null ? undefined : byInstant.get(instantKey(spend.delivery_run_generated_at)));
    if (record !== undefined) cites.set(spend, record);
  }
  return cites;
}

/** One walk in time order: the free records so far are a stack, and a spend without a citation takes its top. */
function assignRest(
  records: readonly CitableRecord[],
  spends: readonly SpendRow[],
  voided: ReadonlySet<SpendRow>,
  cites: Map<SpendRow, CitableRecord>,
): void {
  const paid = new Set([...cites].filter(([spend]) => !voided.has(spend)).map(([, record]) => record));
  const waiting = records.filter((record) => record.citable && !paid.has(record));
  const free: CitableRecord[] = [];
  let next = 0;
  for (const spend of spends) {
    for (let record = waiting[next]; record !== undefined && isNewer(spend, record); record = waiting[next]) {
      free.push(record);
      next += 1;
    }
    if (namesRecord(spend) || spend.cites_nothing || voided.has(spend)) continue;
    const taken = free.pop();
    if (taken !== undefined) cites.set(spend, taken);
  }
}

function groupBy(spends: readonly SpendRow[], keyOf: (spend: SpendRow) => string): ReadonlyMap<string, SpendRow[]> {
  const groups = new Map<string, SpendRow[]>();
  for (const spend of spends) {
    const known = groups.get(keyOf(spend));
    if (known === undefined) groups.set(keyOf(spend), [spend]);
    else known.push(spend);
  }
  return groups;
}
