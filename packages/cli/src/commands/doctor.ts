import { join } from "node:path";
import { ERRORS, resolveRoots } from "@loopx/core";
import type { AnyCall, Answer } from "../call.ts";
import { programOnPath } from "../doctor/check.ts";
import { runChecks } from "../doctor/checks.ts";
import { installationOf } from "../installation.ts";
import { renderDoctor } from "../render/doctor.ts";

/** Whether this installation is sound; `doctor_failed` when a required check fails (CMD-68). */
export async function run({ io, globals }: AnyCall): Promise<Answer> {
  const roots = resolveRoots({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    registry: globals.registry,
    runtime_root: globals.runtime_root,
    locale: globals.locale,
  });
  const { node } = io;
  const { checks, skills } = await runChecks({
    io,
    cwd: globals.cwd,
    runtime_root: roots.runtime_root,
    global_registry: join(roots.runtime_root, "registry.global.json"),
  });
  const failed = checks.filter((each) => each.required && !each.ok);
  const { path, target, release } = installationOf(io.entry);
  const payload = {
    ...(failed.length === 0 ? {} : { error: doctorFailed(failed.map((each) => each.id)) }),
    node,
    path,
    symlink_target: target,
    release,
    canary: programOnPath("loopx-canary", io),
    skills,
    checks,
    fix: [...new Set(checks.flatMap((each) => each.fix ?? []))],
  };
  return { payload, lines: () => renderDoctor(payload) };
}

function doctorFailed(ids: readonly string[]): { code: "doctor_failed"; message: string; hint: string; details: object } {
  return {
    code: "doctor_failed",
    message: `a required check fails: ${ids.join(", ")}`,
    hint: ERRORS.doctor_failed.next,
    details: { failed: ids },
  };
}
