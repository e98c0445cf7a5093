/** Colour for Markdown on a terminal. It adds colour to finished lines and never changes a word or a width (CMD-8). */
import type { GlobalValues } from "./call.ts";
import type { Io } from "./io.ts";

/** Whether colour is wanted: flag, then `NO_COLOR`, `FORCE_COLOR`, the user's file, then the terminal. */
export function wantsColor(globals: GlobalValues, io: Io, preference: "auto" | "always" | "never" | undefined): boolean {
  if (globals.color !== undefined) return globals.color;
  if (isSet(io.env["NO_COLOR"])) return false;
  if (isSet(io.env["FORCE_COLOR"])) return io.env["FORCE_COLOR"] !== "0";
  if (preference === "always" || preference === "never") return preference === "always";
  return io.env["TERM"] !== "dumb" && io.isTerminal();
}

const SEVERITY_COLORS = { high: "red", action: "yellow", watch: "gray" } as const;

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** The text with headings, keys and answers coloured. */
export async function paint(text: string): Promise<string> {
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return text
    .split("\n")
    .map((line) => {
      if (line.startsWith("#")) return chalk.bold(line);
      const urgent = /^- \[(high|action|watch)\]( .*)$/.exec(line);
      if (urgent !== null)
        return `- ${chalk[SEVERITY_COLORS[urgent[1] as keyof typeof SEVERITY_COLORS]](`[${urgent[1]}]`)}${urgent[2] ?? ""}`;
      const command = /^(\s*- )(`[^`]+`)$/.exec(line);
      if (command !== null) return `${command[1] ?? ""}${chalk.green(command[2] ?? "")}`;
      // Below an entry stand people's own sentences too: "Decide: …" is no key.
      const key = /^(- |\s+- (?![A-Z]))([^:`]{1,60}:)( .*)?$/.exec(line);
      return key === null ? line : `${key[1] ?? ""}${chalk.cyan(key[2] ?? "")}${key[3] ?? ""}`;
    })
    .join("\n");
}
