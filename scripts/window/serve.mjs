// Starts the built `loopx serve-status` over a home of its own and waits for the address it prints.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../steps.mjs";

/**
 * @param {{ home: string, cwd: string, words?: readonly string[], env?: Record<string, string> }} place
 * @returns {Promise<{ origin: string, token: string, pid: number, stop: () => Promise<number | null> }>}
 */
export async function serveOver({ home, cwd, words = [], env = {} }) {
  const argv = [join(ROOT, "packages", "cli", "bin", "loopx.cjs"), "serve-status", "--port", "0", ...words];
  const child = spawn(process.execPath, argv, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: home, TZ: "UTC", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  const [, origin = "", token = ""] = await new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (part) => {
      said += String(part);
      const found = /window: (http:[^#]+)\/#\w+=(\S+)/.exec(said);
      if (found !== null) resolve(found);
    });
    void ended.then(() => reject(new Error(`serve-status ended: ${said}`)));
  });
  return {
    origin,
    token,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGTERM");
      return /** @type {Promise<number | null>} */ (ended);
    },
  };
}
