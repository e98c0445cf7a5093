/**
 * The reviews of a pull, each with what it says at lines of the difference: the server keeps that apart, and a review may say
 * nothing else (DSP-21, DSP-96).
 */
import type { ForgeAnswer, ForgeReview, Place } from "../../gitea/forge.ts";
import type { Calls } from "./calls.ts";
import { idOf, whole, type List } from "./lists.ts";
import { onItem } from "./places.ts";
import { LINE_COMMENT, listOf, REVIEW, type LineComment } from "./shapes.ts";

/** What stands at lines, by review and how many there were: an answer in an old thread is one more. */
export type LineMemory = Map<string, readonly LineComment[]>;

const LINES = listOf(LINE_COMMENT);
const REMEMBERED = 500;

/** All reviews, oldest first; none when one of them cannot be read whole. */
export function readReviews(calls: Calls, list: List, memory: LineMemory, place: Place): Promise<ForgeAnswer<readonly ForgeReview[]>> {
  return onItem(place, async (path) => {
    const answer = whole(
      await list(
        (query) => (client) => client.GET("/repos/{owner}/{repo}/pulls/{index}/reviews", { params: { path, query } }),
        REVIEW,
        idOf,
      ),
    );
    if (answer.kind === "failed") return answer;
    const reviews: ForgeReview[] = [];
    for (const { line_comments, ...review } of answer.value) {
      const key = `${place.repo}#${place.number} ${review.id} ${line_comments}`;
      const known = line_comments === 0 ? [] : memory.get(key);
      const lines = known === undefined ? await linesOf(calls, { ...path, id: review.id }) : { kind: "value" as const, value: known };
      if (lines.kind === "failed") return lines;
      if (known === undefined) remember(memory, key, lines.value);
      reviews.push({ ...review, body: [review.body, ...lines.value.map(textOf)].filter((text) => text !== "").join("\n\n") });
    }
    return { kind: "value", value: reviews };
  });
}

interface ReviewPath {
  readonly owner: string;
  readonly repo: string;
  readonly index: number;
  readonly id: number;
}

/** A review that is gone by now says nothing. */
async function linesOf(calls: Calls, path: ReviewPath): Promise<ForgeAnswer<readonly LineComment[]>> {
  const answer = await calls.read(
    (client) => client.GET("/repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments", { params: { path } }),
    LINES,
  );
  if (answer.kind === "value") return { kind: "value", value: answer.value };
  return answer.fault === "not_found" ? { kind: "value", value: [] } : answer;
}

function remember(memory: LineMemory, key: string, lines: readonly LineComment[]): void {
  memory.set(key, lines);
  const [oldest] = memory.keys();
  if (memory.size > REMEMBERED && oldest !== undefined) memory.delete(oldest);
}

/** The place on a line of its own: what was written keeps its lines. */
function textOf({ path, line, body }: LineComment): string {
  return `${path}${line === 0 ? "" : `, line ${line}`}:\n\n${body}`;
}
