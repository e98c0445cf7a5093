/** Reads of an item, and the one way a failed call ends an effect: as a fault that is tried again, never as "nothing there" (DSP-91). */
import type { ForgeAnswer, ForgeFailure, ForgeReads, Place } from "./forge.ts";
import type { ItemView } from "./triage.ts";

/** A call that came to nothing. */
export class ForgeTrouble extends Error {
  readonly failure: ForgeFailure;
  constructor(failure: ForgeFailure) {
    super(
      `${failure.fault}${failure.status === null ? "" : ` (${failure.status})`}${failure.message === "" ? "" : `: ${failure.message}`}`,
    );
    this.failure = failure;
  }
}

/** The value; a failure throws {@link ForgeTrouble}. */
export async function valueOf<Value>(answer: Promise<ForgeAnswer<Value>>): Promise<Value> {
  const given = await answer;
  if (given.kind === "value") return given.value;
  throw new ForgeTrouble(given);
}

/** True when the failure says that it is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof ForgeTrouble && error.failure.fault === "not_found";
}

/** The item without its timeline: what is compared before a write. */
export async function readItem(forge: ForgeReads, place: Place): Promise<ItemView> {
  const issue = await valueOf(forge.issue(place));
  const [pull, comments, reviews] = await Promise.all([
    issue.is_pull ? valueOf(forge.pull(place)) : null,
    valueOf(forge.comments(place)),
    issue.is_pull ? valueOf(forge.reviews(place)) : [],
  ]);
  return { issue, pull, comments, reviews, timeline: null };
}

/** The whole item. A timeline that the server does not show is null, and then nobody is authorised by it (DSP-27). */
export async function readWhole(forge: ForgeReads, place: Place): Promise<ItemView> {
  const [view, timeline] = await Promise.all([readItem(forge, place), forge.timeline(place)]);
  if (timeline.kind === "value") return { ...view, timeline: timeline.value };
  if (timeline.fault === "not_found" || timeline.fault === "forbidden") return view;
  throw new ForgeTrouble(timeline);
}
