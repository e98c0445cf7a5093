import type { Answer, Call } from "@loopx/cli/program";
import { forgesOf } from "../drivers/gitea/assemble.ts";
import { machineChecks } from "../drivers/gitea/machine-checks.ts";
import { giteaPlace } from "../drivers/gitea/place.ts";
import { judged } from "../doctor/lines.ts";
import type { Check } from "../doctor/check.ts";
import { serverChecks } from "../gitea/doctor.ts";
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
    return judged("Gitea Doctor", checks);
  });
}
