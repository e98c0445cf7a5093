/**
 * Many writers at once: what each was told is stored has to be there, once, and no older token may write after a newer
 * one. The same work runs in this process and in real ones.
 */
import assert from "node:assert/strict";
import type { DocumentKey } from "../../ports/documents.ts";
import type { LeaseKey } from "../../ports/leases.ts";
import type { LogKey } from "../../ports/logs.ts";
import { ALPHA, only, scanned, text, type ConformanceOptions, type ConformanceStore, type Test, type WorkReport } from "./store.ts";

const COUNTS: DocumentKey = { kind: "registry" };
const TOKENS: DocumentKey = { kind: "goal_state", goal_id: ALPHA };
const LOG: LogKey = { kind: "runs", goal_id: ALPHA };
const TODO: LeaseKey = { goal_id: ALPHA, todo_id: "todo_shared" };

/** Each fourth operation asks for the lease; the others count or append in turn. */
const LEASED_EVERY = 4;
const WORKERS = 8;
const OPERATIONS = 100;
const TIMEOUT_MS = 60_000;

export function togetherConformance(test: Test, options: ConformanceOptions): void {
  test(
    `${WORKERS} ${options.processes === undefined ? "stores" : "processes"} with ${OPERATIONS} operations each lose nothing (REL-1, REL-3, REL-7)`,
    async (store) => {
      const reports = await (options.processes?.(store, WORKERS, OPERATIONS) ?? inThisProcess(store, options));
      assert.equal(reports.length, WORKERS);
      assert.equal(
        reports.reduce((sum, report) => sum + report.updates + report.record_ids.length, 0),
        WORKERS * OPERATIONS * (1 - 1 / LEASED_EVERY),
      );
      await assertNothingLost(await options.reopen(store), reports);
    },
    TIMEOUT_MS,
  );
}

async function inThisProcess(store: ConformanceStore, { reopen }: ConformanceOptions): Promise<WorkReport[]> {
  return Promise.all(Array.from({ length: WORKERS }, async (_, n) => conformanceWork(await reopen(store), `w${n}`, OPERATIONS)));
}

/** One worker's share; a child process calls this with the store it opened. Throws when the store refuses what it must do. */
export async function conformanceWork(
  store: Pick<ConformanceStore, "documents" | "logs" | "leases">,
  worker: string,
  operations: number,
): Promise<WorkReport> {
  const recordIds: string[] = [];
  const tokens: number[] = [];
  let updates = 0;
  for (let operation = 0; operation < operations; operation += 1) {
    if (operation % LEASED_EVERY === LEASED_EVERY - 1) {
      const token = await underLease(store, worker);
      if (token !== null) tokens.push(token);
    } else if (operation % 2 === 0) {
      only(await store.documents.update(COUNTS, counting(worker)), "written");
      updates += 1;
    } else {
      const id = `${worker}-${operation}`;
      only(await store.logs.append(LOG, { id, goal_id: ALPHA }, { once: operation % 3 === 0 }), "appended");
      recordIds.push(id);
    }
  }
  return { worker, updates, record_ids: recordIds, tokens };
}

/** The registry has to stay a registry: some stores check what they write. */
function counting(worker: string) {
  return (current: { text: string } | null) => {
    const registry =
      current === null ? { goals: [], counts: {} } : (JSON.parse(current.text) as { goals: unknown[]; counts: Record<string, number> });
    return {
      write: `${JSON.stringify({ ...registry, counts: { ...registry.counts, [worker]: (registry.counts[worker] ?? 0) + 1 } })}\n`,
      value: null,
    };
  };
}

/** Writes the lease's token under its fence; null when another worker holds it. */
async function underLease(store: Pick<ConformanceStore, "documents" | "leases">, worker: string): Promise<number | null> {
  const answer = await store.leases.acquire(TODO, { holder: worker, ttl_minutes: 30, write_scopes: ["src"] });
  if (answer.kind === "held") return null;
  const { token } = only(answer, "granted").lease;
  const fence = { ...TODO, holder: worker, token };
  only(
    await store.documents.update(TOKENS, (current) => ({ write: `${current?.text ?? ""}${token}\n`, value: null }), { fence }),
    "written",
  );
  assert.equal(only(await store.leases.release(fence), "released").changed, true);
  return token;
}

async function assertNothingLost(store: ConformanceStore, reports: readonly WorkReport[]): Promise<void> {
  const { counts } = JSON.parse(await text(store, COUNTS)) as { counts: Record<string, number> };
  assert.deepEqual(counts, Object.fromEntries(reports.map((report) => [report.worker, report.updates])));
  const stored = (await scanned(store, LOG)).map((entry) =>
    entry.kind === "record" && typeof entry.record["id"] === "string" ? entry.record["id"] : entry.kind,
  );
  assert.deepEqual(stored.toSorted(), reports.flatMap((report) => report.record_ids).toSorted());
  const written = (await text(store, TOKENS)).trim().split("\n").map(Number);
  const told = reports.flatMap((report) => report.tokens).toSorted((a, b) => a - b);
  // In the order of the writes, which has to be the order of the grants.
  assert.deepEqual(written, told);
  assert.equal(new Set(told).size, told.length);
}
