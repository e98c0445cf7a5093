import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../src/version.ts";
import { bundleProgram, type Program } from "./rig/program.ts";

let program: Program;

beforeAll(async () => {
  program = await bundleProgram();
});

afterAll(() => program.remove());

/** Makes a program of that name and returns a PATH that finds it. */
function script(name: string, body: string, interpreter = "/bin/sh"): string {
  const bin = join(program.folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!${interpreter}\n${body}\n`, { mode: 0o755 });
  return `${bin}:${process.env["PATH"] ?? ""}`;
}

describe("the process", () => {
  test("answers the version, bare", () => {
    expect(program.run(["--version"])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
    expect(program.run(["-V", "-q"])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
  });

  test("a misspelt command ends with 2, names the nearest and stays short (CMD-11)", () => {
    const { code, stdout, stderr } = program.run(["staus"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("loopx status");
    expect(stderr.split("\n").length).toBeLessThan(10);
  });

  test("a closed pipe ends quietly with 0 (CMD-10)", () => {
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-c", `set -o pipefail; for i in 1 2 3; do "${process.execPath}" "${program.entry}" exit-codes --json | head -1; done; echo $?`],
      { encoding: "utf8", cwd: program.folder },
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().endsWith("0")).toBe(true);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends it with %i (CMD-10)", async (signal, exit) => {
    const waiting = join(program.folder, "waiting.js");
    writeFileSync(
      waiting,
      'import { endOnSignals } from "./shell/output.js"; endOnSignals(); process.stdin.resume(); console.log("ready");\n',
    );
    const child = spawn(process.execPath, [waiting]);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([exit, null]);
  });

  test("the version needs no file but the entry (PRF-1)", () => {
    const entry = readFileSync(join(program.folder, "dist", "main.js"), "utf8");
    const imported = [...entry.matchAll(/^import\b[^\n]*?from\s*"([^"]+)"/gm)].map((match) => match[1]);
    expect(imported.filter((name) => !(name ?? "").startsWith("node:"))).toEqual([]);
  });

  test("a full pipe gets every byte", () => {
    const { code, stdout } = program.run(["exit-codes", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  test("LOOPX_TRACE_IO=1 tells how much of the run indexes was read (PRF-18)", () => {
    const { stderr } = program.run(["version", "--json"], { LOOPX_TRACE_IO: "1" });
    expect(JSON.parse(stderr)).toEqual({ index_bytes_read: 0 });
    expect(program.run(["version", "--json"]).stderr).toBe("");
  });

  test("a stack is shown only with LOOPX_DEBUG=1 (CMD-9)", () => {
    expect(program.run(["status", "--registry", "none.json"], { LOOPX_DEBUG: "1" }).stderr).toContain("    at ");
    expect(program.run(["status", "--registry", "none.json"]).stderr).not.toContain("    at ");
  });

  test("a directory that was removed meanwhile is named, and another may be given", () => {
    const gone = join(program.folder, "gone");
    const from = (words: string) =>
      spawnSync("/bin/sh", ["-c", `mkdir "$1"; cd "$1"; rmdir "$1"; "$2" "$3" ${words}`, "sh", gone, process.execPath, program.entry], {
        env: { PATH: process.env["PATH"], HOME: program.folder },
        encoding: "utf8",
      });
    const { status, stdout, stderr } = from("should-run");
    expect([status, stdout, stderr]).toEqual([
      2,
      "",
      `error: the working directory ${gone} does not exist any more\nhint: cd into a directory that exists, or name one with --cwd\n`,
    ]);
    expect(from("version --cwd /")).toMatchObject({ status: 0, stderr: "" });
    expect(from("should-run --help").stderr).not.toContain("    at ");
  });

  test("who leaves the syncs out is told what that means (REL-23)", () => {
    const { code, stderr } = program.run(["version"], { LOOPX_FSYNC: "0" });
    expect([code, stderr]).toEqual([0, "warning: LOOPX_FSYNC=0: what ends with 0 may be lost with the power\n"]);
    expect(program.run(["version"], { LOOPX_FSYNC: "1" }).stderr).toBe("");
  });
});

describe("commands of somebody else (CMD-12)", () => {
  test("run from PATH with their own arguments, our flags as variables and their exit code", () => {
    const PATH = script("loopx-hello", 'echo "$LOOPX_FORMAT $LOOPX_REGISTRY|$*"; exit 7');
    const { code, stdout } = program.run(["--json", "--registry", "r.json", "hello", "--help", "a b"], { PATH });
    expect([code, stdout]).toEqual([7, `json ${join(program.folder, "r.json")}|--help a b\n`]);
  });

  test("from beside the program win over PATH", () => {
    const PATH = script("loopx-near", "echo far");
    writeFileSync(join(program.folder, "loopx-near"), "#!/bin/sh\necho near\n", { mode: 0o755 });
    expect(program.run(["near"], { PATH }).stdout).toBe("near\n");
  });

  test("that do not exist are unknown commands", () => {
    expect(program.run(["hullo", "--json"]).code).toBe(2);
  });

  test("get the signal that ends us, and we end as they do (CMD-10)", async () => {
    const PATH = script(
      "loopx-wait",
      'process.on("SIGTERM", () => process.exit(9)); process.stdin.resume(); console.log("ready");',
      process.execPath,
    );
    const child = program.start(["wait"], { PATH });
    if (child.stdout === null) throw new Error("no standard output");
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(9);
  });

  test("tells the OpenTelemetry that it was started with, when asked to, and nobody otherwise", () => {
    const tracing = join(program.folder, "tracing.mjs");
    const [api, sdk] = ["@opentelemetry/api", "@opentelemetry/sdk-trace-base"].map((name) => import.meta.resolve(name));
    writeFileSync(
      tracing,
      `import { trace } from ${JSON.stringify(api)};
import * as sdk from ${JSON.stringify(sdk)};
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = sdk.default ?? sdk;
const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
process.on("exit", () => console.error(JSON.stringify(spans.getFinishedSpans().map(({ name }) => name))));
`,
    );
    const env = { NODE_OPTIONS: `--import ${tracing}` };
    expect(program.run(["registry"], { ...env, LOOPX_TELEMETRY: "opentelemetry" }).stderr).toContain('["loopx.inspect_registry"]');
    expect(program.run(["registry"], env).stderr).toContain("[]");
  });
});
