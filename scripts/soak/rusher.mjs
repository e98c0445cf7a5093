// Waits for one lock after the other: node rusher.mjs <folder>. Each line on stdin is a path to lock; inside it adds one to
// the counter there, as a commit would. Answers `<ms until done> <others seen inside>`.
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { newHostIn } from "./world.mjs";

const [folder = ""] = process.argv.slice(2);
const { lock } = newHostIn(folder, "project");
const inside = join(folder, "inside");

process.stdout.write("ready\n");
for await (const path of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const held = await lock.acquire(path, { wait_ms: 20_000, command: "rush" });
  if (held.kind === "busy") throw new Error(JSON.stringify(held));
  const alone = enter();
  const count = Number(readFileSync(path, "utf8"));
  await wait(2);
  writeFileSync(path, String(count + 1));
  if (alone) unlinkSync(inside);
  await held.release();
  process.stdout.write(`${performance.now() - started} ${alone ? 0 : 1}\n`);
}

function enter() {
  try {
    closeSync(openSync(inside, "wx"));
    return true;
  } catch {
    return false;
  }
}
