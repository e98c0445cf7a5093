// Eight workers on one world, some killed and some stopped all the time, with real commands between them. Answers what
// everybody was told. A worker that is killed is started again with a new seed of its own.
import { spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { tornNow } from "./audit.mjs";
import { bundleOf } from "./bundle.mjs";
import { commandLine, factsOf } from "./commands.mjs";
import { pick, randomFrom } from "./random.mjs";
import { STUCK_MS } from "./world.mjs";

/**
 * @typedef {import("./operations.mjs").Fact} Fact
 * @typedef {{
 *   facts: Fact[], at: number[], told: Map<string, number>, commands: number, refused: Map<string, number>, failures: string[], began: number,
 *   kills: number, pauses: number, stuck: number, torn: number,
 * }} Log
 * @typedef {{ folder: string, loopx: string, seed: number, workers: number, ms: number, enough: number, kill_every_ms: number, pause_every_ms: number, pause_ms: number, command_every_ms: number }} Plan
 */

/** Ends when the time is over, or when that much was acknowledged among some kills and pauses. @param {Plan} plan @returns {Promise<Log>} */
export async function runCrew(plan) {
  /** @type {Log} */
  const log = {
    facts: [],
    at: [],
    began: performance.now(),
    told: new Map(),
    commands: 0,
    refused: new Map(),
    failures: [],
    kills: 0,
    pauses: 0,
    stuck: 0,
    torn: 0,
  };
  const random = randomFrom(plan.seed);
  const since = Date.now();
  const worker = await bundleOf("worker.mjs", plan.folder);
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const crew = Array.from({ length: plan.workers }, (_each, n) => new Hand({ ...plan, worker, since }, log, `w${n}`, random));
  const timer = setTimeout(() => over.abort(), plan.ms);
  await Promise.all([
    ...crew.map((hand) => hand.work(over.signal)),
    kills(plan, crew, log, random, over.signal),
    pauses(plan, crew, log, random, over.signal),
    commands(plan, log, random, over.signal),
    watch(crew, over.signal),
    end(plan, log, over),
    read(plan, log, over.signal),
  ]);
  clearTimeout(timer);
  return log;
}

/** One worker over all its lives. */
class Hand {
  /** @type {import("node:child_process").ChildProcess | null} */
  #child = null;
  #began = 0;
  /** What it is at, or null between operations. @type {string | null} */
  #at = null;
  paused = false;
  /** It has been told something in this life. */
  works = false;

  /** @param {Plan & { worker: string, since: number }} plan @param {Log} log @param {string} name @param {() => number} random */
  constructor(plan, log, name, random) {
    this.plan = plan;
    this.log = log;
    this.name = name;
    this.random = random;
  }

  /** @param {AbortSignal} over */
  async work(over) {
    // All die at once in the end, in the middle of what they do.
    over.addEventListener("abort", () => this.signal("SIGKILL"));
    while (!over.aborted) {
      const seed = Math.floor(this.random() * 2 ** 31);
      const child = spawn(process.execPath, [this.plan.worker, this.plan.folder, this.name, String(seed), String(this.plan.since)], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.#child = child;
      this.#at = null;
      this.works = false;
      let errors = "";
      child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
      createInterface({ input: child.stdout }).on("line", (line) => this.#heard(line));
      const code = await new Promise((resolve) => child.once("close", resolve));
      if (code !== null || errors !== "") this.log.failures.push(`${this.name} ended with ${String(code)}: ${errors.slice(0, 500)}`);
    }
  }

  /** @param {string} line */
  #heard(line) {
    /** @type {{ begin?: string, told?: Fact[], of?: string, refused?: string, failed?: string, what?: string }} */
    let said;
    try {
      said = JSON.parse(line);
    } catch {
      // The last line of a killed worker may be cut short: it was not said.
      return;
    }
    if (said.begin !== undefined) {
      this.#at = said.begin;
      this.#began = performance.now();
      return;
    }
    this.#at = null;
    this.works ||= said.told !== undefined;
    if (said.told !== undefined) acknowledge(this.log, said.of ?? "", said.told);
    if (said.refused !== undefined) this.log.refused.set(said.refused, (this.log.refused.get(said.refused) ?? 0) + 1);
    if (said.failed === "lock_timeout") this.log.stuck += 1;
    if (said.failed !== undefined) this.log.failures.push(`${this.name}, ${said.of ?? ""}: ${said.failed} ${said.what ?? ""}`);
  }

  /** @param {NodeJS.Signals} name @returns {boolean} whether it was there to get it */
  signal(name) {
    return this.#child?.exitCode === null && this.#child.signalCode === null && this.#child.kill(name);
  }

  /** A pause is not held against it. @param {number} ms */
  async pause(ms) {
    if (this.paused || !this.signal("SIGSTOP")) return false;
    this.paused = true;
    await wait(ms);
    this.signal("SIGCONT");
    this.paused = false;
    this.#began += ms;
    return true;
  }

  /** Ends what is stuck, once. */
  check() {
    if (this.#at === null || this.paused || performance.now() - this.#began < STUCK_MS) return;
    this.log.stuck += 1;
    this.log.failures.push(`${this.name}, ${this.#at}: no answer for ${STUCK_MS} ms`);
    this.#at = null;
    this.signal("SIGKILL");
  }
}

/** @param {Log} log @param {string} of @param {readonly Fact[]} facts */
function acknowledge(log, of, facts) {
  if (facts.length === 0) return;
  log.facts.push(...facts);
  log.at.push(...facts.map(() => performance.now() - log.began));
  log.told.set(of, (log.told.get(of) ?? 0) + facts.length);
}

/** @param {Plan} plan @param {Hand[]} crew @param {Log} log @param {() => number} random @param {AbortSignal} over */
async function kills(plan, crew, log, random, over) {
  while (await slept(plan.kill_every_ms * (0.5 + random()), over)) {
    // One that has not begun yet has nothing to lose.
    const victim = pick(
      crew.filter((hand) => hand.works),
      random,
    );
    if (victim?.signal("SIGKILL") === true) log.kills += 1;
  }
}

/** @param {Plan} plan @param {Hand[]} crew @param {Log} log @param {() => number} random @param {AbortSignal} over */
async function pauses(plan, crew, log, random, over) {
  const every = Math.max(plan.pause_every_ms - plan.pause_ms, 10);
  while (await slept(every * (0.5 + random()), over)) {
    const sleeper = pick(
      crew.filter((hand) => hand.works),
      random,
    );
    if ((await sleeper?.pause(plan.pause_ms)) === true) log.pauses += 1;
  }
}

/** Commands as a person or a script gives them, one in five of them killed. @param {Plan} plan @param {Log} log @param {() => number} random @param {AbortSignal} over */
async function commands(plan, log, random, over) {
  for (let n = 0; await slept(plan.command_every_ms, over); n += 1) {
    const line = commandLine(n, random);
    const child = spawn(process.execPath, [plan.loopx, ...line.argv, "--json"], {
      cwd: join(plan.folder, line.project),
      env: { PATH: process.env["PATH"], HOME: join(plan.folder, "home") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const watchdog = random() < 0.2 ? setTimeout(() => child.kill("SIGKILL"), 30 + random() * 200) : undefined;
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearTimeout(watchdog);
    if (code === null) log.kills += 1;
    else if (code === 0) {
      const facts = factsOf(line, JSON.parse(stdout));
      log.commands += facts.length;
      acknowledge(log, `command ${line.argv.slice(0, 2).join(" ")}`, facts);
    } else if (code === 3) log.stuck += stdout.includes("lock_timeout") ? 1 : 0;
    else log.failures.push(`loopx ${line.argv.join(" ")} ended with ${String(code)}: ${stdout.slice(0, 500)} ${stderr.slice(0, 500)}`);
  }
}

/** @param {Hand[]} crew @param {AbortSignal} over */
async function watch(crew, over) {
  while (await slept(1_000, over)) for (const hand of crew) hand.check();
}

/** @param {Plan} plan @param {Log} log @param {AbortController} over */
async function end(plan, log, over) {
  while (await slept(20, over.signal)) if (log.facts.length >= plan.enough && log.kills >= 8 && log.pauses >= 2) over.abort();
}

/** Readers take no lock and never see half of anything. @param {Plan} plan @param {Log} log @param {AbortSignal} over */
async function read(plan, log, over) {
  while (await slept(100, over)) {
    const torn = tornNow(plan.folder);
    log.torn += torn.length;
    log.failures.push(...torn.map((file) => `${file} is torn`));
  }
}

/** False once it is over. @param {number} ms @param {AbortSignal} over */
async function slept(ms, over) {
  if (over.aborted) return false;
  await wait(ms, undefined, { signal: over }).catch(() => undefined);
  return !over.aborted;
}
