/**
 * A contestant in a process of its own: it runs each line of words it is given as `loopx` runs its own, and answers with
 * the exit code and what was printed. It stays, so that hundreds of rounds cost no start of a process.
 */
import { createInterface } from "node:readline";
import { LOOPX } from "../../../src/options/commands.ts";
import { processIo } from "../../../src/output.ts";
import { runLine } from "../../../src/run-line.ts";

for await (const line of createInterface({ input: process.stdin })) {
  let stdout = "";
  const io = {
    ...processIo("0.0.0"),
    write: async (stream: "stdout" | "stderr", text: string) => {
      if (stream === "stdout") stdout += text;
    },
  };
  const code = await runLine(JSON.parse(line) as string[], io, LOOPX);
  process.stdout.write(`${JSON.stringify({ code, stdout })}\n`);
}
