// `npm run bench`: the budgets of docs/performance.md, measured as ratios in this one run, each answer checked against
// what the generator wrote. `--quick` takes fewer rounds and leaves out the million lines and the 600 MB; `--only <room>`
// measures one room; `--clean` leaves out certificates that the caller gives Node; `--write` puts the figures and the plot into docs/.
//
// A row is added in the room it belongs to: a file of scripts/bench/ that exports `(bench) => Row[]` (or a promise of
// them) and stands in ROOMS. `workspace(size)` makes goals, runs and todos of known counts, the same size once for all
// rooms; `medians` of measure.mjs takes commands in turn in a clean environment; rows.mjs has the forms of a row.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chart } from "./bench/chart.mjs";
import { crowds } from "./bench/crowds.mjs";
import { curves } from "./bench/curves.mjs";
import { gitea } from "./bench/gitea.mjs";
import { hook } from "./bench/hook.mjs";
import { longIndex } from "./bench/long-index.mjs";
import { medians } from "./bench/measure.mjs";
import { writePage } from "./bench/page.mjs";
import { table } from "./bench/rows.mjs";
import { served } from "./bench/served.mjs";
import { sizes } from "./bench/sizes.mjs";
import { statuses } from "./bench/statuses.mjs";
import { verdicts } from "./bench/verdicts.mjs";
import { makeWorkspace } from "./bench/workspace.mjs";
import { writes } from "./bench/writes.mjs";
import { build, install } from "./steps.mjs";

/**
 * @typedef {object} Bench
 * @property {string} folder a place of its own; everything in it goes away again
 * @property {boolean} quick
 * @property {number} rounds how often a quick command is timed
 * @property {(size: Partial<import("./bench/workspace.mjs").Size>) => import("./bench/workspace.mjs").Manifest} workspace
 *   one goal with 10 runs and 3 todos, or what the size says; every caller of one size gets the same one
 */

/** In the order of the table. @type {Record<string, (bench: Bench) => import("./bench/rows.mjs").Row[] | Promise<import("./bench/rows.mjs").Row[]>>} */
const ROOMS = { verdicts, hook, statuses, served, writes, crowds, longIndex, sizes, gitea };
const SLOW = ["longIndex"];
const SIZE = { goals: 1, runs: 10, todos: 3, overlays: 2, spends: 2, seed: 1 };

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, write: { type: "boolean" }, clean: { type: "boolean" } },
});
if (values.clean === true) delete process.env["NODE_EXTRA_CA_CERTS"];
const quick = values.quick ?? false;
const names = Object.keys(ROOMS).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0) throw new Error(`--only takes one of ${Object.keys(ROOMS).join(", ")}`);
if (values.write === true && (quick || names.length < Object.keys(ROOMS).length)) throw new Error("--write takes the whole bench");

install();
build();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-bench-")));
const bench = { folder, quick, rounds: quick ? 7 : 21, workspace: workspaces(folder) };
try {
  const rows = [];
  for (const name of names) if (!(quick && SLOW.includes(name))) rows.push(...((await ROOMS[name]?.(bench)) ?? []));
  const place = machine();
  const figures = `${place}\n\n${table(rows)}`;
  process.stdout.write(`${figures}\n`);
  if (values.write === true) writePage({ figures, plot: chart(curves(bench), place) });
  process.exitCode = rows.every((row) => row.held) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} base @returns {Bench["workspace"]} */
function workspaces(base) {
  const now = Date.now();
  /** @type {Map<string, import("./bench/workspace.mjs").Manifest>} */
  const made = new Map();
  return (wished) => {
    const size = { ...SIZE, ...wished, now };
    const key = Object.entries(wished)
      .map(([name, value]) => `${name}-${value}`)
      .join("-");
    const known = made.get(key) ?? makeWorkspace(join(base, `workspace-${key}`), size);
    made.set(key, known);
    return known;
  };
}

function machine() {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const bare = { name: "bare node", argv: [process.execPath, "-e", "0"] };
  const start = `starts in ${medians([bare], 21).of(bare).toFixed(0)} ms${process.env["NODE_EXTRA_CA_CERTS"] === undefined ? "" : " (with NODE_EXTRA_CA_CERTS)"}`;
  return `${cpus().length} x ${cpu?.model.trim() ?? "unknown processor"}, ${memory}, Node ${process.versions.node} ${start}, ${process.platform}; ${bench.rounds} rounds`;
}
