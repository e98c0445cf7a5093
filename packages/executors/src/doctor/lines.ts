/** What a doctor answers: every look, worst first for people, and whether anything would stop the work. */
import { nested, section, title, type Answer } from "@loopx/cli/program";
import type { Check } from "./check.ts";

/** Exit code 1 with a fault. */
export function judged(name: string, checks: readonly Check[]): Answer {
  const healthy = checks.every(({ level }) => level !== "fault");
  return { payload: { healthy, checks: [...checks] }, lines: () => linesOf(name, checks), exit_code: healthy ? 0 : 1 };
}

function linesOf(name: string, checks: readonly Check[]): readonly string[] {
  const of = (level: Check["level"]): readonly string[] => checks.filter((each) => each.level === level).flatMap(lineOf);
  return [title(name), ...section("Faults", of("fault")), ...section("Warnings", of("warning")), ...section("Fine", of("ok"))];
}

function lineOf({ check, repo, detail, fix }: Check): readonly string[] {
  const line = `- ${repo === undefined ? "" : `${repo}: `}${check.replaceAll("_", " ")}: ${detail}`;
  return fix === undefined ? [line] : [line, nested(fix)];
}
