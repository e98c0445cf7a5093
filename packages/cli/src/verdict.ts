/** Asks the core for a verdict that, with what printing adds to it, still keeps its size (DEC-51). */
import { shouldRun, type ShouldRunInput, type ShouldRunResult } from "@loopx/core";
import type { AnyCall } from "./call.ts";
import { originBytes } from "./print.ts";

export async function askVerdict(
  call: Pick<AnyCall, "host" | "globals">,
  input: Omit<ShouldRunInput, "cwd" | "reserve_bytes">,
): Promise<ShouldRunResult> {
  const host = await call.host();
  return shouldRun(host, { ...input, cwd: call.globals.cwd, reserve_bytes: originBytes(host.places) });
}
