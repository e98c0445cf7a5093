/**
 * Metadata as a caller gives it, checked before anything is written (FIL-43). A bad value is refused, with its key and
 * what would be right; nothing is repaired silently.
 */
import { requestedAgent, refuse, refuseValue, isRefused, type Refused, type TodoAgents } from "./todo-outcome.ts";
import { specOf, type KnownKey, type MetadataKey } from "./metadata-keys.ts";
import { oneLine } from "./text.ts";
import { LIST_LIMIT, type TokenChanges } from "./metadata.ts";
import type { TaskClass, TodoRole } from "./todo.ts";

export type MetadataValue = string | number | boolean | readonly string[];
/** Keys to set; null clears one. Keys left out stay as they are. */
export type MetadataInput = { readonly [key in MetadataKey | "task_class"]?: MetadataValue | null };

const AGENT_KEYS: ReadonlySet<string> = new Set(["claimed_by", "blocks_agent", "claim_taken_from"]);
const TEXT_KEYS: ReadonlySet<string> = new Set(["note", "evidence", "reason", "target_key", "result_hash"]);
const MONITOR_KEYS = ["target_key", "cadence", "next_due_at", "expires_at"] as const;

/** The tokens of an input, each in its stored form. */
export function metadataTokens(input: MetadataInput, agents: TodoAgents): Map<KnownKey, string | null> | Refused {
  const tokens = new Map<KnownKey, string | null>();
  for (const [key, value] of Object.entries(input) as [MetadataKey | "task_class", MetadataValue | null | undefined][]) {
    if (value === undefined) continue;
    const token = value === null ? null : tokenOf(key, value, agents);
    if (isRefused(token)) return token;
    tokens.set(key, token);
  }
  return tokens;
}

/** Null for an empty list, which is no list at all. */
function tokenOf(key: MetadataKey | "task_class", value: MetadataValue, agents: TodoAgents): string | null | Refused {
  const spec = specOf(key);
  if (typeof value === "object") {
    if (!spec.list) return refuseValue(key, spec.expected);
    if (value.length > LIST_LIMIT) return refuseValue(key, `a list of at most ${LIST_LIMIT}`);
    const items = value.map((item) => spec.read(item.trim()));
    return items.includes(null) ? refuseValue(key, `a list, each item ${spec.expected}`) : emptyAsNull([...new Set(items)].join(","));
  }
  const text = String(value);
  if (spec.list) return tokenOf(key, text.split(","), agents);
  if (AGENT_KEYS.has(key)) return requestedAgent(text, key, agents);
  if (TEXT_KEYS.has(key)) return textToken(key, text);
  const read = spec.read(text.trim());
  return read === null ? refuseValue(key, spec.expected) : String(read);
}

function textToken(key: MetadataKey | "task_class", text: string): string | Refused {
  const line = oneLine(text);
  if ("fault" in line) return refuseValue(key, line.fault);
  return specOf(key).read(line.text) === null ? refuseValue(key, specOf(key).expected) : line.text;
}

function emptyAsNull(text: string): string | null {
  return text === "" ? null : text;
}

/** What a todo will be once the tokens are written: enough to judge which keys fit together. */
export interface TodoOutlook {
  readonly role: TodoRole;
  readonly task_class: TaskClass | null;
  readonly has: (key: MetadataKey) => boolean;
}

/** Why the tokens do not fit the todo, or null: monitor keys, user actions and gates of goals with several agents (CMD-91). */
export function unfitting(tokens: TokenChanges, outlook: TodoOutlook, agents: TodoAgents): Refused | null {
  const given = (key: KnownKey): boolean => typeof tokens.get(key) === "string";
  const monitor = MONITOR_KEYS.find(given);
  if (monitor !== undefined && (outlook.role !== "agent" || outlook.task_class !== "continuous_monitor")) {
    return refuse("invalid_value", `\`${monitor}\` is for an agent todo of class continuous_monitor.`, { key: monitor });
  }
  if (given("task_class") && outlook.task_class === "continuous_monitor" && outlook.role !== "agent") {
    return refuse("invalid_value", "A continuous_monitor is an agent todo.", { key: "task_class" });
  }
  if (given("task_class") && outlook.task_class === "user_action" && outlook.role !== "user") {
    return refuse("invalid_value", "A user_action is a user todo.", { key: "task_class" });
  }
  return unscopedGate(tokens, outlook, agents);
}

function unscopedGate(tokens: TokenChanges, outlook: TodoOutlook, agents: TodoAgents): Refused | null {
  const touched = ["task_class", "blocks_agent", "global_gate"].some((key) => tokens.has(key as KnownKey));
  if (!touched || outlook.task_class !== "user_gate" || agents.registered.length < 2) return null;
  const [blocks, global] = [outlook.has("blocks_agent"), outlook.has("global_gate")];
  if (blocks !== global) return null;
  const message = blocks
    ? "A user_gate names `blocks_agent` or `global_gate`, not both."
    : "With several agents a user_gate needs `blocks_agent` or `global_gate`.";
  return refuse(blocks ? "conflicting_flags" : "invalid_value", message, { key: blocks ? "global_gate" : "blocks_agent" });
}
