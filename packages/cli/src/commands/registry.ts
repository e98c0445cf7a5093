import { inspectRegistry } from "@loopx/core";
import type { AnyCall, Answer } from "../call.ts";
import { renderRegistry } from "../render/registry.ts";

/** The goals of the registry; `registry_unhealthy` when one of its problems is an error (CMD-60). */
export async function run(call: AnyCall): Promise<Answer> {
  const { unhealthy, repair, ...found } = await inspectRegistry(await call.host());
  const payload = unhealthy ? { error: registryUnhealthy(found.problems, repair), ...found } : found;
  return { payload, lines: () => renderRegistry(found) };
}

function registryUnhealthy(problems: readonly { severity: string; message: string }[], hint: string): object {
  const errors = problems.filter((problem) => problem.severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return {
    code: "registry_unhealthy",
    message: `${errors[0]?.message ?? "the registry has a fault"}${more}`,
    hint,
    details: { errors: errors.length },
  };
}
