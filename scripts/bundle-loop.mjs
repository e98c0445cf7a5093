// Bundles `loopx-loop` into packages/executors/dist, with everything it needs in it.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { noticesOf } from "./notices.mjs";
import { ROOT } from "./steps.mjs";

const SOURCE = join(ROOT, "packages", "executors", "src");
const OUT = join(ROOT, "packages", "executors", "dist");

const OUTPUT = { minify: { compress: true, mangle: false, codegen: true } };

const bundle = await rolldown({
  input: { main: join(SOURCE, "main.ts") },
  platform: "node",
  // Lark's SDK is 2 MB that only its app driver uses; who wants that driver installs it beside.
  external: ["@larksuiteoapi/node-sdk"],
  // jsonc-parser's "main" is a UMD file whose parts a bundle cannot find; its ES module can be bundled.
  resolve: { conditionNames: ["@loopx/source", "import", "node", "default"], mainFields: ["module", "main"] },
  // gray-matter holds an engine that evaluates; core refuses it, and a test there proves that nothing runs.
  checks: { eval: false },
  logLevel: "warn",
});
rmSync(OUT, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: OUT,
  format: "esm",
  entryFileNames: "[name].mjs",
  chunkFileNames: "chunks/[name]-[hash].mjs",
  ...OUTPUT,
});
await bundle.close();

// The keeper is a program of its own, started beside each long-running child: one file without modules is read fastest.
const keeper = await rolldown({ input: join(SOURCE, "drivers", "process", "keeper.ts"), platform: "node", logLevel: "warn" });
await keeper.write({ file: join(OUT, "keeper.cjs"), format: "cjs", ...OUTPUT });
await keeper.close();
writeFileSync(join(OUT, "licenses.txt"), noticesOf(output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []))));
