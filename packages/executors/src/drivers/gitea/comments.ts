/**
 * All comments of an item. The server gives them at once and knows no pages (DSP-S16): where that is more than is read, they are
 * asked for by parts of the time. Too many is a failure, never "none".
 */
import type { ForgeAnswer, ForgeComment, ForgeFailure, Place } from "../../gitea/forge.ts";
import { plain, type Calls } from "./calls.ts";
import { failure } from "./faults.ts";
import { byId } from "./lists.ts";
import { onItem } from "./places.ts";
import { COMMENT, issueIn, listOf } from "./shapes.ts";

/** Of the server's clock against ours. */
const SLACK_MS = 86_400_000;
const SECOND_MS = 1_000;
/** As many answers as are held at once. */
const MOST_PARTS = 64;

/** Milliseconds, both included; null: open at its end. */
interface Part {
  readonly from_ms: number | null;
  readonly to_ms: number | null;
}

export async function readComments(calls: Calls, place: Place): Promise<ForgeAnswer<readonly ForgeComment[]>> {
  return onItem(place, async (path) => {
    const partOf = (part: Part): Promise<ForgeAnswer<readonly ForgeComment[]>> => {
      const query = { ...instantAs("since", part.from_ms), ...instantAs("before", part.to_ms) };
      return calls
        .read((client) => client.GET("/repos/{owner}/{repo}/issues/{index}/comments", { params: { path, query } }), listOf(COMMENT))
        .then(plain);
    };
    const whole = await partOf({ from_ms: null, to_ms: null });
    if (whole.kind === "value") return { kind: "value", value: byId(whole.value) };
    if (!isTooLarge(whole)) return whole;
    const issue = await calls.read(
      (client) => client.GET("/repos/{owner}/{repo}/issues/{index}", { params: { path } }),
      issueIn(place.repo),
    );
    if (issue.kind === "failed") return issue;
    const from_ms = secondOf(Date.parse(issue.value.created_at) || 0);
    return inParts(partOf, { from_ms, to_ms: Math.max(from_ms + SECOND_MS, secondOf(calls.now() + SLACK_MS)) });
  });
}

/** The newest last: a part that is too large is cut in two until a second is left. */
async function inParts(
  partOf: (part: Part) => Promise<ForgeAnswer<readonly ForgeComment[]>>,
  { from_ms, to_ms }: { readonly from_ms: number; readonly to_ms: number },
): Promise<ForgeAnswer<readonly ForgeComment[]>> {
  const found: ForgeComment[] = [];
  const todo: { readonly from: number; readonly to: number }[] = cut(from_ms, to_ms);
  for (let parts = 0; todo.length > 0; parts += 1) {
    if (parts >= MOST_PARTS) return tooMany();
    const { from, to } = todo.pop() ?? { from: 0, to: 0 };
    const answer = await partOf({ from_ms: from === from_ms ? null : from, to_ms: to === to_ms ? null : to });
    if (answer.kind === "value") found.push(...answer.value);
    else if (!isTooLarge(answer) || from >= to) return answer;
    else todo.push(...cut(from, to));
  }
  return { kind: "value", value: byId(found) };
}

/** Two halves of whole seconds, the resolution of the server's times (DSP-S8). */
function cut(from: number, to: number): { readonly from: number; readonly to: number }[] {
  const middle = secondOf((from + to) / 2) + SECOND_MS;
  return [
    { from: middle, to },
    { from, to: middle - SECOND_MS },
  ];
}

function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

function isTooLarge(failed: ForgeFailure): boolean {
  return failed.too_large === true;
}

function tooMany(): ForgeFailure {
  return failure("bad_answer", `the item has more comments than are read, in ${MOST_PARTS} parts`);
}

function instantAs(name: "since" | "before", ms: number | null): Partial<Record<"since" | "before", string>> {
  return ms === null ? {} : { [name]: `${new Date(ms).toISOString().slice(0, 19)}Z` };
}
