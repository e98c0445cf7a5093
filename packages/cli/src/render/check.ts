import type { CheckResult } from "@loopx/core";
import { count, field, fields, nested, section, title } from "./markdown.ts";

/** What was looked at, then what is wrong, each with its repair. */
export function renderCheck(result: CheckResult): string[] {
  const { summary } = result;
  return [
    title("Check"),
    ...fields(result, ["runtime_root", "scan_roots", "scanned_files"]),
    ...field("found", `${count(summary.errors, "error")}, ${count(summary.warnings, "warning")}`),
    ...section(
      "Looked at",
      result.checks.map((each) => `- ${each.code}: ${each.severity} (${each.message})`),
    ),
    ...section("Errors", [...result.errors.flatMap(findingLines), ...more(summary.errors, result.errors)]),
    ...section("Warnings", [...result.warnings.flatMap(findingLines), ...more(summary.warnings, result.warnings)]),
  ];
}

function findingLines(found: CheckResult["errors"][number]): string[] {
  const { file, line, message } = found;
  const place = file === undefined || line === undefined || message.includes(`${file}:${line}`) ? "" : ` (${file}:${line})`;
  return [`- ${found.code}: ${message}${place}`, ...(found.fix === undefined ? [] : [nested(`fix: ${found.fix}`)])];
}

function more(all: number, listed: readonly unknown[]): string[] {
  return all > listed.length ? [`- and ${all - listed.length} more; --limit lists them`] : [];
}
