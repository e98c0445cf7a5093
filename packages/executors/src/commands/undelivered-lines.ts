import { nested } from "@loopx/cli/program";
import type { undeliveredOf } from "../notify/undelivered.ts";

/** Notices that did not arrive, newest first: when, why, and the first line of each. */
export function undeliveredLines({ count, newest }: Awaited<ReturnType<typeof undeliveredOf>>): readonly string[] {
  const lines = newest.flatMap(({ at, code, detail, text }) => [
    `- ${at} ${code}${detail === "" ? "" : `: ${detail}`}`,
    nested(text.split("\n", 1)[0] ?? ""),
  ]);
  return count > newest.length ? [...lines, `- and ${count - newest.length} more`] : lines;
}
