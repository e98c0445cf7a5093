// Bundles the command into packages/cli/dist: one entry, one chunk per lazily loaded part (PRF-1).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "./steps.mjs";

const out = join(ROOT, "packages", "cli", "dist");

const bundle = await rolldown({
  input: { main: join(ROOT, "packages", "cli", "src", "main.ts") },
  platform: "node",
  resolve: { conditionNames: ["@loopx/source", "import", "node", "default"] },
  treeshake: true,
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
