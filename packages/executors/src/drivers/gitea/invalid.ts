/** A setting that cannot be used: its fault says which, and ends the start with exit code 2 (DSP-5). */
import { LoopxError } from "@loopx/core/domain";

export function invalid(message: string, variable: string): LoopxError {
  return new LoopxError("config_invalid", message, { hint: "see docs/gitea.md", details: { variable } });
}
