/** A tool call as the command line it stands for. It judges the arguments' shape; their values are the command's affair. */
import { LoopxError } from "@loopx/core";
import type { CommandRow, Flag } from "../options/flag.ts";
import { argumentOf, type Tool } from "./tools.ts";

/** What a server that only reads says to whoever asks for more. */
export const WRITES_NEED = "what writes needs a server started as loopx mcp --allow-writes";

/** The words of the line, every value tied to its flag; throws `usage` or `invalid_value`. */
export function lineOf(tool: Tool, given: Readonly<Record<string, unknown>>): readonly string[] {
  const row = rowFor(tool, given["action"]);
  const words = [...row.path];
  for (const [name, value] of Object.entries(given)) {
    if (name === "action" && !tool.rows.has("")) continue;
    if (name === "form" && tool.form.length > 0) words.push(`--${oneOf(tool, name, value, tool.form)}`);
    else words.push(...flagWords(tool, row, name, value));
  }
  return words;
}

function rowFor(tool: Tool, action: unknown): CommandRow {
  const only = tool.rows.get("");
  const row = only ?? tool.rows.get(typeof action === "string" ? action : "");
  if (row !== undefined) return row;
  oneOf(tool, "action", action, [...tool.rows.keys()]);
  throw new LoopxError("internal", `${tool.name} has no row for ${String(action)}`);
}

function oneOf(tool: Tool, name: string, value: unknown, allowed: readonly string[]): string {
  if (typeof value === "string" && allowed.includes(value)) return value;
  throw refusal(tool, name, `is one of ${allowed.join(", ")}`, name === "action" && !tool.writes ? WRITES_NEED : undefined);
}

function flagWords(tool: Tool, row: CommandRow, name: string, value: unknown): readonly string[] {
  const flagName = tool.flags.find((each) => argumentOf(each) === name);
  const flag = flagName === undefined ? undefined : row.flags[flagName];
  if (flagName === undefined || flag === undefined)
    throw new LoopxError("usage", `${tool.name} (${row.path.join(" ")}) knows no argument ${JSON.stringify(name)}`, {
      hint: `it takes ${tool.flags
        .filter((each) => row.flags[each] !== undefined)
        .map(argumentOf)
        .join(", ")}`,
      details: { tool: tool.name, argument: name },
    });
  if (flag.kind === "switch") {
    if (typeof value !== "boolean") throw refusal(tool, name, "is true or false");
    return value ? [`--${flagName}`] : [];
  }
  const values = flag.repeatable === true ? value : [value];
  if (!Array.isArray(values)) throw refusal(tool, name, "is a list");
  return values.map((each: unknown) => `--${flagName}=${textOf(tool, name, flag, each)}`);
}

function textOf(tool: Tool, name: string, flag: Flag, value: unknown): string {
  const isNumber = flag.kind === "integer" || flag.kind === "number";
  if (isNumber && typeof value === "number") return String(value);
  if (!isNumber && typeof value === "string") return value;
  throw refusal(tool, name, isNumber ? "is a number" : "is a text");
}

function refusal(tool: Tool, name: string, wanted: string, hint?: string): LoopxError {
  const more = hint === undefined ? {} : { hint };
  return new LoopxError("invalid_value", `${tool.name}: ${name} ${wanted}`, { ...more, details: { tool: tool.name, argument: name } });
}
