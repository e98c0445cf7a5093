/**
 * The entry of `loopx`. It imports next to nothing, so that the version is answered at once and everything else
 * is loaded only by the command that needs it (PRF-1).
 */
import { endOnSignals, endWith, processIo } from "./output.ts";
import { VERSION } from "./version.ts";

const argv = process.argv.slice(2);
const io = processIo(VERSION);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  await io.write("stdout", `${VERSION}\n`);
} else {
  endOnSignals();
  const { runLine } = await import("./run-line.ts");
  endWith(await runLine(argv, io));
}
