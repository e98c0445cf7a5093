// `npm start`: installs what is missing, builds, and shows the whole story once (loopx demo).
import { build, install, ROOT, run } from "./steps.mjs";
import { join } from "node:path";

install();
build();
run(process.execPath, [join(ROOT, "packages", "cli", "bin", "loopx.cjs"), "demo", ...process.argv.slice(2)]);
