// PRF-15 to PRF-18: the list of all goals, over ten thousand and over a million lines of history.
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BARE, status } from "./commands.mjs";
import { median, medians, peakMemory, runBoth, timeOnce } from "./measure.mjs";
import { atMost, overStart, ratio } from "./rows.mjs";
import { appendedLine } from "./workspace.mjs";

const GOALS = 1000;
const TOUCHED = "goal-0500";
const FIRST_RUNS = 3;

/** @param {import("../bench.mjs").Bench} bench */
export function statuses({ workspace, quick }) {
  const wide = workspace({ goals: GOALS });
  const warmWide = status("status 1000 x 10", wide);
  const slow = medians([BARE, warmWide], quick ? 5 : 11);
  const rows = [overStart("PRF-15", "status, 1000 goals x 10, warm", slow.of(warmWide), slow.of(BARE), 3.5)];
  return quick ? rows : [...rows, ...million(workspace({ goals: GOALS, runs: 1000 }), warmWide)];
}

/**
 * Over a million lines.
 * @param {import("./workspace.mjs").Manifest} huge
 * @param {import("./measure.mjs").Timed} warmWide
 */
function million(huge, warmWide) {
  const warm = status("status 1000 x 1000", huge);
  const forget = () => rmSync(join(huge.runtime, "cache"), { recursive: true, force: true });
  const first = Array.from({ length: FIRST_RUNS }, () => {
    forget();
    const { ms, stdout } = timeOnce(warm);
    const wrong = warm.check?.(stdout) ?? null;
    if (wrong !== null) throw new Error(`${warm.name} answered wrongly: ${wrong}`);
    return ms;
  });
  forget();
  const firstMemory = peakMemory(warm);
  const index = join(huge.runtime, "goals", TOUCHED, "runs", "index.jsonl");
  let appended = 0;
  /** @type {import("./measure.mjs").Timed} */
  const grown = {
    ...warm,
    name: "status after one append",
    before: () => appendFileSync(index, appendedLine(huge, TOUCHED, Date.now() + appended++)),
  };
  // Its count grows with every append of the other one; that one is the one that is checked.
  const resting = { ...warm, check: undefined };
  const runs = huge.goals.reduce((sum, goal) => sum + goal.runs, 0);
  grown.check = (stdout) => {
    const found = JSON.parse(stdout).run_count;
    return found === runs + appended ? null : `run_count ${found}, not ${runs + appended}`;
  };
  const times = medians([warmWide, resting, grown], 7);
  grown.before?.();
  return [
    ratio("PRF-16", "status, 1000 x 1000 warm / 1000 x 10 warm", times.of(resting) / times.of(warmWide), 1.3),
    atMost("PRF-16", "the same, peak memory", peakMemory(warm), 150, "MB"),
    atMost("PRF-17", `status, 1000 x 1000, first run without caches (median of ${FIRST_RUNS})`, median(first) / 1000, 3, "s"),
    atMost("PRF-17", "the same, peak memory", firstMemory, 150, "MB"),
    ratio("PRF-18", "status after one append / warm", times.of(grown) / times.of(resting), 1.15),
    atMost("PRF-18", "index bytes read after one append", indexBytesRead(grown) / 1024, 64, "KiB"),
  ];
}

/** @param {import("./measure.mjs").Timed} command */
function indexBytesRead(command) {
  const { stderr } = runBoth({ ...command, env: { ...command.env, LOOPX_TRACE_IO: "1" } });
  return Number(JSON.parse(stderr.trim().split("\n").at(-1) ?? "").index_bytes_read);
}
