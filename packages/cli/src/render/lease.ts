import type { LeaseChangeResult, LeaseListResult, LeaseVerifyResult } from "@loopx/core";
import { fields, nested, section, title } from "./markdown.ts";

/** One lease after a verb; the token is what its holder has to show from now on. */
export function renderLease(
  what: "Acquired" | "Renewed" | "Released" | "Verified",
  result: LeaseChangeResult | LeaseVerifyResult,
): string[] {
  return [
    title(`Lease ${what}`),
    ...("dry_run" in result ? fields(result, ["dry_run", "applied", "changed"]) : []),
    ...fields(result, [
      "goal_id",
      "todo_id",
      "holder",
      "state",
      "live",
      "token",
      "version",
      "ttl_minutes",
      "acquired_at",
      "renewed_at",
      "expires_at",
      "released_at",
    ]),
    ...fields(result, ["write_scopes", "taken_over_from", "take_over_reason"]),
  ];
}

/** Who holds what, until when. */
export function renderLeaseList(result: LeaseListResult): string[] {
  return [
    title("Leases"),
    ...fields(result, ["goal_id", "all", "lease_count"]),
    ...section("Leases", result.leases.flatMap(leaseLines)),
    ...section(
      "Unreadable, so held by somebody unknown",
      result.unreadable.map(({ todo_id, file, reason }) => `- ${todo_id ?? "?"}: ${file} (${reason})`),
    ),
  ];
}

function leaseLines(lease: LeaseListResult["leases"][number]): string[] {
  const end = lease.live
    ? `until ${lease.expires_at}`
    : lease.state === "released"
      ? `released at ${lease.released_at ?? "?"}`
      : `expired at ${lease.expires_at}`;
  const scopes = lease.write_scopes.length === 0 ? [] : [nested(`writes ${lease.write_scopes.join(", ")}`)];
  return [`- ${lease.todo_id}: ${lease.holder}, token ${lease.token}, ${end}`, ...scopes];
}
