/**
 * A project as the older Python LoopX left it: registries, goal states and history recorded in its spelling, laid out
 * below one temporary directory, with a host whose clock stands at noon of 2026-06-15.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openHost, type FileHost } from "../../src/index.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/older-python/basic/", import.meta.url));
export const NOON = "2026-06-15T12:00:00+00:00";
export const EVAL = "Nightly-Eval";

export interface OldProject {
  readonly project: string;
  readonly runtime: string;
  readonly host: FileHost;
  /** Moves the clock forward. */
  wait(ms: number): void;
  read(path: keyof typeof PLACES): string;
  write(path: keyof typeof PLACES, text: string): void;
  remove(): void;
}

const PLACES = {
  "registry.json": "project/.loopx/registry.json",
  "registry.global.json": "runtime/registry.global.json",
  "Nightly-Eval.md": "project/.codex/goals/Nightly-Eval/ACTIVE_GOAL_STATE.md",
  "docs-map.md": "project/.codex/goals/docs-map/ACTIVE_GOAL_STATE.md",
  "long-retired.md": "project/.codex/goals/long-retired/ACTIVE_GOAL_STATE.md",
  "runs/index.jsonl": "runtime/goals/Nightly-Eval/runs/index.jsonl",
} as const;

/** The fixture in a fresh place, with the lock files the older one leaves for ever. */
export function oldProject(): OldProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-older-")));
  const place = (path: keyof typeof PLACES): string => join(root, PLACES[path]);
  const there = (text: string): string => text.replaceAll("/srv/older", root);
  cpSync(join(FIXTURE, "runs"), dirname(place("runs/index.jsonl")), { recursive: true });
  for (const name of Object.keys(PLACES) as (keyof typeof PLACES)[]) {
    mkdirSync(dirname(place(name)), { recursive: true });
    const text = there(readFileSync(join(FIXTURE, name), "utf8"));
    writeFileSync(place(name), name === "docs-map.md" ? text.replaceAll("\n", "\r\n") : text);
    if (name.endsWith(".md")) writeFileSync(`${place(name)}.lock`, "");
  }
  const clock = { ms: Date.parse(NOON) };
  const counts = new Map<string, number>();
  const host = openHost({
    cwd: join(root, "project"),
    home: join(root, "home"),
    env: {},
    locale: "en",
    clock: { now: () => new Date(clock.ms), monotonicMs: () => performance.now(), utcOffsetMinutes: () => 0 },
    ids: {
      next: (prefix) => {
        const count = (counts.get(prefix) ?? 0) + 1;
        counts.set(prefix, count);
        return prefix + String(count).padStart(prefix === "todo_" ? 12 : 26, "0");
      },
    },
  });
  return {
    project: join(root, "project"),
    runtime: join(root, "runtime"),
    host,
    wait: (ms) => (clock.ms += ms),
    read: (path) => readFileSync(place(path), "utf8"),
    write: (path, text) => writeFileSync(place(path), text),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The text with each given part, which has to stand there exactly once, replaced; everything else byte for byte. */
export function replaced(text: string, ...changes: readonly (readonly [old: string, now: string])[]): string {
  return changes.reduce((changed, [old, now]) => {
    if (changed.split(old).length !== 2) throw new Error(`${JSON.stringify(old)} stands ${changed.split(old).length - 1} times`);
    return changed.replace(old, () => now);
  }, text);
}
