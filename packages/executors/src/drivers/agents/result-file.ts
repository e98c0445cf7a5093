/** Reads the file in which an agent declared its result: a regular file of ours, no link, small (AGT-33). */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseDeclared, RESULT_LIMIT, type DeclaredResult } from "./declared-result.ts";

export type ReadResult =
  | { readonly kind: "declared"; readonly result: DeclaredResult }
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly reason: string };

/** Where the agent of a run puts it; its directory is the only one beside the workspace that it may write. */
export function resultFile(run_dir: string): string {
  return join(run_dir, "result", "result.json");
}

/** What stands there. */
export function readResult(run_dir: string): ReadResult {
  const path = resultFile(run_dir);
  const invalid = (reason: string): ReadResult => ({ kind: "invalid", reason });
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true) return invalid("the result directory was replaced");
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "UNKNOWN";
    if (code === "ENOENT") return { kind: "absent" };
    return invalid(code === "ELOOP" ? "result.json is a link" : `result.json cannot be opened (${code})`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return invalid("result.json is no regular file");
    if (stat.uid !== process.geteuid?.()) return invalid("result.json belongs to another user");
    if (stat.nlink > 1) return invalid("result.json has a second name");
    if (stat.size > RESULT_LIMIT) return invalid(`result.json has ${stat.size} bytes; at most ${RESULT_LIMIT} are allowed`);
    const parsed = parseDeclared(readFileSync(fd, "utf8"));
    return parsed.kind === "declared" ? parsed : invalid(parsed.reason);
  } finally {
    closeSync(fd);
  }
}
