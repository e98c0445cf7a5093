// PRF-10 to PRF-14 and PRF-24: what a wake-up costs beside starting Node.
import { BARE, loopx, shouldRun, todoList } from "./commands.mjs";
import { medians, peakMemory } from "./measure.mjs";
import { overStart, ratio } from "./rows.mjs";

/** @param {import("../bench.mjs").Bench} bench */
export function verdicts({ workspace, rounds }) {
  const small = workspace({});
  const commands = {
    bare: BARE,
    version: loopx("--version", small, ["--version"]),
    small: shouldRun("should-run 1 x 10", small),
    long: shouldRun("should-run 1 x 100,000", workspace({ runs: 100_000 })),
    wide: shouldRun("should-run 1000 x 10", workspace({ goals: 1000 })),
    full: shouldRun("should-run, 10,000 todos", workspace({ todos: 10_000 })),
    list: todoList("todo list, 1000 todos", workspace({ todos: 1000 })),
  };
  const times = medians(Object.values(commands), rounds);
  /** @param {keyof typeof commands} one @param {keyof typeof commands} other */
  const by = (one, other) => times.of(commands[one]) / times.of(commands[other]);
  /** @param {string} id @param {string} what @param {keyof typeof commands} one @param {number} limit */
  const over = (id, what, one, limit) => overStart(id, what, times.of(commands[one]), times.of(BARE), limit);
  return [
    over("PRF-10", "`--version`", "version", 1.15),
    over("PRF-11", "should-run, 1 goal x 10 runs", "small", 1.35),
    ratio("PRF-12", "should-run, 100,000 runs / 10 runs", by("long", "small"), 1.1),
    ratio("PRF-12", "the same, peak memory", peakMemory(commands.long) / peakMemory(commands.small), 1.2),
    over("PRF-13", "should-run among 1000 goals x 10", "wide", 1.6),
    over("PRF-14", "should-run, 10,000 todos", "full", 1.5),
    over("PRF-24", "todo list, 1000 todos", "list", 1.6),
  ];
}
