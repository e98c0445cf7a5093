// Whole-process times: several commands taken in turn, so that a slow moment of the machine hits all of them alike.
// Every process, the bare one too, is started in the same small environment. Certificates that the caller gives Node are
// part of it, because they are part of every start on that machine (some 25 ms); `--clean` leaves them out.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The variables a measured process gets, beside its own. */
const PASSED_ON = ["PATH", "TMPDIR", "LANG", "NODE_EXTRA_CA_CERTS"];
const PROBE = fileURLToPath(new URL("memory-probe.mjs", import.meta.url));

/**
 * @typedef {{ name: string, argv: readonly string[], cwd?: string, env?: Record<string, string | undefined>, before?: () => void, check?: (stdout: string) => string | null }} Timed
 */

/**
 * Median milliseconds of each command. An answer that `check` finds wrong ends the bench.
 * @param {readonly Timed[]} commands
 * @param {number} rounds
 */
export function medians(commands, rounds) {
  /** @type {Map<Timed, number[]>} */
  const times = new Map(commands.map((command) => [command, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const command of commands) {
      command.before?.();
      const { ms: took, stdout } = timeOnce(command);
      const wrong = command.check?.(stdout) ?? null;
      if (wrong !== null) throw new Error(`${command.name} answered wrongly: ${wrong}`);
      // The first round warms the page cache and is not counted.
      if (round > 0) times.get(command)?.push(took);
    }
  }
  return { of: (/** @type {Timed} */ command) => median(times.get(command) ?? []) };
}

/** The environment of every measured process. @param {Record<string, string | undefined>} [more] */
export function measuredEnv(more = {}) {
  return { ...Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])), ...more };
}

/**
 * Milliseconds and output of one command, run once.
 * @param {Timed} command
 */
export function timeOnce(command) {
  const started = process.hrtime.bigint();
  const { stdout } = runBoth(command);
  return { ms: Number(process.hrtime.bigint() - started) / 1e6, stdout };
}

/**
 * A program of this folder that talks in lines: `ask` writes one and answers with the next one it prints.
 * @param {string} program
 * @param {readonly string[]} args
 */
export function talkTo(program, args) {
  const child = spawn(process.execPath, [program, ...args], { env: measuredEnv(), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${program} ended before it answered`);
    return line.value;
  };
  return {
    next,
    /** @param {string} line */
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    end: () => child.stdin.end(),
    /** Resolves when it is gone. @returns {Promise<void>} */
    kill: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

/** Peak resident memory of one command, in MB. @param {Timed} command */
export function peakMemory(command) {
  const [program = "", ...args] = command.argv;
  const child = spawnSync(program, ["--import", PROBE, ...args], {
    cwd: command.cwd,
    env: measuredEnv(command.env),
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    maxBuffer: 1 << 30,
  });
  return Number(String(child.output[3])) / 1024;
}

/** Both streams of one command that ended well. @param {Timed} command */
export function runBoth(command) {
  const [program = "", ...args] = command.argv;
  const child = spawnSync(program, args, {
    cwd: command.cwd,
    env: measuredEnv(command.env),
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (child.error !== undefined) throw child.error;
  if (child.status !== 0) throw new Error(`${command.name} ended with ${child.status}: ${child.stderr}`);
  return { stdout: child.stdout, stderr: child.stderr };
}

/** @param {readonly number[]} list */
export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
