// Whole-process times: several commands taken in turn, so that a slow moment of the machine hits all of them alike.
import { spawnSync } from "node:child_process";

/**
 * @typedef {{ name: string, argv: readonly string[], cwd?: string, env?: Record<string, string | undefined>, before?: () => void, check?: (stdout: string) => string | null }} Timed
 */

/**
 * Median milliseconds of each command. An answer that `check` finds wrong ends the bench.
 * @param {readonly Timed[]} commands
 * @param {number} rounds
 * @returns {Map<string, number>}
 */
export function medians(commands, rounds) {
  /** @type {Map<string, number[]>} */
  const times = new Map(commands.map((command) => [command.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const command of commands) {
      command.before?.();
      const started = process.hrtime.bigint();
      const stdout = runOnce(command);
      const took = Number(process.hrtime.bigint() - started) / 1e6;
      const wrong = command.check?.(stdout) ?? null;
      if (wrong !== null) throw new Error(`${command.name} answered wrongly: ${wrong}`);
      // The first round warms the page cache and is not counted.
      if (round > 0) times.get(command.name)?.push(took);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

/** Peak resident memory of one command, in MB. @param {Timed} command @param {string} probe */
export function peakMemory(command, probe) {
  const [program = "", ...args] = command.argv;
  const child = spawnSync(program, ["--import", probe, ...args], {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    maxBuffer: 1 << 30,
  });
  return Number(String(child.output[3])) / 1024;
}

/** @param {Timed} command */
export function runOnce(command) {
  return runBoth(command).stdout;
}

/** Both streams of one command that ended well. @param {Timed} command */
export function runBoth(command) {
  const [program = "", ...args] = command.argv;
  const child = spawnSync(program, args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (child.error !== undefined) throw child.error;
  if (child.status !== 0) throw new Error(`${command.name} ended with ${child.status}: ${child.stderr}`);
  return { stdout: child.stdout, stderr: child.stderr };
}

/** @param {number[]} list */
function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
