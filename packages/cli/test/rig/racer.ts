/** A process that stays and runs one `loopx` line after the other, for races of many rounds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleInto, type Program } from "./program.ts";

export interface Racer {
  /** Runs the words after the program's name; one line at a time. */
  run(argv: readonly string[]): Promise<{ code: number; stdout: string }>;
  stop(): void;
}

/** A contestant with the program's home. */
export async function startRacer(program: Program): Promise<Racer> {
  const folder = join(program.folder, "racer");
  await bundleInto(fileURLToPath(new URL("../processes/children/racer.ts", import.meta.url)), folder);
  const child = spawn(process.execPath, [join(folder, "racer.js")], {
    cwd: program.folder,
    env: { PATH: process.env["PATH"], HOME: program.folder, TZ: "UTC" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    run: async (argv) => {
      const answered = once(lines, "line") as Promise<[string]>;
      child.stdin.write(`${JSON.stringify(argv)}\n`);
      const [line] = await answered;
      return JSON.parse(line) as { code: number; stdout: string };
    },
    stop: () => child.stdin.end(),
  };
}
