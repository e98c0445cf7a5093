/** The status of all goals, and each goal as the operator's window lists it; made of one look (CMD-125). */
import type { StatusResult } from "../domain/payload/status.ts";
import { goalOverview, type GoalOverview } from "../domain/status/overview.ts";
import type { Host } from "../ports/host.ts";
import { statusOfRows, type StatusInput } from "./status.ts";

/** What the operator's window shows of all goals. */
export interface WindowStatus {
  readonly status: StatusResult;
  readonly goals: readonly GoalOverview[];
  /** Until then the same files give the same answer; infinity when time changes nothing. */
  readonly until_ms: number;
}

/** Both; a goal that needs nobody is listed too. */
export async function windowStatus(host: Host, input: StatusInput): Promise<WindowStatus> {
  const { result, rows } = await statusOfRows(host, input, goalOverview);
  const until_ms = rows.reduce((least, row) => Math.min(least, row.until_ms ?? Infinity), Infinity);
  return { status: result, goals: rows.flatMap(({ overview }) => overview ?? []), until_ms };
}
