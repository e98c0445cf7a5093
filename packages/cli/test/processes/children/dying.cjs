// Loaded before the built command (`node --require`): counts what the process changes on the disk, and kills it at one of
// those calls. LOOPX_TEST_DIE=<n> dies at the n-th; the count goes to the file LOOPX_TEST_COUNT when it ends by itself.
"use strict";
const fs = require("node:fs");

const CALLS = [
  "openSync",
  "writeSync",
  "renameSync",
  "linkSync",
  "unlinkSync",
  "mkdirSync",
  "rmdirSync",
  "fsyncSync",
  "fdatasyncSync",
  "ftruncateSync",
];
/** @type {Record<string, (...args: any[]) => unknown>} */
const calls = /** @type {any} */ (fs);
const die = Number(process.env.LOOPX_TEST_DIE ?? 0);
const write = fs.writeFileSync;
let count = 0;

for (const name of CALLS) {
  const call = calls[name] ?? (() => undefined);
  calls[name] = (...args) => {
    // Reading changes nothing.
    if (name === "openSync" && (typeof args[1] !== "number" || (args[1] & fs.constants.O_CREAT) === 0)) return call(...args);
    count += 1;
    if (count !== die) return call(...args);
    // Half of the bytes of a write are out.
    if (name === "writeSync" && Buffer.isBuffer(args[1])) call(args[0], args[1], 0, Math.floor(args[1].length / 2));
    process.kill(process.pid, "SIGKILL");
    for (;;);
  };
}

const counted = process.env.LOOPX_TEST_COUNT;
if (counted !== undefined) process.once("exit", () => write(counted, String(count)));
