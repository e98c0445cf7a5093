// Bundles the command into packages/cli/dist: one entry, one chunk per lazily loaded part (PRF-1).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "./steps.mjs";

const out = join(ROOT, "packages", "cli", "dist");

const bundle = await rolldown({
  input: { main: join(ROOT, "packages", "cli", "src", "main.ts") },
  platform: "node",
  // jsonc-parser's "main" is a UMD file whose parts a bundle cannot find; its ES module can be bundled.
  resolve: { conditionNames: ["@loopx/source", "import", "node", "default"], mainFields: ["module", "main"] },
  // A schema that no command asks at run time is left out, though building it looks like an effect.
  treeshake: { manualPureFunctions: ["z"] },
  checks: { eval: false },
  logLevel: "warn",
});
rmSync(join(out, "chunks"), { recursive: true, force: true });
await bundle.write({
  dir: out,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  minify: { compress: true, mangle: false, codegen: true },
});
await bundle.close();
