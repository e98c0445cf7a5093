// `npm test`: installs what is missing, builds, and runs every test. Arguments go to vitest.
import { bin, build, install } from "./steps.mjs";

install();
build();
bin("vitest", ["run", ...process.argv.slice(2)]);
