// `npm run soak`: builds, then runs the soak of soak/main.mjs. Arguments go to it: `-- --minutes N`.
import { join } from "node:path";
import { build, install, ROOT, run } from "./steps.mjs";

install();
build();
run(process.execPath, [join(ROOT, "scripts", "soak", "main.mjs"), ...process.argv.slice(2)]);
