import { field, fields, nested, section, title, type Answer, type Call } from "@loopx/cli/program";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { statusOf, type StatusOfLoop } from "../worktree/status.ts";
import { undeliveredLines } from "./undelivered-lines.ts";
import { siteOf } from "./loop-site.ts";

/** How the loop stands, by its records alone (WTL-90). */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const payload = await statusOf(await siteOf(call));
  const unwell = payload.components.some(({ state, wanted }) => wanted === "up" && state !== "healthy");
  return { payload, lines: () => linesOf(payload), exit_code: unwell ? 1 : 0 };
}

function linesOf(status: StatusOfLoop): readonly string[] {
  const { cycle, last, components, warnings } = status;
  return [
    title("Worktree Loop"),
    ...fields(status, ["root", "profile", "goal_id", "mode", "main_sha", "last_processed_sha", "last_validated_sha"]),
    ...field("watcher", status.watcher.state),
    ...section("Cycle", cycle === null ? [] : fields(cycle, ["cycle_id", "phase", "base_sha", "attempt", "max_cycles", "since"])),
    ...section("Last", last === null ? [] : fields(last, ["result", "reason", "sha", "at", "failed_step", "log"])),
    ...section(
      "Components",
      components.flatMap(({ name, state, pid, port, sha }) => [
        `- ${name}: ${state}`,
        nested(`pid ${pid ?? "none"}, port ${port ?? "none"}, commit ${sha?.slice(0, 12) ?? "none"}`),
      ]),
    ),
    ...section("Undelivered", undeliveredLines(status.undelivered)),
    ...section(
      "Warnings",
      warnings.map((warning) => `- ${warning}`),
    ),
  ];
}
