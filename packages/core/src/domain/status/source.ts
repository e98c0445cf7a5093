/** Which file or record a verdict rests on (DEC-71). */
import type { AttentionSource } from "../payload/attention.ts";
import type { RuleName } from "../quota/answers.ts";

const SOURCES: Partial<Readonly<Record<RuleName, AttentionSource>>> = {
  contract_broken: "contract",
  health_blocked: "run_history",
  first_map: "run_history",
  registry_gate: "registry",
  map_opt_in: "registry",
  adapter_not_connected: "registry",
  external_evidence_registered: "registry",
  run_gate: "latest_run",
  approved_command: "latest_run",
  external_evidence_run: "latest_run",
  mapped_noop: "latest_run",
  steering_audit: "latest_run",
};

export function sourceOf(rule: RuleName): AttentionSource {
  return SOURCES[rule] ?? "active_state";
}
