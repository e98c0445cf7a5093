import { field, fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { statusOf } from "../worktree/status.ts";
import type { ComponentName } from "../worktree/components.ts";
import { siteOf, type SiteCall } from "./loop-site.ts";

/** One server of the profile; `test status` tells of the watcher too (WTL-90). */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  return componentStatus(call, call.row.path[0] === "main" ? "main" : "test");
}

/** The same for a row that names the server otherwise. */
export async function componentStatus(call: SiteCall, name: ComponentName): Promise<Answer> {
  const { root, profile, watcher, mode, cycle, last, main_sha, last_validated_sha, components } = await statusOf(await siteOf(call));
  const component = components.find((each) => each.name === name) ?? null;
  const common = { root, profile, component, main_sha, last_validated_sha };
  const payload = name === "main" ? common : { ...common, watcher, mode, cycle, last };
  return {
    payload,
    lines: () => [
      title(`${name === "main" ? "Main" : "Test"}: ${component?.state ?? "no server is configured"}`),
      ...(component === null ? [] : fields(component, ["pid", "port", "sha", "health", "restarts_10m"])),
      ...(name === "main" ? [] : [...field("watcher", watcher.state), ...field("mode", mode), ...field("last", last?.result)]),
      ...fields(common, ["main_sha", "last_validated_sha"]),
    ],
    exit_code: component?.wanted === "up" && component.state !== "healthy" ? 1 : 0,
  };
}
