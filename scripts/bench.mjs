// `npm run bench`: the budgets of the speed page, each measured as a ratio in this one run, each answer checked
// against what the generator wrote. `--quick` takes fewer rounds and leaves out the million-line workspace.
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { medians, peakMemory, runBoth, runOnce } from "./bench/measure.mjs";
import { appendedLine, makeWorkspace } from "./bench/workspace.mjs";
import { build, install, ROOT } from "./steps.mjs";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 7 : 21;
const LOOPX = join(ROOT, "packages", "cli", "bin", "loopx.cjs");
const PROBE = join(ROOT, "scripts", "bench", "memory-probe.mjs");

/** @typedef {{ id: string, what: string, figure: string, budget: string, held: boolean }} Row */

install();
build();
const folder = mkdtempSync(join(tmpdir(), "loopx-bench-"));
try {
  const rows = measureAll(folder);
  print(rows);
  process.exitCode = rows.every((row) => row.held) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} base @returns {Row[]} */
function measureAll(base) {
  const now = Date.now();
  const size = { goals: 1, runs: 10, todos: 3, overlays: 2, spends: 2, seed: 1, now };
  const small = makeWorkspace(join(base, "small"), size);
  const long = makeWorkspace(join(base, "long"), { ...size, runs: 100_000, seed: 2 });
  const wide = makeWorkspace(join(base, "wide"), { ...size, goals: 1000, seed: 3 });
  const full = makeWorkspace(join(base, "full"), { ...size, todos: 10_000, seed: 4 });
  const list = makeWorkspace(join(base, "list"), { ...size, todos: 1000, seed: 5 });

  const bare = { name: "bare node", argv: [process.execPath, "-e", "0"] };
  const version = loopx("--version", small, ["--version"]);
  const verdict = shouldRun("should-run 1 x 10", small);
  const verdictLong = shouldRun("should-run 1 x 100,000", long);
  const verdictWide = shouldRun("should-run 1000 x 10", wide);
  const verdictFull = shouldRun("should-run, 10,000 todos", full);
  const todoList = loopx("todo list, 1000 todos", list, ["--json", "todo", "list", "-g", "goal-0000"], (answer) =>
    answer.todo_count === 1000 ? null : `todo_count ${String(answer.todo_count)}, not 1000`,
  );
  const statusWide = status("status 1000 x 10", wide);
  const first = medians([bare, version, verdict, verdictLong, verdictWide, verdictFull, todoList], ROUNDS);
  const slow = medians([bare, statusWide], quick ? 5 : 11);
  /** @param {string} name */
  const of = (name) => first.get(name) ?? Number.NaN;
  const floor = of(bare.name);

  const rows = [
    ratio("PRF-10", "--version / bare node", of(version.name) / floor, 1.15),
    ratio("PRF-11", "should-run, 1 goal x 10 runs / bare node", of(verdict.name) / floor, 1.35),
    ratio("PRF-12", "should-run, 100,000 runs / 10 runs", of(verdictLong.name) / of(verdict.name), 1.1),
    ratio("PRF-12", "the same, peak memory", peakMemory(verdictLong, PROBE) / peakMemory(verdict, PROBE), 1.2),
    ratio("PRF-13", "should-run among 1000 goals x 10 / bare node", of(verdictWide.name) / floor, 1.6),
    ratio("PRF-14", "should-run, 10,000 todos / bare node", of(verdictFull.name) / floor, 1.5),
    ratio("PRF-15", "status, 1000 goals x 10, warm / bare node", (slow.get(statusWide.name) ?? 0) / (slow.get(bare.name) ?? 1), 3.5),
    ratio("PRF-24", "todo list, 1000 todos / bare node", of(todoList.name) / floor, 1.6),
  ];
  if (!quick) rows.push(...measureMillion(base, now, statusWide));
  return rows;
}

/**
 * The workspace of a million lines: PRF-16 to PRF-18.
 * @param {string} base
 * @param {number} now
 * @param {import("./bench/measure.mjs").Timed} statusWide
 * @returns {Row[]}
 */
