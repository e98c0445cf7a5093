import type { Check } from "../doctor/check.ts";
import { fields, nested, section, title } from "./markdown.ts";

interface DoctorPayload {
  readonly node: string;
  readonly path: string | null;
  readonly symlink_target: string | null;
  readonly release: string | null;
  readonly canary: string | null;
  readonly checks: readonly Check[];
}

/** One line a check, with its repair below when it fails. */
export function renderDoctor(payload: DoctorPayload): string[] {
  const lines = payload.checks.flatMap((check) => [
    `- ${check.id}: ${check.ok ? "ok" : check.required ? "failed" : "not ok"} (${check.detail})`,
    ...(check.fix === null ? [] : [nested(`fix: ${check.fix}`)]),
  ]);
  return [title("Doctor"), ...fields(payload, ["node", "path", "symlink_target", "release", "canary"]), ...section("Checks", lines)];
}
