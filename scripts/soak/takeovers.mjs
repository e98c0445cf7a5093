// Locks whose owner has died, and processes that all want them at once: one holds at a time, all are done soon.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { newHostIn } from "./world.mjs";

const RUSHER = fileURLToPath(new URL("rusher.mjs", import.meta.url));
/** No process has it. */
const DEAD_PID = 0x7ffffff0;

/** What a dead owner may leave: its record, the record and the directory, a dead claim on it too, a directory alone. */
const GRAVES = ["record", "record and directory", "record and claim", "directory"];

/** @param {string} folder @param {number} rounds @param {number} processes */
export async function takeovers(folder, rounds, processes) {
  for (const name of ["home", "project"]) mkdirSync(join(folder, name));
  const locks = join(folder, "home", ".codex", "loopx", "locks");
  const template = await ownRecord(folder, locks);
  const rushers = await Promise.all(Array.from({ length: processes }, () => startRusher(folder)));
  let [overlaps, lost, slowest_ms] = [0, 0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const path = join(folder, "project", `round-${round}`);
    writeFileSync(path, "0");
    dig(locks, path, template, GRAVES[round % GRAVES.length] ?? "record");
    const answers = await Promise.all(rushers.map((rusher) => rusher.ask(path)));
    for (const [ms = 0, seen = 0] of answers) {
      slowest_ms = Math.max(slowest_ms, ms);
      overlaps += seen;
    }
    lost += processes - Number(readFileSync(path, "utf8"));
  }
  for (const rusher of rushers) rusher.end();
  return { overlaps, lost, slowest_ms };
}

/** The record of this process, as it stands while a lock is held. @param {string} folder @param {string} locks */
async function ownRecord(folder, locks) {
  const held = await newHostIn(folder, "project").lock.acquire(join(folder, "project", "any"), { wait_ms: 1_000, command: "died" });
  if (held.kind === "busy") throw new Error("the first lock is held by nobody");
  const name = readdirSync(locks).find((each) => each.endsWith(".owner.json")) ?? "";
  const record = JSON.parse(readFileSync(join(locks, name), "utf8"));
  await held.release();
  return record;
}

/** @param {string} locks @param {string} path @param {object} template @param {string} grave */
function dig(locks, path, template, grave) {
  const key = createHash("sha256").update(path).digest("hex").slice(0, 32);
  const nonce = key.slice(0, 16);
  const record = { ...template, pid: DEAD_PID, pid_start: "1", nonce, path };
  if (grave !== "directory") writeFileSync(join(locks, `${key}.owner.json`), JSON.stringify(record));
  if (grave.endsWith("directory")) mkdirSync(join(locks, `${key}.lock`));
  if (grave.endsWith("claim")) writeFileSync(join(locks, `${key}.clear.${nonce}`), JSON.stringify({ ...record, nonce: key.slice(16, 32) }));
}

/** @param {string} folder */
async function startRusher(folder) {
  const child = spawn(process.execPath, [RUSHER, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    /** @param {string} path @returns {Promise<number[]>} */
    ask: async (path) => {
      child.stdin.write(`${path}\n`);
      return String((await lines.next()).value)
        .split(" ")
        .map(Number);
    },
    end: () => child.kill("SIGKILL"),
  };
}