function measureMillion(base, now, statusWide) {
  const huge = makeWorkspace(join(base, "huge"), { goals: 1000, runs: 1000, todos: 3, overlays: 2, spends: 2, seed: 6, now });
  const statusHuge = status("status 1000 x 1000", huge);
  const started = process.hrtime.bigint();
  const cold = statusHuge.check?.(runOnce(statusHuge));
  const coldMs = Number(process.hrtime.bigint() - started) / 1e6;
  if (cold !== null && cold !== undefined) throw new Error(cold);
  rmSync(join(huge.runtime, "cache"), { recursive: true, force: true });
  const coldMemory = peakMemory(statusHuge, PROBE);
  let appended = 0;
  const grown = {
    ...statusHuge,
    name: "status after one append",
    before: () =>
      appendFileSync(join(huge.runtime, "goals", "goal-0500", "runs", "index.jsonl"), appendedLine(huge, "goal-0500", now + appended++)),
    check: () => null,
  };
  const times = medians([statusWide, { ...statusHuge, check: () => null }, grown], 7);
  /** @param {string} name */
  const of = (name) => times.get(name) ?? Number.NaN;
  grown.before();
  const bytes = indexBytesRead(grown);
  return [
    ratio("PRF-16", "status, 1000 x 1000 warm / 1000 x 10 warm", of(statusHuge.name) / of(statusWide.name), 1.3),
    amount("PRF-16", "the same, peak memory (MB)", peakMemory(statusHuge, PROBE), 150),
    amount("PRF-17", "status, 1000 x 1000, first run (ms)", coldMs, 3000),
    amount("PRF-17", "the same, peak memory (MB)", coldMemory, 150),
    ratio("PRF-18", "status after one append / warm", of(grown.name) / of(statusHuge.name), 1.15),
    amount("PRF-18", "index bytes read after one append (KiB)", bytes / 1024, 64),
  ];
}

/** @param {import("./bench/measure.mjs").Timed} command */
function indexBytesRead(command) {
  const line =
    runBoth({ ...command, env: { ...command.env, LOOPX_TRACE_IO: "1" } })
      .stderr.trim()
      .split("\n")
      .at(-1) ?? "";
  return Number(JSON.parse(line).index_bytes_read);
}

/**
 * @param {string} name
 * @param {import("./bench/workspace.mjs").Manifest} workspace
 * @param {readonly string[]} words
 * @param {(answer: Record<string, unknown>) => string | null} [check]
 * @returns {import("./bench/measure.mjs").Timed}
 */
function loopx(name, workspace, words, check) {
  return {
    name,
    argv: [process.execPath, LOOPX, ...words],
    cwd: workspace.project,
    env: { HOME: folder, LOOPX_GOAL_ID: undefined, LOOPX_REGISTRY: undefined, LOOPX_RUNTIME_ROOT: undefined },
    ...(check === undefined ? {} : { check: (/** @type {string} */ stdout) => check(JSON.parse(stdout)) }),
  };
}

/** @param {string} name @param {import("./bench/workspace.mjs").Manifest} workspace */
function shouldRun(name, workspace) {
  const goal = workspace.goals[0];
  return loopx(name, workspace, ["--json", "quota", "should-run", "-g", "goal-0000"], (answer) => {
    const quota = /** @type {{ spent_slots?: number }} */ (answer.quota);
    const todos = /** @type {{ open_count?: number }} */ (answer.agent_todos);
    if (quota.spent_slots !== goal?.spent) return `spent_slots ${String(quota.spent_slots)}, not ${String(goal?.spent)}`;
    return todos.open_count === goal?.open_todos ? null : `open_count ${String(todos.open_count)}, not ${String(goal?.open_todos)}`;
  });
}

/** @param {string} name @param {import("./bench/workspace.mjs").Manifest} workspace */
function status(name, workspace) {
  const runs = workspace.goals.reduce((sum, goal) => sum + goal.runs, 0);
  return loopx(name, workspace, ["--json", "status"], (answer) => {
    if (answer.goal_count !== workspace.goals.length) return `goal_count ${String(answer.goal_count)}, not ${workspace.goals.length}`;
    return answer.run_count === runs ? null : `run_count ${String(answer.run_count)}, not ${runs}`;
  });
}

/** @param {string} id @param {string} what @param {number} value @param {number} limit @returns {Row} */
function ratio(id, what, value, limit) {
  return { id, what, figure: `${value.toFixed(2)} x`, budget: `<= ${limit.toFixed(2)} x`, held: value <= limit };
}

/** @param {string} id @param {string} what @param {number} value @param {number} limit @returns {Row} */
function amount(id, what, value, limit) {
  return { id, what, figure: value.toFixed(0), budget: `<= ${limit}`, held: value <= limit };
}

/** @param {readonly Row[]} rows */
function print(rows) {
  process.stdout.write(
    `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; ${ROUNDS} rounds\n\n`,
  );
  process.stdout.write("| id | what | figure | budget | held |\n|---|---|---|---|---|\n");
  for (const row of rows)
    process.stdout.write(`| ${row.id} | ${row.what} | ${row.figure} | ${row.budget} | ${row.held ? "yes" : "NO"} |\n`);
}
