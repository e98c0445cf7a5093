// `npm run load`: a Looper with a run in progress is asked 100 times a second for 30 seconds, `/health` and `/runs` in turn.
// Every answer has to be right; the figure says how long answers took and what the service's memory did. `-- 5` takes 5 seconds.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { build, install, ROOT } from "./steps.mjs";

const SECONDS = Number(process.argv[2] ?? 30);
const RATE = 100;
const RECORDED_RUNS = 500;
const TOKEN = ["token", "of", "the", "load"].join("-");
const WARM_UP_MS = 3_000;

install();
build();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-load-")));
try {
  process.exitCode = await measure(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} base */
async function measure(base) {
  const { service, url } = await serve(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  /** @param {string} method @param {string} path @param {string} [body] */
  const ask = (method, path, body) => asked(agent, `${url}${path}`, method, body);
  try {
    const { text } = await ask("POST", "/run", '{"zulip_message":"load","codex_prompt":"work"}');
    const { run_id } = JSON.parse(text);
    await load(ask, WARM_UP_MS / 1_000, run_id);
    const before = memoryMb(service.pid);
    const told = await load(ask, SECONDS, run_id);
    const after = memoryMb(service.pid);
    const [median, slow, worst] = [0.5, 0.99, 1].map((share) => quantile(told.took_ms, share).toFixed(1));
    const growth = after - before;
    console.log(`| requests | wrong answers | median | 99 % | slowest | memory before | after |`);
    console.log(`|---|---|---|---|---|---|---|`);
    console.log(`| ${told.took_ms.length} | ${told.wrong.length} | ${median} ms | ${slow} ms | ${worst} ms | ${before} MB | ${after} MB |`);
    console.log(`${cpus().length} processors, Node ${process.versions.node}, ${RECORDED_RUNS} recorded runs and one that lives`);
    for (const wrong of told.wrong.slice(0, 5)) console.log(wrong);
    return told.wrong.length === 0 && growth < 32 ? 0 : 1;
  } finally {
    agent.destroy();
    service.kill("SIGTERM");
    await new Promise((resolve) => service.once("close", resolve));
  }
}

/** @param {string} base */
async function serve(base) {
  const [project, dir] = [join(base, "project"), join(base, "looper")];
  for (const each of [project, dir]) mkdirSync(each, { mode: 0o700 });
  writeFileSync(join(dir, "runs.jsonl"), recorded(project));
  const waiting = "process.stdin.resume(); setInterval(() => console.log('working'), 100)";
  const service = spawn(process.execPath, [join(ROOT, "packages/executors/bin/loopx-loop.mjs"), "looper", "serve", "--port", "0"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: base,
      LOOPX_RUNTIME_ROOT: join(base, "runtime"),
      LOOPER_DIR: dir,
      LOOPER_WORKSPACE: project,
      LOOPER_API_TOKEN: TOKEN,
      LOOPER_AGENT: "command",
      LOOPER_AGENT_COMMAND: JSON.stringify([process.execPath, "-e", waiting]),
      CODEX_EXEC_DELAY_SECONDS: "0",
      CODEX_EXEC_STARTUP_CHECK_SECONDS: "0.2",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    service.stderr.on("data", (part) => {
      said += String(part);
      const found = /Looper listens at (http:\S+)\//.exec(said);
      if (found !== null) resolve(found[1]);
    });
    service.once("close", () => reject(new Error(said)));
  });
  return { service, url: String(url) };
}

/** As the service would have written them. @param {string} workspace */
function recorded(workspace) {
  const lines = Array.from({ length: RECORDED_RUNS }, (_, at) => {
    const run = { run_id: `run_${at.toString(16).padStart(16, "0")}`, request_id: "00000000", trigger: "http", workspace, goal_id: null };
    const log_path = join(workspace, `codex-exec-${at}.log`);
    const times = { at: new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString() };
    const end = { state: "ended", end: "ok", reason: "", exit_code: 0, commit: "no_changes", progress: "no_progress" };
    return [
      { ...run, log_path, state: "starting" },
      { ...run, log_path, state: "running", pid: 1 },
      { ...run, log_path, ...end },
    ].map((line) => `${JSON.stringify({ ...line, ...times })}\n`);
  });
  return lines.flat().join("");
}

/**
 * One request each hundredth of a second, whether the one before was answered or not.
 * @param {(method: string, path: string) => Promise<{ status: number, text: string }>} ask @param {number} seconds @param {string} run_id
 */
async function load(ask, seconds, run_id) {
  /** @type {number[]} */
  const took_ms = [];
  /** @type {string[]} */
  const wrong = [];
  /** @type {Promise<void>[]} */
  const open = [];
  const one = async (/** @type {number} */ at) => {
    const path = at % 2 === 0 ? "/health" : "/runs";
    const began = performance.now();
    try {
      const { status, text } = await ask("GET", path);
      const isRight = status === 200 && (path === "/health" ? text === '{"ok":true}\n' : isRunning(text, run_id));
      if (!isRight) wrong.push(`${path}: ${status} ${text.slice(0, 100)}`);
    } catch (error) {
      wrong.push(`${path}: ${String(error)}`);
    }
    took_ms.push(performance.now() - began);
  };
  const began = performance.now();
  for (let at = 0; at < seconds * RATE; at += 1) {
    const wait = began + (at * 1_000) / RATE - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    open.push(one(at));
  }
  await Promise.all(open);
  return { took_ms, wrong };
}

/** @param {string} text @param {string} run_id */
function isRunning(text, run_id) {
  const { ok, runs } = JSON.parse(text);
  return ok === true && runs.length === 20 && runs[0].run_id === run_id && runs[0].state === "running";
}

/** @param {Agent} agent @param {string} url @param {string} method @param {string} [body] @returns {Promise<{ status: number, text: string }>} */
function asked(agent, url, method, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** What the process has in memory now. @param {number | undefined} pid */
function memoryMb(pid) {
  const kb = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return Math.round(Number(kb) / 1024);
}
