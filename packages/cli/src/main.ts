/**
 * The entry of `loopx`. It imports next to nothing, so that the version is answered at once and everything else
 * is loaded only by the command that needs it (PRF-1).
 */
import { observedIo } from "./observing.ts";
import { endNow, endOnSignals, endWith, processIo } from "./output.ts";
import { VERSION } from "./version.ts";

const argv = process.argv.slice(2);
const io = processIo(VERSION);

async function main(): Promise<void> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) return io.write("stdout", `${VERSION}\n`);
  endOnSignals();
  const [{ runLine, runQuickLine }, { WAKE_UP }] = await Promise.all([import("./run-line.ts"), import("./options/wake-up.ts")]);
  const watched = await observedIo(io);
  const quick = await runQuickLine(argv, watched, WAKE_UP);
  // An observer may have more to say.
  if (quick !== null && watched === io) endNow(quick);
  else endWith(quick ?? (await runLine(argv, watched, (await import("./options/commands.ts")).LOOPX)));
}

// The bundle is CommonJS, which knows no `await` at its top; whatever escapes ends the process with its stack.
void main();
