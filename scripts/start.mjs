// `npm start`: installs what is missing, builds, and shows the whole story once: a goal's life (loopx demo), then a
// commit that the worktree loop heals (loopx-loop demo). With words of its own only the first.
import { build, install, ROOT, run } from "./steps.mjs";
import { join } from "node:path";

install();
build();
run(process.execPath, [join(ROOT, "packages", "cli", "bin", "loopx.cjs"), "demo", ...process.argv.slice(2)]);
if (process.argv.length === 2) run(process.execPath, [join(ROOT, "packages", "executors", "bin", "loopx-loop.mjs"), "demo"]);
