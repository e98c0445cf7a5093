// A command that does what a test tells it to, over a socket beside it. It does nothing by itself, so no test has to wait
// for a moment: it waits for an event.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const socket = connect(readFileSync(`${fileURLToPath(import.meta.url)}.socket`, "utf8"));
/** @param {unknown} message */
const say = (message) => socket.write(`${JSON.stringify(message)}\n`);
/** @type {Set<string>} */
const ignored = new Set();

for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]))
  process.on(signal, () => {
    if (ignored.has(signal)) say({ kind: "signal", signal });
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });

/** @param {string} text @param {NodeJS.WriteStream} stream */
const print = (text, stream) => new Promise((resolve) => stream.write(text, resolve));

/** @type {Record<string, (order: any) => unknown>} */
const ACTS = {
  stdin: () => readFileSync(0).toString("base64"),
  stdout: ({ text }) => print(text, process.stdout),
  stderr: ({ text }) => print(text, process.stderr),
  write: ({ path, text, mode }) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, mode === undefined ? {} : { mode });
  },
  ignore: ({ signal }) => ignored.add(signal),
  /** A child that outlives us; `session` gives it one of its own, `pipes` lets it hold our output open. */
  spawn: ({ session, pipes }) => {
    const child = spawn(process.execPath, ["-e", "process.on('SIGHUP',()=>{});setInterval(()=>{},1e6)"], {
      detached: session,
      stdio: pipes ? ["ignore", "inherit", "inherit"] : "ignore",
    });
    child.unref();
    return child.pid;
  },
};

socket.on("connect", () => say({ kind: "hello", argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), pid: process.pid }));
socket.on("error", () => process.exit(98));
createInterface({ input: socket }).on("line", async (line) => {
  const order = JSON.parse(line);
  if (order.act === "exit") process.exit(order.code);
  if (order.act === "die") process.kill(process.pid, order.signal);
  else say({ kind: "done", id: order.id, value: (await ACTS[order.act]?.(order)) ?? null });
});
