/** What the conformance suite asks of a store, and the few words its tests share. */
import assert from "node:assert/strict";
import type { GoalId } from "../../domain/ids.ts";
import type { DocumentKey, Documents } from "../../ports/documents.ts";
import type { Leases } from "../../ports/leases.ts";
import type { LogEntry, LogKey, Logs } from "../../ports/logs.ts";
import type { PlaceKey } from "../memory-ground.ts";

export type { PlaceKey };

/** A store over fresh ground, with the goals `alpha` and `beta` bound. */
export interface ConformanceStore {
  readonly documents: Documents;
  readonly logs: Logs;
  readonly leases: Leases;
  /** The clock by which this store's leases expire. */
  readonly clock: { tick(ms: number): void };
  /**
   * Puts content there behind the store's back, at once, as a person or a crash would. Absent where the engine has
   * no such back door; the tests of damaged content are left out then.
   */
  readonly plant?: (place: PlaceKey, content: Uint8Array | "directory" | "absent") => void;
  /** The raw content of a file, or null. Goes with `plant`. */
  readonly bytesOf?: (place: PlaceKey) => Uint8Array | null;
}

/** A store with its back door: what the tests of damaged content get. */
export type OpenedStore = ConformanceStore & Required<Pick<ConformanceStore, "plant" | "bytesOf">>;

/** The two functions of a test runner that the suite needs. */
export interface Runner {
  readonly describe: (name: string, tests: () => void) => unknown;
  readonly it: (name: string, test: () => Promise<void>, timeout_ms?: number) => unknown;
}

/** How the suite runs, and what the store under test can do. */
export interface ConformanceOptions {
  /** `describe` and `it` of vitest, of `node:test`, or of anything alike. */
  readonly runner: Runner;
  /** Another store over the same ground and clock, as a second process or the next start has. */
  readonly reopen: (store: ConformanceStore) => ConformanceStore | Promise<ConformanceStore>;
  /** True when `make` gives stores with a back door. */
  readonly plants: boolean;
  /** Runs {@link conformanceWork} in that many processes; without it they are stores in this process. */
  readonly processes?: (store: ConformanceStore, workers: number, operations: number) => Promise<readonly WorkReport[]>;
}

/** What one worker was told had been stored. */
export interface WorkReport {
  readonly worker: string;
  readonly updates: number;
  readonly record_ids: readonly string[];
  readonly tokens: readonly number[];
}

/** One test over a fresh store. */
export type Test = (name: string, test: (store: ConformanceStore) => Promise<void>, timeout_ms?: number) => void;
export type DamageTest = (name: string, test: (store: OpenedStore) => Promise<void>) => void;

export const ALPHA = "alpha" as GoalId;
export const BETA = "beta" as GoalId;
export const STATE: DocumentKey = { kind: "goal_state", goal_id: ALPHA };
export const RUNS: LogKey = { kind: "runs", goal_id: ALPHA };
export const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes the text, whatever stood there, and gives the revision. */
export async function write(store: ConformanceStore, key: DocumentKey, text: string) {
  return only(await store.documents.update(key, () => ({ write: text, value: null })), "written").revision;
}

/** The document's text; anything but `found` fails the test. */
export async function text(store: ConformanceStore, key: DocumentKey): Promise<string> {
  const found = await store.documents.read(key);
  assert.equal(found.kind, "found");
  return found.kind === "found" ? found.text : "";
}

/** An edit that adds to the end. */
export function adding(more: string) {
  return (current: { text: string } | null) => ({ write: (current?.text ?? "") + more, value: more });
}

export async function scanned(store: ConformanceStore, key: LogKey): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of store.logs.scan(key)) entries.push(entry);
  return entries;
}

/** The newest entries; anything but a page fails the test. */
export async function page(store: ConformanceStore, key: LogKey, options: Parameters<Logs["tail"]>[1]) {
  const found = await store.logs.tail(key, options);
  assert.ok(found.kind === "page", found.kind);
  return found;
}

/** The value when the outcome is of that kind; else the test fails. */
export function only<O extends { kind: string }, K extends O["kind"]>(outcome: O, kind: K): Extract<O, { kind: K }> {
  assert.equal(outcome.kind, kind);
  return outcome as Extract<O, { kind: K }>;
}

/** The raw content under a key as a plain array of bytes, or null. */
export function bytesAt(store: OpenedStore, key: PlaceKey): Uint8Array | null {
  const bytes = store.bytesOf(key);
  return bytes === null ? null : new Uint8Array(bytes);
}
