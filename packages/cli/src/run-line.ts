/**
 * One command line from words to exit code: read it, run its command, print what came back. In-process and without
 * global state, so that the demo and the tests run the very same thing.
 */
import { statSync } from "node:fs";
import { LoopxError, readUserConfig, userConfigPath, type UserConfig } from "@loopx/core";
import type { Answer, AnyCall, GlobalValues, LoopxHost, OutputFormat } from "./call.ts";
import type { Io } from "./io.ts";
import { commandName, findCommand, type Program } from "./options/program.ts";
import { paint, wantsColor } from "./paint.ts";
import { outlineOf, readLine, readQuickLine, type Line, type Outline } from "./parse/line.ts";
import { answerExit, answerJson, errorFields, errorJson, errorLines, errorOf, exitOf, framed, markdownText } from "./print.ts";

/** Runs the words after the program's name and returns the exit code; it never throws. */
export async function runLine(argv: readonly string[], io: Io, program: Program): Promise<number> {
  try {
    return await follow(readLine(argv, io, program), io, program);
  } catch (thrown) {
    return reportError(thrown, { ...outlineOf(argv, io, program), program: program.name }, io);
  }
}

/** The same for a line that these few rows can read; null, with nothing done, when it needs the whole table. */
export async function runQuickLine(argv: readonly string[], io: Io, rows: Program): Promise<number | null> {
  const line = readQuickLine(argv, io, rows);
  if (line === null) return null;
  try {
    return await follow(line, io, rows);
  } catch (thrown) {
    return reportError(thrown, { ...outlineOf(argv, io, rows), program: rows.name }, io);
  }
}

async function follow(line: Line, io: Io, program: Program): Promise<number> {
  checkDirectory(line.globals.cwd, io);
  if (io.env["LOOPX_FSYNC"] === "0") await io.write("stderr", "warning: LOOPX_FSYNC=0: what ends with 0 may be lost with the power\n");
  switch (line.kind) {
    case "command":
      return runCommand(line, io, program);
    case "help": {
      const { helpText } = await import("./parse/help.ts");
      await printHelp(await helpText(program, line.row, line.group), line.globals, io);
      return 0;
    }
    case "version":
      return printVersion(line.globals, io, program);
    case "outside": {
      const { runOutside } = await import("./outside.ts");
      return runOutside(line, io, program);
    }
  }
}

async function runCommand(line: Extract<Line, { kind: "command" }>, io: Io, program: Program): Promise<number> {
  const readAt = io.elapsedMs();
  const opened: { host: LoopxHost | null } = { host: null };
  const call: AnyCall = {
    ...line,
    io,
    host: async (wishes) =>
      (opened.host ??= (await import("./host.ts")).hostFor(`${program.name} ${commandName(line.row)}`, line.globals, io, wishes)),
  };
  const command = await line.row.load();
  const answer = await command.run(call);
  const ranAt = io.elapsedMs();
  const code = await printAnswer(line, answer, opened.host, io);
  if (io.env["LOOPX_TRACE_IO"] === "1")
    await io.write("stderr", `${JSON.stringify({ index_bytes_read: opened.host?.indexBytesRead() ?? 0 })}\n`);
  if (line.globals.verbose) await printTimings(opened.host, { readAt, ranAt }, io);
  return code;
}

async function printAnswer(line: Extract<Line, { kind: "command" }>, answer: Answer, host: LoopxHost | null, io: Io): Promise<number> {
  const { row, globals, warnings } = line;
  if (!globals.quiet) for (const warning of warnings) await io.write("stderr", `warning: ${warning}\n`);
  if (formatOf(answer, globals, host, io) === "json") await io.write("stdout", answerJson(row, answer, host?.places ?? null));
  else {
    const lines = framed(answer.lines(), host?.places ?? null, globals.quiet);
    const text = markdownText(lines);
    if (answer.verbatim === true) await io.write("stdout", text);
    else await printMarkdown(text, globals, preferences(host, io), io);
    if (answer.hint !== undefined && !globals.quiet) await io.write("stderr", `hint: ${answer.hint}\n`);
    const error = errorOf(answer);
    if (error !== null) await io.write("stderr", errorLines(error));
  }
  return answerExit(answer);
}

/** What a shell or `man` reads is JSON only when a flag says so: no setting of a session may break it. */
function formatOf(answer: Answer, globals: GlobalValues, host: LoopxHost | null, io: Io): OutputFormat {
  if (answer.verbatim === true && globals.format_source !== "flag") return "markdown";
  return globals.format ?? preferences(host, io).format ?? "markdown";
}

/** The user's own defaults. A command that opens no registry keeps to them too; where they cannot be read there are none. */
function preferences(host: LoopxHost | null, io: Io): UserConfig {
  if (host !== null) return host.user_config;
  try {
    return readUserConfig(userConfigPath(io.env, io.home));
  } catch {
    return {};
  }
}

async function printMarkdown(text: string, globals: GlobalValues, { color }: UserConfig, io: Io): Promise<void> {
  await io.write("stdout", wantsColor(globals, io, color) ? await paint(text) : text);
}

async function printHelp(text: string, globals: GlobalValues, io: Io): Promise<void> {
  const document = { ok: true, schema_version: "loopx_help_v1", text };
  const format = globals.format ?? preferences(null, io).format;
  return io.write("stdout", format === "json" ? `${JSON.stringify(document, null, 2)}\n` : `${text.trimEnd()}\n`);
}

/** The bare version; as JSON the answer of `version`, because one name has one schema (CMD-1, CMD-7). */
async function printVersion(globals: GlobalValues, io: Io, program: Program): Promise<number> {
  const found = findCommand(["version"], program);
  if (globals.format === "json" && found.kind === "row")
    return runCommand({ kind: "command", row: found.row, input: {}, words: [], globals, warnings: [] }, io, program);
  await io.write("stdout", `${io.version}\n`);
  return 0;
}

async function printTimings(host: LoopxHost | null, at: { readAt: number; ranAt: number }, io: Io): Promise<void> {
  const files = host === null ? "" : `registry: ${host.places.registry}\nruntime root: ${host.places.runtime_root}\n`;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const total = io.elapsedMs();
  await io.write(
    "stderr",
    `${files}timings: started and read ${ms(at.readAt)}, ran ${ms(at.ranAt - at.readAt)}, printed ${ms(total - at.ranAt)}\n`,
  );
}

async function reportError(thrown: unknown, outline: Outline & { program: string }, io: Io): Promise<number> {
  const { command, program, format = preferences(null, io).format } = outline;
  const { code, message, hint, details } = errorFields(thrown);
  const error = {
    code,
    message,
    hint: hint.replace("loopx <command>", [program, ...(command === null ? [] : [command])].join(" ")),
    details,
  };
  await io.write(format === "json" ? "stdout" : "stderr", format === "json" ? errorJson(error) : errorLines(error));
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (io.env["LOOPX_DEBUG"] === "1" && stack !== undefined) await io.write("stderr", `${stack}\n`);
  return exitOf(error.code);
}

function checkDirectory(cwd: string, io: Io): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (cwd === io.cwd)
    throw new LoopxError("invalid_value", `the working directory ${cwd} does not exist any more`, {
      hint: "cd into a directory that exists, or name one with --cwd",
      details: { value: cwd },
    });
  throw new LoopxError("invalid_value", `--cwd ${cwd} is no directory`, { details: { flag: "--cwd", value: cwd } });
}
