// One worker of the soak: node worker.mjs <folder> <name> <seed> <began, ms>. It works until it is killed. Every operation is
// announced on stdout before it begins, and what it was told is stored is said the moment it was told.
import { writeSync } from "node:fs";
import { LoopxError } from "@loopx/core";
import { nextOperation, takeUp } from "./operations.mjs";
import { randomFrom } from "./random.mjs";

/** Answers that say no and have stored nothing; somebody else was first. */
const REFUSALS = new Set([
  "conflict",
  "claim_conflict",
  "lease_conflict",
  "lease_not_active",
  "lease_fenced",
  "run_not_found",
  "todo_not_found",
]);

const [folder = "", name = "", seed = "1", since = "0"] = process.argv.slice(2);
const worker = {
  folder,
  name,
  random: randomFrom(Number(seed)),
  count: Number(seed) % 1_000_000_000,
  since: Number(since),
  todos: [],
  leases: [],
  home: `home-${name}`,
  project: `own-${name}`,
};

await takeUp(worker);
say({ ready: process.pid });
for (;;) {
  const { name: operation, run } = nextOperation(worker);
  say({ begin: operation });
  try {
    say({ told: await run(), of: operation });
  } catch (error) {
    const code = error instanceof LoopxError ? error.code : "thrown";
    if (REFUSALS.has(code)) say({ refused: code, of: operation });
    else say({ failed: code, of: operation, what: error instanceof Error ? `${error.message} ${error.stack}` : String(error) });
  }
}

/** Blocks until it is said: what is lost with the process was never said. @param {object} line */
function say(line) {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") throw error;
    }
  }
}
