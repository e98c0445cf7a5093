// The operator's window under load: /status.json of a thousand goals against a bare Hono route with the same bytes, and
// what ten thousand requests leave in memory.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { ROOT } from "../steps.mjs";
import { serveOver } from "../window/serve.mjs";
import { atMost, ratio } from "./rows.mjs";

const REQUESTS = 400;
const MANY = 10_000;
const WARM = 20;
/** 50 ms where the bare route takes 5. */
const BUDGET = 10;
const BUDGET_MS = 50;
const MEGABYTE = 1024 * 1024;

/** @param {import("../bench.mjs").Bench} bench */
export async function served({ folder, workspace, quick }) {
  const { project: cwd, goals } = workspace({ goals: 1000, runs: quick ? 10 : 1000 });
  const window = await serveOver({ home: folder, cwd });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const body = await ask(agent, `${window.origin}/status.json`);
    const { goal_count } = JSON.parse(body.toString("utf8"));
    if (goal_count !== goals.length) throw new Error(`/status.json shows ${String(goal_count)} goals, not ${goals.length}`);
    const file = join(folder, "status.json");
    writeFileSync(file, body);
    const bare = await startBare(file);
    const [plain, ours] = [await p95(agent, `${bare.origin}/status.json`), await p95(agent, `${window.origin}/status.json`)];
    bare.stop();
    const grown = await growth(agent, window, quick ? MANY / 10 : MANY);
    const what = `/status.json, 1000 goals x ${quick ? 10 : 1000} runs, warm`;
    return [
      ratio("PRF-7", `${what} / a bare Hono route with the same bytes, p95`, ours / plain, BUDGET),
      atMost("PRF-7", `${what}, p95`, ours, BUDGET_MS, "ms"),
      atMost("PRF-7", `memory after ${quick ? MANY / 10 : MANY} more requests`, grown, 24, "MB more"),
    ];
  } finally {
    agent.destroy();
    await window.stop();
  }
}

/** @param {string} file */
async function startBare(file) {
  const child = spawn(process.execPath, [join(ROOT, "packages", "cli", "test", "rig", "bare-hono.mjs"), file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const origin = await new Promise((resolve) =>
    child.stderr.on("data", (said) => resolve(/http:[^#]+(?=\/#)/.exec(String(said))?.[0] ?? "")),
  );
  return { origin, stop: () => child.kill() };
}

/** @param {Agent} agent @param {string} url */
async function p95(agent, url) {
  for (let at = 0; at < WARM; at++) await ask(agent, url);
  const times = [];
  for (let at = 0; at < REQUESTS; at++) {
    const began = performance.now();
    await ask(agent, url);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(REQUESTS * 0.95)] ?? Number.NaN;
}

/**
 * How much larger the server stays, in MB: the smallest of its last looks against the largest of its first.
 * @param {Agent} agent @param {{ origin: string, pid: number }} window @param {number} many
 */
async function growth(agent, { origin, pid }, many) {
  const looks = [];
  for (let at = 0; at < many; at++) {
    await ask(agent, `${origin}/status.json`);
    if (at % Math.ceil(many / 40) === 0) looks.push(residentBytes(pid));
  }
  return (Math.min(...looks.slice(-10)) - Math.max(...looks.slice(2, 12))) / MEGABYTE;
}

/** @param {number} pid */
function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) * 1024;
}

/** @param {Agent} agent @param {string} url @returns {Promise<Buffer>} */
function ask(agent, url) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve(Buffer.concat(parts)));
      response.on("error", reject);
    }).on("error", reject);
  });
}
