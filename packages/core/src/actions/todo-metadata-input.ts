import type { MetadataInput } from "../domain/goal-state/metadata-input.ts";
import type { TaskClass } from "../domain/goal-state/todo.ts";

/** The metadata flags that `todo add` and `todo update` share (CMD-90). Absent, empty and off mean: leave it as it is. */
export interface TodoMetadataFlags {
  readonly task_class?: TaskClass | undefined;
  readonly action_kind?: string | undefined;
  readonly required_write_scope?: readonly string[] | undefined;
  readonly required_capability?: readonly string[] | undefined;
  readonly target_capability?: readonly string[] | undefined;
  readonly decision_scope?: string | undefined;
  readonly required_decision_scope?: readonly string[] | undefined;
  readonly claimed_by?: string | undefined;
  readonly blocks_agent?: string | undefined;
  readonly global_gate?: boolean | undefined;
  readonly unblocks_todo_id?: string | undefined;
  readonly resume_when?: string | undefined;
  readonly monitor_target_key?: string | undefined;
  readonly cadence?: string | undefined;
  readonly next_due_at?: string | undefined;
  readonly expires_at?: string | undefined;
  readonly note?: string | undefined;
  readonly evidence?: string | undefined;
  readonly reason?: string | undefined;
}

/** The flags under the names that metadata has in the file. */
export function metadataOf(flags: TodoMetadataFlags): MetadataInput {
  return {
    ...given("task_class", flags.task_class),
    ...given("action_kind", flags.action_kind),
    ...given("required_write_scopes", listed(flags.required_write_scope)),
    ...given("required_capabilities", listed(flags.required_capability)),
    ...given("target_capabilities", listed(flags.target_capability)),
    ...given("decision_scope", flags.decision_scope),
    ...given("required_decision_scopes", listed(flags.required_decision_scope)),
    ...given("claimed_by", flags.claimed_by),
    ...given("blocks_agent", flags.blocks_agent),
    ...given("global_gate", flags.global_gate === true ? true : undefined),
    ...given("unblocks_todo_id", flags.unblocks_todo_id),
    ...given("resume_when", flags.resume_when),
    ...given("target_key", flags.monitor_target_key),
    ...given("cadence", flags.cadence),
    ...given("next_due_at", flags.next_due_at),
    ...given("expires_at", flags.expires_at),
    ...given("note", flags.note),
    ...given("evidence", flags.evidence),
    ...given("reason", flags.reason),
  };
}

function listed(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values;
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { [name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [name in Key]: Value });
}
