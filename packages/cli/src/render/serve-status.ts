import type { ServeStatusPayload } from "@loopx/core/domain";
import { fields, title } from "./markdown.ts";

/** What was served, when it has ended. */
export function renderServeStatus(payload: ServeStatusPayload): readonly string[] {
  return [
    title("Serve Status"),
    ...fields(payload, [
      "url",
      "status_url",
      "reward_write_enabled",
      "gate_write_enabled",
      "control_plane_write_enabled",
      "token_required",
      "ended_by",
    ]),
  ];
}
