/** The entry of `loopx-loop`. Signals end it only until a loop takes them over. */
import { endOnSignals, endWith, observedIo, processIo, runLine } from "@loopx/cli/program";
import { LOOP } from "./options/commands.ts";
import { VERSION } from "./version.ts";

endOnSignals();
endWith(await runLine(process.argv.slice(2), await observedIo(processIo(VERSION)), LOOP));
