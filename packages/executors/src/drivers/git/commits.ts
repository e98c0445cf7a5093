/**
 * Commits of an executor: exactly the files it accepted, in its own name, never with hooks, and nothing is ever added by a
 * wildcard (WTL-65, WTL-128, AGT-36, AGT-37).
 */
import type { Git, Place } from "./git.ts";
import { commitOf } from "./checkout.ts";
import type { Sha } from "./names.ts";
import { LoopxError } from "@loopx/core/domain";

/** One commit to make. */
export interface CommitOrder {
  readonly paths: readonly string[];
  readonly subject: string;
  readonly body?: string;
  /** In this order below the message: `Loopx-Run: …`. */
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** `Name <mail>` */
  readonly author: string;
}

const AUTHOR = /^([^<>\n\u0000]{1,100}) <([^<>\s\u0000]{1,200})>$/;

/** Commits the paths and answers the new commit. */
export async function commitPaths(git: Git, place: Place, order: CommitOrder): Promise<Sha> {
  if (order.paths.length === 0) throw new LoopxError("internal", "a commit without paths was ordered");
  const who = personOf(order.author);
  const paths = order.paths.map((path) => `${path}\0`).join("");
  // What stands in the index came from somebody else.
  await git.run(place, ["reset", "--quiet"]);
  await git.run(place, ["--literal-pathspecs", "add", "--pathspec-from-file=-", "--pathspec-file-nul"], { stdin: paths });
  await git.run(place, ["commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--file=-"], { stdin: messageOf(order), env: who });
  const made = await commitOf(git, place, "HEAD");
  if (made === null) throw new LoopxError("git_failed", "git made no commit");
  return made;
}

/** `Name <mail>` as git takes it from the environment. */
export function personOf(author: string): Readonly<Record<string, string>> {
  const [, name = "", mail = ""] = AUTHOR.exec(author) ?? [];
  if (name === "") throw new LoopxError("config_invalid", `${JSON.stringify(author)} is no author`, { hint: "LoopX <loopx@localhost>" });
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: mail, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: mail };
}

/** Subject, body, trailers; a line of the body that looks like a trailer is no trailer of ours, and is indented. */
export function messageOf({ subject, body = "", trailers }: Pick<CommitOrder, "subject" | "body" | "trailers">): string {
  const names = new Set(trailers.map(([name]) => name.toLowerCase()));
  const safeBody = body
    .split("\n")
    .map((line) => (names.has((/^([\w-]+):/.exec(line)?.[1] ?? "").toLowerCase()) ? ` ${line}` : line))
    .join("\n")
    .replace(/^\n+|\s+$/g, "");
  const lines = trailers.map(([name, value]) => `${name}: ${oneLine(value)}`);
  return [oneLine(subject), ...(safeBody === "" ? [] : [safeBody]), lines.join("\n")].join("\n\n") + "\n";
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trim();
}
