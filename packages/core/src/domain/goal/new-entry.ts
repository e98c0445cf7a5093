/**
 * The entry `connect` writes for a goal (FIL-11), and what stays of an older one.
 * Pure values: nothing here looks at a path or decides whether an entry may be written.
 */
import { type Invocation, loopxCommand } from "../command-line.ts";
import type { AbsolutePath, GoalId } from "../ids.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { GUARDS } from "../locale/goal.ts";
import type { Locale } from "../locale/locale.ts";
import type { ConnectFlags } from "./connect-flags.ts";
import { spawnMode } from "./coordination.ts";
import { GENERIC_ADAPTER_KIND } from "./entry.ts";
import { buildExecutionProfile } from "./execution-profile.ts";
import { withoutKeys } from "./json-values.ts";
import {
  DEFAULT_ADAPTER_STATUS,
  DEFAULT_CLAIM_TTL_MINUTES,
  DEFAULT_DOMAIN,
  DEFAULT_MAX_CHILDREN,
  DEFAULT_PARENT_APPROVAL,
} from "./limits.ts";

/** What a new registry entry is made from; everything in it is checked. */
export interface NewGoalInput {
  readonly goal_id: GoalId;
  /** Real path of the project. */
  readonly repo: AbsolutePath;
  /** Relative to `repo`, already confined to it. */
  readonly state_file: string;
  /** The goal document's path as it is to be recorded, or null. */
  readonly goal_doc: string | null;
  /** Flags that `connectFlagFault` let pass. */
  readonly flags: ConnectFlags;
  readonly locale: Locale;
  /** For the command line of `next_probe`. */
  readonly invocation: Invocation;
}

/** The entry with exactly the keys of FIL-11, in their order. */
export function newGoalEntry(input: NewGoalInput): JsonObject {
  const { flags } = input;
  const allowed = flags.spawn_allowed ?? false;
  const max_children = flags.max_children ?? DEFAULT_MAX_CHILDREN;
  return {
    id: input.goal_id,
    domain: flags.domain ?? DEFAULT_DOMAIN,
    status: "active",
    role: flags.role ?? "controller",
    parent_goal_id: flags.parent_goal_id ?? null,
    repo: input.repo,
    state_file: input.state_file,
    authority_sources: input.goal_doc === null ? [] : [{ kind: "goal_doc", path: input.goal_doc, role: "primary_goal_document" }],
    adapter: { kind: flags.adapter_kind ?? GENERIC_ADAPTER_KIND, status: flags.adapter_status ?? DEFAULT_ADAPTER_STATUS },
    spawn_policy: { mode: spawnMode(allowed, max_children), allowed, max_children, allowed_domains: [...(flags.allowed_domain ?? [])] },
    coordination: {
      write_scope: [...(flags.write_scope ?? [])],
      claim_ttl_minutes: flags.claim_ttl_minutes ?? DEFAULT_CLAIM_TTL_MINUTES,
      requires_parent_approval: [...DEFAULT_PARENT_APPROVAL],
    },
    execution_profile: buildExecutionProfile(flags),
    next_probe: flags.next_probe ?? loopxCommand(input.invocation, ["check", "--scan-root", input.repo]),
    guards: GUARDS.map((guard) => guard[input.locale]()),
  };
}

/** Blocks that hold keys of FIL-12 or of other tools beside those of FIL-11. */
const MERGED_BLOCKS = ["adapter", "spawn_policy", "coordination"];

/**
 * The entry `connect --force` writes over an old one: the keys of FIL-11 are new, every other key stays,
 * also inside `adapter`, `spawn_policy` and `coordination` (CMD-34).
 */
export function replaceEntryKeys(old: JsonValue | undefined, fresh: JsonObject): JsonObject {
  if (!isJsonObject(old)) return fresh;
  const blocks = MERGED_BLOCKS.map((key) => [key, mergeBlock(old[key], fresh[key])] as const);
  return { ...fresh, ...withoutKeys(old, new Set(Object.keys(fresh))), ...Object.fromEntries(blocks) };
}

function mergeBlock(old: JsonValue | undefined, fresh: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(old) && isJsonObject(fresh) ? { ...old, ...fresh } : fresh;
}
