/** A goal's whole log as spend and void decide on it, with the head the answer belongs to (REL-46). */
import { createCitationReader } from "../domain/quota/citation.ts";
import type { CitationLedger } from "../domain/quota/citation-ledger.ts";
import type { GoalId } from "../domain/ids.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { LogPosition } from "../ports/logs.ts";
import { unreadableError } from "../store/outcome.ts";

/** The head is read first: a record that arrives while the log is read makes the append a conflict, never a double payment. */
export async function readLedger(host: Host, goalId: GoalId, now: Moment): Promise<{ head: LogPosition; ledger: CitationLedger }> {
  const key = { kind: "runs", goal_id: goalId } as const;
  const page = await host.logs.tail(key, { limit: 1 });
  if (page.kind === "unreadable") throw unreadableError(page, { goal_id: goalId, unreadable: "history_unreadable" });
  const reader = createCitationReader({ goal_id: goalId, now_ms: now.ms, digest: host.digest });
  for await (const entry of host.logs.scan(key)) reader.add(entry);
  return { head: page.head, ledger: reader.finish() };
}
