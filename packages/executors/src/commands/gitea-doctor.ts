import { nested, section, title, type Answer, type Call } from "@loopx/cli/program";
import { forgesOf } from "../drivers/gitea/assemble.ts";
import { machineChecks } from "../drivers/gitea/machine-checks.ts";
import { giteaPlace } from "../drivers/gitea/place.ts";
import { serverChecks, type Check } from "../gitea/doctor.ts";
import type { GITEA_DOCTOR_FLAGS } from "../options/gitea.ts";
import { untilSignalled } from "./until-signalled.ts";

/** What would stop a dispatcher here; only GETs without `--create-labels` (DSP-85). */
export async function run(call: Call<typeof GITEA_DOCTOR_FLAGS>): Promise<Answer> {
  const place = giteaPlace(call, call.input);
  return untilSignalled(call, async (signal) => {
    const { bot: forge, reviewer } = forgesOf(place, signal);
    const { config, warnings } = place;
    const checks: readonly Check[] = [
      ...warnings.map((detail) => ({ check: "configuration", level: "warning" as const, detail })),
      ...(await machineChecks(place)),
      ...(await serverChecks({ config, forge, reviewer, create: call.input.create_labels === true })),
    ];
    const healthy = checks.every(({ level }) => level !== "fault");
    return { payload: { healthy, checks: [...checks] }, lines: () => linesOf(checks), exit_code: healthy ? 0 : 1 };
  });
}

function linesOf(checks: readonly Check[]): readonly string[] {
  const of = (level: Check["level"]): readonly string[] => checks.filter((each) => each.level === level).flatMap(lineOf);
  return [title("Gitea Doctor"), ...section("Faults", of("fault")), ...section("Warnings", of("warning")), ...section("Fine", of("ok"))];
}

function lineOf({ check, repo, detail, fix }: Check): readonly string[] {
  const line = `- ${repo === undefined ? "" : `${repo}: `}${check.replaceAll("_", " ")}: ${detail}`;
  return fix === undefined ? [line] : [line, nested(fix)];
}
