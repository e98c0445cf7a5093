/**
 * `@loopx/cli/program`: what another program needs to be a command table like `loopx`: the row types, one call that reads,
 * runs and prints a line, the process around it, and the shapes of Markdown answers. It knows no command of `loopx`.
 */
export type { Answer, AnyCall, Call, GlobalValues } from "./call.ts";
export type { Environment, Io } from "./io.ts";
export type { CommandRow, Flag, Flags } from "./options/flag.ts";
export { DRY_RUN } from "./options/global.ts";
export { observedIo } from "./observing.ts";
export { programOf, type Program, type Section } from "./options/program.ts";
export { nearest } from "./parse/nearest.ts";
export { endOnSignals, endWith, processIo } from "./output.ts";
export { count, field, fields, nested, section, title } from "./render/markdown.ts";
export { runLine } from "./run-line.ts";
