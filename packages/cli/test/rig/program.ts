/** The command as people get it: bundled once into a temporary folder and started as a process. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface Program {
  readonly folder: string;
  /** The started file, `loopx`. */
  readonly entry: string;
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): { code: number | null; stdout: string; stderr: string };
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  remove(): void;
}

/** The file and all it imports, from source, as ES modules in that folder. */
export async function bundleInto(input: string, dir: string): Promise<void> {
  const bundle = await rolldown({
    input,
    platform: "node",
    resolve: { conditionNames: ["@loopx/source", "import", "node", "default"] },
    logLevel: "silent",
  });
  await bundle.write({ dir, format: "esm" });
  await bundle.close();
}

/** The whole program in `dist/`, and in `shell/` only what ends a process. */
export async function bundleProgram(): Promise<Program> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-program-")));
  await bundleInto(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), join(folder, "dist"));
  await bundleInto(fileURLToPath(new URL("../../src/output.ts", import.meta.url)), join(folder, "shell"));
  const entry = join(folder, "loopx");
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  writeFileSync(entry, '#!/usr/bin/env node\nimport "./dist/main.js";\n', { mode: 0o755 });
  const surroundings = (env: Readonly<Record<string, string>>) => ({
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TZ: "UTC", ...env },
  });
  return {
    folder,
    entry,
    run: (argv, env = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...argv], { ...surroundings(env), encoding: "utf8" });
      return { code: status, stdout, stderr };
    },
    start: (argv, env = {}) => spawn(process.execPath, [entry, ...argv], surroundings(env)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
