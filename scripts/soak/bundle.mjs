// A program of the soak in one file: a worker that is killed hundreds of times spends its time on operations, not on
// finding three hundred modules again.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** Where the bundle stands. @param {string} name beside this file @param {string} folder */
export async function bundleOf(name, folder) {
  const file = join(folder, name);
  const bundle = await rolldown({
    input: fileURLToPath(new URL(name, import.meta.url)),
    platform: "node",
    // jsonc-parser's "main" is a UMD file whose parts a bundle cannot find.
    resolve: { mainFields: ["module", "main"] },
    checks: { eval: false },
    logLevel: "warn",
  });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return file;
}
