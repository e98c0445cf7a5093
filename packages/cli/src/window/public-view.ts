/**
 * What leaves this machine's files for a page: the same values without a path of this machine and without private text
 * (issue rule of `/status.json`, D16). The roots of this server read as the variables that name them, so that a printed
 * command still runs where they are set. Pure.
 */
import { redact, shellLine, type JsonObject, type JsonValue } from "@loopx/core/domain";

/** The roots that commands name. */
export interface Roots {
  readonly registry: string;
  readonly runtime_root: string;
}

/** A view that remembers what it made of a value for as long as the value lives. */
export type PublicView = <Value extends object>(value: Value) => Value;

export function publicView(roots: Roots): PublicView {
  const known = new WeakMap<object, JsonValue>();
  const view = (value: JsonValue | undefined): JsonValue | undefined => {
    if (typeof value === "string") return publicText(value, roots);
    if (typeof value !== "object" || value === null) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    const made: JsonValue = Array.isArray(value)
      ? value.map((each: JsonValue) => view(each) ?? null)
      : pasteable(
          value,
          Object.fromEntries(Object.entries(value as JsonObject).map(([key, each]) => [publicText(key, roots), view(each)])),
        );
    known.set(value, made);
    return made;
  };
  return (value) => view(value as unknown as JsonObject) as unknown as typeof value;
}

/** A next command that lost a path would not run as pasted: `why` prints it whole, on the machine that has the path. */
function pasteable(from: object, made: JsonObject): JsonObject {
  const { goal_id, next_command } = made;
  if (typeof goal_id !== "string" || typeof next_command !== "string") return made;
  const isWhole = !REDACTED.test(next_command) || ("next_command" in from && REDACTED.test(String(from.next_command)));
  return isWhole ? made : { ...made, next_command: `loopx --registry "$LOOPX_REGISTRY" why ${shellLine(["--goal-id", goal_id])}` };
}

const REDACTED = /<(?:local-path|redacted:[^>]*)>/;

/** The text without paths and private parts. */
export function publicText(text: string, { registry, runtime_root }: Roots): string {
  if (text === registry) return "$LOOPX_REGISTRY";
  if (text === runtime_root) return "$LOOPX_RUNTIME_ROOT";
  if (!text.includes("/") && !text.includes("\\") && isPlain(text)) return text;
  const named = replaceRoot(replaceRoot(text, registry, '"$LOOPX_REGISTRY"'), runtime_root, '"$LOOPX_RUNTIME_ROOT"');
  return redact(named, "handoff");
}

/** Nothing of a short word or number can be private. */
function isPlain(text: string): boolean {
  return text.length <= 16 && !/\d{6}|[@:]/.test(text);
}

/** The root where it stands as a whole word; a path below it stays one, and is redacted. */
function replaceRoot(text: string, root: string, name: string): string {
  let from = 0;
  let made = "";
  for (let at = text.indexOf(root); at !== -1; at = text.indexOf(root, from)) {
    const end = at + root.length;
    const isWord = (at === 0 || /[\s'"=]/.test(text.charAt(at - 1))) && (end === text.length || /[\s'",;)]/.test(text.charAt(end)));
    const quoted = isWord && text[at - 1] === "'" && text[end] === "'";
    made += isWord ? `${text.slice(from, quoted ? at - 1 : at)}${name}` : text.slice(from, end);
    from = quoted ? end + 1 : end;
  }
  return made + text.slice(from);
}
