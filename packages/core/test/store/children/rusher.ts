// Waits for a lock again and again: node rusher.mjs <runtime root> <place>. Each line on stdin is one round: the path to
// lock. Answers `<ms until held> <overlaps seen>`.
import { closeSync, openSync, unlinkSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "../../../src/node/clock.ts";
import { fileLock } from "../../../src/node/lock.ts";

const [runtimeRoot = "", place = ""] = process.argv.slice(2);
const lock = fileLock({ runtime_root: runtimeRoot, clock: systemClock });

process.stdout.write("ready\n");
for await (const path of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const held = await lock.acquire(path, { wait_ms: 20_000, command: "rush" });
  const waited = performance.now() - started;
  if (held.kind === "busy") throw new Error(JSON.stringify(held));
  const overlaps = enter() ? 0 : 1;
  await wait(3);
  if (overlaps === 0) unlinkSync(place);
  await held.release();
  process.stdout.write(`${waited} ${overlaps}\n`);
}

function enter(): boolean {
  try {
    closeSync(openSync(place, "wx"));
    return true;
  } catch {
    return false;
  }
}
