/** The shell lines that find the binary before anything else (HBT-14). They install nothing and check nothing more. */
import { shellQuote } from "../command-line.ts";

/** Two lines: put the usual place on PATH if the binary is not found; stop with one line if it still is not. */
export function preflightLines(cliBin: string): readonly string[] {
  const found = `command -v ${shellQuote(cliBin)} >/dev/null 2>&1`;
  return [`${found} || export PATH="$HOME/.local/bin:$PATH"`, `${found} || { echo ${shellQuote(`${cliBin}: not found`)} >&2; exit 127; }`];
}
