/** Names on their way into an address: no word of a configuration or of a server leads to another path than the one that is meant. */
import type { ForgeFailure, Place } from "../../gitea/forge.ts";
import { failure } from "./faults.ts";

const SEGMENT = /^[A-Za-z0-9_.-]{1,100}$/;

interface RepoPath {
  readonly owner: string;
  readonly repo: string;
}

/** The name as one segment of a path; null when no server would have given it. */
export function segmentOf(name: string): string | null {
  return SEGMENT.test(name) && !/^\.+$/.test(name) ? name : null;
}

/** Acts with the parts of `owner/name`; anything else is `invalid`, and nothing is asked. */
export async function inRepo<Answer>(name: string, act: (path: RepoPath) => Promise<Answer>): Promise<Answer | ForgeFailure> {
  const [owner, repo, ...rest] = name.split("/").map(segmentOf);
  if (owner === null || owner === undefined || repo === null || repo === undefined || rest.length > 0)
    return failure("invalid", `${JSON.stringify(name.slice(0, 60))} is no repository`);
  return act({ owner, repo });
}

/** The same with an item's number. */
export async function onItem<Answer>(
  { repo, number }: Place,
  act: (path: RepoPath & { readonly index: number }) => Promise<Answer>,
): Promise<Answer | ForgeFailure> {
  if (!Number.isSafeInteger(number) || number < 1) return failure("invalid", "that is no number of an item");
  return inRepo(repo, (path) => act({ ...path, index: number }));
}
