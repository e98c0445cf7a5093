/**
 * From store outcomes to the one error a command ends with (REL-52). Outcomes stay values until an action has no use
 * for them; here they get their code, their place and what to do next.
 */
import { editorCommand } from "../domain/command-line.ts";
import { LoopxError, type ErrorCode } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Lease } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import type { InvalidRegistry } from "./registry.ts";

/** What a write may answer beside success. */
export type StoreTrouble = { readonly kind: "conflict" } | { readonly kind: "fenced"; readonly current: Lease | null } | Busy | Unreadable;

export interface Place {
  readonly goal_id?: string;
  /** The write was refused, not the read: then permissions are `write_denied` and the rest is `write_failed`. */
  readonly writing?: boolean;
  /** The code for content that cannot be read; default `state_file_unreadable`. */
  readonly unreadable?: ErrorCode;
  /** What to do about content that cannot be used; without it `loopx why` of the goal says so. */
  readonly hint?: string;
}

/** The outcome, when something stands as asked: written, unchanged, appended, duplicate. Anything else throws. */
export function expectWritten<Outcome extends { readonly kind: string }>(
  outcome: Outcome,
  file: string,
  place: Place = {},
): Exclude<Outcome, { kind: StoreTrouble["kind"] }> {
  const trouble: { readonly kind: string } = outcome;
  if (isTrouble(trouble)) throw storeError(trouble, file, { writing: true, ...place });
  return outcome as Exclude<Outcome, { kind: StoreTrouble["kind"] }>;
}

/** The error of a write that did not happen. `file`: what was to be written. */
export function storeError(trouble: StoreTrouble, file: string, place: Place = {}): LoopxError {
  switch (trouble.kind) {
    case "conflict":
      return new LoopxError("conflict", `${file} kept changing; nothing was written`, { details: detailsOf(file, place) });
    case "fenced":
      return fencedError(trouble.current, file, place);
    case "busy":
      return busyError(trouble, file, place);
    case "unreadable":
      return unreadableError(trouble, place);
  }
}

/** The error of content that exists and cannot be used. */
export function unreadableError(trouble: Unreadable, place: Place = {}): LoopxError {
  const writing = place.writing === true;
  const figures = {
    ...(trouble.size === undefined ? {} : { size: trouble.size }),
    ...(trouble.limit === undefined ? {} : { limit: trouble.limit }),
  };
  const details: JsonObject = { ...detailsOf(trouble.where, place), reason: trouble.reason, ...figures };
  const end = (code: ErrorCode, what: string, hint?: string): LoopxError =>
    new LoopxError(code, `${trouble.where} ${what}`, hint === undefined ? { details } : { hint, details });
  const repair = place.hint ?? (place.goal_id === undefined ? undefined : `loopx why --goal-id ${place.goal_id} names the repair`);
  const unreadable = place.unreadable ?? "state_file_unreadable";
  switch (trouble.reason) {
    case "too_large":
      return end("too_large", sizeText(trouble), repair);
    case "not_a_regular_file":
      return end("not_a_regular_file", "is no regular file", repair);
    case "path_outside_root":
      return end("path_outside_root", "lies outside the directory it has to lie in", repair);
    case "not_utf8":
      return end(unreadable, "is no valid UTF-8; LoopX does not rewrite it", repair);
    case "denied":
      return writing ? end("write_denied", "may not be written") : end(unreadable, "may not be read (permission denied)", repair);
    case "io":
      return writing ? end("write_failed", "could not be written; the old content stands") : end(unreadable, "cannot be read", repair);
  }
}

/** The error of a registry that was not written; an invalid one is named by what is wrong with it. */
export function registryOutcomeError(outcome: InvalidRegistry | Exclude<StoreTrouble, Unreadable>, file: string): LoopxError {
  if (outcome.kind !== "invalid") return storeError(outcome, file, { writing: true });
  const reason = outcome.unreadable?.reason;
  if (outcome.unreadable !== null && reason !== "not_utf8" && reason !== "io")
    return unreadableError(outcome.unreadable, { writing: true });
  const { code, message, line } = outcome.finding;
  return new LoopxError("registry_invalid", message, {
    hint: editorCommand(file, line),
    details: { file, finding: code, ...(line === undefined ? {} : { line }) },
  });
}

function isTrouble(outcome: { readonly kind: string }): outcome is StoreTrouble {
  return outcome.kind === "conflict" || outcome.kind === "fenced" || outcome.kind === "busy" || outcome.kind === "unreadable";
}

function busyError(busy: Busy, file: string, place: Place): LoopxError {
  const { owner, waited_ms, record } = busy;
  const who = owner === null ? "another process" : `process ${owner.pid} (${owner.command}, since ${owner.at})`;
  return new LoopxError("lock_timeout", `${who} holds the lock of ${file}; waited ${waited_ms} ms`, {
    ...(owner === null ? {} : { hint: `wait for process ${owner.pid}, or end it, then repeat the command` }),
    details: { ...detailsOf(file, place), waited_ms, owner: owner === null ? null : { ...owner }, owner_record: record },
  });
}

function fencedError(current: Lease | null, file: string, place: Place): LoopxError {
  const holder =
    current === null ? "nobody holds the lease any more" : `the lease is held by ${current.holder} with token ${current.token}`;
  return new LoopxError("lease_fenced", `${file} was not written: ${holder}`, {
    details: { ...detailsOf(file, place), holder: current?.holder ?? null, token: current?.token ?? null },
  });
}

function sizeText(trouble: Unreadable): string {
  if (trouble.size === undefined || trouble.limit === undefined) return "is over its limit";
  return `has ${trouble.size} bytes; the limit is ${trouble.limit}`;
}

function detailsOf(file: string, place: Place): JsonObject {
  return { file, ...(place.goal_id === undefined ? {} : { goal_id: place.goal_id }) };
}
