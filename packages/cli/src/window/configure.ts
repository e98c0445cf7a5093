/**
 * A goal's settings over HTTP (CMD-129): first seen as a preview, then applied under its id. The fields are the flags of
 * `configure-goal` in snake_case; what a value may be is core's to judge, where it stands for every caller.
 */
import * as z from "zod/mini";
import { configureGoal, configurePreviewId, type Host } from "@loopx/core";
import { WAITING_ON, type ConfigureChange, type JsonObject } from "@loopx/core/domain";
import { parsed } from "./body.ts";

const text = z.exactOptional(z.string());
const texts = z.exactOptional(z.array(z.string()));
const number = z.exactOptional(z.number());
const flag = z.exactOptional(z.boolean());

/** Every change there is: a new one is missed here by the compiler. */
const changeFields = {
  status: z.exactOptional(z.enum(["active", "paused"])),
  quota_compute: number,
  quota_window_hours: number,
  quota_slot_minutes: number,
  quota_allowed_slots: number,
  self_repair_enabled: flag,
  self_repair_health: flag,
  self_repair_waiting_projection: flag,
  orchestration_mode: z.exactOptional(z.enum(["default", "multi_subagent"])),
  spawn_allowed: flag,
  max_children: number,
  allowed_domain: texts,
  clear_allowed_domains: flag,
  write_scope: texts,
  clear_write_scopes: flag,
  claim_ttl_minutes: number,
  adapter_kind: text,
  adapter_status: text,
  registered_agent: texts,
  clear_registered_agents: flag,
  primary_agent: text,
  clear_primary_agent: flag,
  waiting_on: z.exactOptional(z.enum(WAITING_ON)),
  clear_waiting_on: flag,
  boundary_authority_scope: texts,
  boundary_authority_source: text,
  boundary_authority_decision_id: text,
  boundary_authority_recorded_at: text,
  boundary_authority_expires_at: text,
  clear_boundary_authority: flag,
} satisfies Record<keyof ConfigureChange, z.ZodMiniType>;
const ConfigureDraft = z.strictObject({ goal_id: z.string(), ...changeFields });
const ConfigureApply = z.strictObject({ goal_id: z.string(), preview_id: z.string(), ...changeFields });

/** Every named field before and after, with the id of this preview. Writes nothing. */
export async function configureDryRun(host: Host, body: JsonObject): Promise<object> {
  const result = await configureGoal(host, { ...parsed(ConfigureDraft, body), dry_run: true });
  return { ...result, preview_id: configurePreviewId(host, result) };
}

/** The change, written; `preview_stale` when the entry is not as it was in the preview. */
export async function configureApply(host: Host, body: JsonObject): Promise<object> {
  return configureGoal(host, parsed(ConfigureApply, body));
}
