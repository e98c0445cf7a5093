/**
 * The queue of requests: one file each, made exclusively, so that whoever asks may die the next moment (WTL-13). A file that
 * cannot be read is moved aside.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { RESULTS } from "../worktree/cycle.ts";
import type { CycleRequest } from "../worktree/schedule.ts";

const MOST = 100;
const KEPT = 100;
const NAME = /^request_[0-9a-z]{26}\.json$/;
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Puts a request into the queue. */
export function writeRequest(folder: string, request: CycleRequest & { readonly reason: string; readonly at: string }): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(
    join(folder, `${request.request_id}.json`),
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    writeSync(fd, `${JSON.stringify(request)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The oldest requests, in the order in which they came. */
export function readRequests(folder: string): readonly CycleRequest[] {
  return namesIn(folder)
    .slice(0, MOST)
    .flatMap((name) => {
      const path = join(folder, name);
      const request = parse(path, name.slice(0, -".json".length));
      if (request === null) setAside(path);
      return request === null ? [] : [request];
    });
}

/** What became of a request. */
const RequestAnswerSchema = z.object({
  result: z.enum(RESULTS),
  reason: z.string(),
  cycle_id: z.nullable(z.string()),
  base_sha: z.string(),
});
export type RequestAnswer = z.infer<typeof RequestAnswerSchema>;

/** Takes requests out of the queue and leaves word for whoever waits; of the older answers the newest stay. */
export function answerRequests(folder: string, ids: readonly string[], answer: RequestAnswer): void {
  for (const id of ids) {
    const path = join(folder, `${id}.done`);
    writeFileSync(`${path}.part`, `${JSON.stringify(answer)}\n`, { mode: 0o600 });
    renameSync(`${path}.part`, path);
    rmSync(join(folder, `${id}.json`), { force: true });
  }
  if (ids.length === 0) return;
  const answers = listed(folder).filter((name) => name.endsWith(".done"));
  for (const name of answers.slice(0, -KEPT)) rmSync(join(folder, name), { force: true });
}

/** The answer to a request; null while there is none. */
export function answerOf(folder: string, request_id: string): RequestAnswer | null {
  try {
    return RequestAnswerSchema.safeParse(JSON.parse(readFileSync(join(folder, `${request_id}.done`), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  return listed(folder).filter((name) => NAME.test(name));
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function parse(path: string, request_id: string): CycleRequest | null {
  try {
    const { base_sha, retry } = JSON.parse(readFileSync(path, "utf8")) as { base_sha?: unknown; retry?: unknown };
    if (base_sha !== null && (typeof base_sha !== "string" || !SHA.test(base_sha))) return null;
    return { request_id, base_sha, retry: retry === true };
  } catch {
    return null;
  }
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.bad`);
  } catch {
    // Another watcher was quicker.
  }
}
