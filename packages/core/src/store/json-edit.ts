/**
 * Edits of JSON text that leave every byte outside the changed values alone (FIL-2): number spelling, indent,
 * line ending and byte order mark survive. It never re-prints a document, and it edits only text that `JSON.parse` accepted.
 */
import { LoopxError } from "../domain/errors.ts";
import { sameJson } from "../domain/goal/json-values.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../domain/json.ts";
import { type JsonMember, membersOf, rootSpan, type Span } from "./json-members.ts";
import { applySplices, containerSplices, type NewMember, type Splice, spliceWithin } from "./json-splice.ts";
import { type JsonStyle, printLike, styleOf } from "./json-style.ts";
import { withoutMark } from "./json-text.ts";

/** A change of one list of a document: elements by their old position, then new ones at the end. */
export interface ListEdit {
  readonly replace: ReadonlyMap<number, JsonValue>;
  readonly remove: ReadonlySet<number>;
  readonly append: readonly JsonValue[];
}

export interface DocumentEdit {
  /** Top-level keys to set; a new one goes behind the key that stands before it here, else to the front. */
  readonly set?: JsonObject;
  /** The top-level list to change. */
  readonly list?: { readonly key: string; readonly edit: ListEdit };
}

/**
 * The edited text. `root` is what `JSON.parse` gave for it. Bytes of elements and keys that the edit does not name are
 * identical. A list that is no list is a caller's bug.
 */
export function editJson(text: string, root: JsonObject, edit: DocumentEdit): string {
  const body = withoutMark(text);
  const span = rootSpan(body);
  const members = membersOf(body, span);
  const style = styleOf(body, span, members);
  const splices: Splice[] = [];
  if (edit.list !== undefined)
    splices.push(...listSplices(body, memberNamed(members, edit.list.key), root[edit.list.key], edit.list.edit, style));
  if (edit.set !== undefined) splices.push(...objectSplices(body, span, root, { ...root, ...edit.set }, style));
  return text.slice(0, text.length - body.length) + applySplices(body, splices);
}

function listSplices(
  text: string,
  list: JsonMember | undefined,
  values: JsonValue | undefined,
  edit: ListEdit,
  style: JsonStyle,
): Splice[] {
  if (list === undefined || !Array.isArray(values))
    throw new LoopxError("internal", "an edit names a list that the document does not have");
  const elements = membersOf(text, list.value);
  const splices = containerSplices(text, list.value, {
    members: elements.map((element, position) => ({ ...element, removed: edit.remove.has(position) })),
    inserts: new Map([[elements.length - 1, edit.append.map((value) => ({ key: null, value }))]]),
    style,
  });
  for (const [position, value] of edit.replace) {
    const element = elements[position];
    if (element !== undefined && !edit.remove.has(position))
      splices.push(...valueSplices(text, element.value, values[position], value, style));
  }
  refuseStraySplices(splices, elements, edit);
  return splices;
}

/** The promise of FIL-2, checked on every write: no splice reaches into an element that the edit does not name. */
function refuseStraySplices(splices: readonly Splice[], elements: readonly Span[], edit: ListEdit): void {
  const kept = elements.filter((_, position) => !edit.replace.has(position) && !edit.remove.has(position));
  if (spliceWithin(splices, kept))
    throw new LoopxError("internal", "an edit would have changed a registry entry it does not name; nothing was written");
}

/** The smallest splices that turn the old value into the new one: objects are compared key by key, lists as a whole. */
function valueSplices(text: string, span: Span, old: JsonValue | undefined, value: JsonValue, style: JsonStyle): Splice[] {
  if (sameJson(old, value)) return [];
  if (isJsonObject(old) && isJsonObject(value)) return objectSplices(text, span, old, value, style);
  return [{ start: span.start, end: span.end, text: printLike(text, span, value, style) }];
}

function objectSplices(text: string, span: Span, old: JsonObject, value: JsonObject, style: JsonStyle): Splice[] {
  const members = membersOf(text, span);
  const lastByName = new Map(members.map((member, index) => [member.name, index]));
  const inserts = new Map<number, NewMember[]>();
  const splices: Splice[] = [];
  let behind = -1;
  for (const [key, next] of Object.entries(value)) {
    if (next === undefined) continue;
    const index = lastByName.get(key);
    const member = index === undefined ? undefined : members[index];
    if (index === undefined || member === undefined) {
      inserts.set(behind, [...(inserts.get(behind) ?? []), { key, value: next }]);
    } else {
      behind = index;
      splices.push(...valueSplices(text, member.value, old[key], next, style));
    }
  }
  const kept = (name: string) => Object.hasOwn(value, name) && value[name] !== undefined;
  const standing = members.map((member) => ({ ...member, removed: !kept(member.name ?? "") }));
  return [...containerSplices(text, span, { members: standing, inserts, style }), ...splices];
}

/** The last one: of two equal keys `JSON.parse` believes the later. */
function memberNamed(members: readonly JsonMember[], name: string): JsonMember | undefined {
  return members.findLast((member) => member.name === name);
}
