// Loaded before a command by `node --import`: tells its peak memory (KiB) on file descriptor 3 when it ends.
import { writeSync } from "node:fs";

process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));
