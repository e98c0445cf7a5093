// Eight processes of mixed commands, killed and stopped all the time; a race for locks of dead owners; many connects at
// once; a disk that fills up. Whatever was acknowledged has to be there in the end, once and whole.
// `--minutes N` (10), or `--operations N` for a short one; LOOPX_SEED replays the choices of a printed seed. `--write` puts
// the report into docs/reliability.md.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { audit } from "./audit.mjs";
import { connects } from "./connects.mjs";
import { runCrew } from "./crew.mjs";
import { fullDisk } from "./full-disk.mjs";
import { takeovers } from "./takeovers.mjs";
import { makeWorld } from "./world.mjs";

const LOOPX = fileURLToPath(new URL("../../packages/cli/bin/loopx.cjs", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
const WORKERS = 8;
/** Ten minutes ask for 200 kills and 50 pauses at least; a short soak for proportionally more. */
const KILL_EVERY_MS = { long: 2_200, short: 600 };
const PAUSE_EVERY_MS = { long: 7_000, short: 3_000 };
const PAUSE_MS = { long: 2_600, short: 1_200 };
const COMMAND_EVERY_MS = 700;
const TAKEOVER_ROUNDS = { long: 200, short: 20 };
const CONNECTS = { long: 16, short: 4 };

/** A short soak ends by count; this bounds it on a machine that has better things to do. */
const SHORT_MINUTES = 3;

const { values } = parseArgs({ options: { minutes: { type: "string" }, operations: { type: "string" }, write: { type: "boolean" } } });
const size = values.operations === undefined ? "long" : "short";
const minutes = Number(values.minutes ?? (size === "long" ? 10 : SHORT_MINUTES));
const enough = Number(values.operations ?? Number.POSITIVE_INFINITY);
if (!(minutes > 0 && enough > 0)) throw new Error("--minutes and --operations are numbers above 0");
const seed = Number(process.env["LOOPX_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-soak-")));
/** @type {string[]} */ const report = [];
/** @param {string} text */
const say = (text) => {
  report.push(text);
  process.stdout.write(`${text}\n`);
};
let held = false;
try {
  const length = size === "long" ? `${minutes} minutes` : `${enough} operations`;
  say(`soak: ${length}, ${WORKERS} workers, ${cpus().length} processors, seed ${seed} (LOOPX_SEED=${seed} replays its choices)`);
  const load = loadavg()[0] ?? 0;
  const parts = [await mixed(), await race(), await many(), await full()];
  held = parts.every(Boolean);
  say(`load of the machine: ${load.toFixed(1)} when it began, ${(loadavg()[0] ?? 0).toFixed(1)} when it ended`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
say(held ? "verdict: held" : "verdict: NOT HELD");
process.exitCode = held ? 0 : 1;
if (values.write === true) writePage();

/** The counts of single operations are left out there. */
function writePage() {
  const lines = report.filter((line) => !line.startsWith("  "));
  const text = readFileSync(PAGE, "utf8");
  const block = /(?<=```\n)soak: [^`]+(?=```)/;
  if (!block.test(text)) throw new Error(`${PAGE} has no report of a soak to put this one in the place of`);
  writeFileSync(PAGE, text.replace(block, `${lines.join("\n")}\n`));
}

/** @param {string} name */
function below(name) {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

/** The eight workers, and the audit of what they were told. */
async function mixed() {
  const world = below("mixed");
  await makeWorld(world);
  const log = await runCrew({
    folder: world,
    loopx: LOOPX,
    seed,
    workers: WORKERS,
    ms: minutes * 60_000,
    enough,
    kill_every_ms: KILL_EVERY_MS[size],
    pause_every_ms: PAUSE_EVERY_MS[size],
    pause_ms: PAUSE_MS[size],
    command_every_ms: COMMAND_EVERY_MS,
  });
  const found = await audit(world, log.facts);
  const stuck = log.stuck + found.stuck.length;
  const torn = log.torn + found.torn.length;
  for (const [of, count] of [...log.told].sort((a, b) => b[1] - a[1])) say(`  ${String(count).padStart(7)}  ${of}`);
  say(`acknowledged in each minute: ${perMinute(log.at).join(" ")}`);
  const refused = [...log.refused].map(([code, count]) => `${code} ${count}`).join(", ");
  say(`acknowledged: ${log.facts.length} (${log.commands} of them by commands), refused: ${refused === "" ? "none" : refused}`);
  say(`kills: ${log.kills}, pauses: ${log.pauses}, lines that a kill cut short: ${found.cut_lines}`);
  say(`lost: ${found.lost.length}, torn: ${torn}, doubled: ${found.doubled.length}, stuck: ${stuck}, failed: ${log.failures.length}`);
  const wrong = [...log.failures, ...found.lost, ...found.torn, ...found.doubled, ...found.stuck];
  for (const what of wrong.slice(0, 20)) say(`  ${what}`);
  return wrong.length + torn + stuck === 0 && log.facts.length > 0 && log.kills > 0 && log.pauses > 0;
}

/** @param {readonly number[]} at ms since the start @returns {number[]} */
function perMinute(at) {
  const counts = Array.from({ length: Math.max(1, Math.round((at.at(-1) ?? 0) / 60_000)) }, () => 0);
  for (const ms of at) {
    const minute = Math.min(Math.floor(ms / 60_000), counts.length - 1);
    counts[minute] = (counts[minute] ?? 0) + 1;
  }
  return counts;
}

async function race() {
  const rounds = TAKEOVER_ROUNDS[size];
  const { overlaps, lost, slowest_ms } = await takeovers(below("race"), rounds, WORKERS);
  say(
    `takeover: ${rounds} rounds of ${WORKERS} processes on a dead owner's lock, double commits: ${overlaps}, lost: ${lost}, slowest round: ${Math.round(slowest_ms)} ms`,
  );
  return overlaps === 0 && lost === 0 && slowest_ms < 2_000;
}

async function many() {
  const { started, ended, in_project, in_global } = await connects(below("many"), LOOPX, CONNECTS[size]);
  say(`connect: ${ended} of ${started} at once ended with 0; ${in_project} in the projects' registries, ${in_global} in the global one`);
  return ended === started && in_project === started && in_global === started;
}

async function full() {
  const filled = await fullDisk(below("full"));
  if (filled.kind === "skipped") {
    say(`full disk: skipped, ${filled.why}`);
    return true;
  }
  const { acknowledged, refused, lost, torn, untyped } = filled;
  say(
    `full disk: ${acknowledged} acknowledged, ${refused} refused while it was full, lost: ${lost}, torn: ${torn}, refused without a type: ${untyped}`,
  );
  return acknowledged > 0 && refused > 0 && lost + torn + untyped === 0;
}
