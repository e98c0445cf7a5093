// PRF-19: eight processes append to one index through the library, and change one document. What they were told is stored
// is looked for afterwards, in the file, by nothing of LoopX.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, talkTo } from "./measure.mjs";
import { atLeast, exactly } from "./rows.mjs";

const WRITER = fileURLToPath(new URL("writer.mjs", import.meta.url));
const PROCESSES = 8;
const APPENDS = 500;
const UPDATES = 100;
const ROUNDS = 3;

/** @param {import("../bench.mjs").Bench} bench */
export async function writes({ folder }) {
  const place = join(folder, "writes");
  for (const name of ["home", "project"]) mkdirSync(join(place, name), { recursive: true });
  const writers = Array.from({ length: PROCESSES }, (_each, n) => talkTo(WRITER, [place, String(n)]));
  await Promise.all(writers.map((writer) => writer.next()));
  /** @type {number[]} */ const appends = [];
  /** @type {number[]} */ const updates = [];
  // The first round, in which everything is compiled and made, is not timed; what it wrote is counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const appended = await perSecond(writers, `append ${APPENDS}`, PROCESSES * APPENDS);
    const updated = await perSecond(writers, `update ${UPDATES}`, PROCESSES * UPDATES);
    if (round > 0) [appends, updates].forEach((list, n) => list.push(n === 0 ? appended : updated));
  }
  for (const writer of writers) writer.end();
  const told = (ROUNDS + 1) * PROCESSES * APPENDS;
  const found = audit(join(place, "home", ".codex", "loopx", "goals", "shared", "runs", "index.jsonl"));
  const counted = JSON.parse(readFileSync(join(place, "home", ".codex", "loopx", "executors", "bench", "counter.json"), "utf8")).count;
  return [
    exactly("PRF-19", `lines lost, of ${told} acknowledged by ${PROCESSES} processes`, told - found.ids, 0),
    exactly("PRF-19", "lines torn or doubled", found.torn + found.doubled, 0),
    atLeast("PRF-19", "acknowledged and fsynced lines, group commit", median(appends), 5000, "/s"),
    exactly("PRF-19", "lost read-modify-writes of one document", (ROUNDS + 1) * PROCESSES * UPDATES - counted, 0),
    atLeast("PRF-19", "locked read-modify-writes of one document", median(updates), 800, "/s"),
  ];
}

/** @param {readonly ReturnType<typeof talkTo>[]} writers @param {string} order @param {number} count */
async function perSecond(writers, order, count) {
  const started = performance.now();
  const refused = await Promise.all(writers.map((writer) => writer.ask(order)));
  const seconds = (performance.now() - started) / 1000;
  if (refused.some((each) => each !== "0")) throw new Error(`${order}: refused by writer: ${refused.join(", ")}`);
  return count / seconds;
}

/** @param {string} index */
function audit(index) {
  const lines = readFileSync(index, "utf8").split("\n");
  const torn = lines.at(-1) === "" ? 0 : 1;
  const ids = lines.slice(0, -1).flatMap((line) => idOf(line));
  const distinct = new Set(ids).size;
  return { ids: distinct, doubled: ids.length - distinct, torn: torn + lines.length - 1 - ids.length };
}

/** @param {string} line @returns {string[]} */
function idOf(line) {
  try {
    return [JSON.parse(line).run_id];
  } catch {
    return [];
  }
}
