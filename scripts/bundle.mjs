// Bundles the command into packages/cli/dist: one small entry, one chunk with everything a verdict needs, and one chunk
// per part that is loaded only when somebody asks for it (PRF-1). Each further chunk of a wake-up would cost it half a
// millisecond, so the verdict's parts are found by a first pass and put together by the second.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { builtPage } from "./bundle-page.mjs";
import { noticesOf } from "./notices.mjs";
import { ROOT } from "./steps.mjs";

const SOURCE = join(ROOT, "packages", "cli", "src");
const OUT = join(ROOT, "packages", "cli", "dist");
/** What every wake-up loads: the line, the host, the verdict in both its forms. */
const WAKE_UP = ["run-line.ts", "options/commands.ts", "host.ts", "commands/should-run.ts", "commands/quota-should-run.ts"].map((path) =>
  join(SOURCE, path),
);

/** @type {import("rolldown").OutputOptions} */
const OUTPUT = {
  dir: OUT,
  format: "cjs",
  entryFileNames: "[name].cjs",
  chunkFileNames: "chunks/[name]-[hash].cjs",
  minify: { compress: true, mangle: true, codegen: true },
};

const bundle = await rolldown({
  input: { main: join(SOURCE, "main.ts") },
  platform: "node",
  // jsonc-parser's "main" is a UMD file whose parts a bundle cannot find; its ES module can be bundled.
  resolve: { conditionNames: ["@loopx/source", "import", "node", "default"], mainFields: ["module", "main"] },
  // A schema that no command asks at run time is left out, though building it looks like an effect.
  treeshake: { manualPureFunctions: ["z", "observed"] },
  plugins: [pathForUrl()],
  // gray-matter holds an engine that evaluates; store/front-matter.ts refuses it, and a test proves that nothing runs.
  // yargs asks `import.meta` only for configuration files that extend others, which LoopX has none of.
  checks: { eval: false, emptyImportMeta: false },
  logLevel: "warn",
});
const wakeUp = modulesOf(await bundle.generate(OUTPUT));
rmSync(OUT, { recursive: true, force: true });
const written = await bundle.write({ ...OUTPUT, codeSplitting: { groups: [{ name: "verdict", test: (id) => wakeUp.has(id) }] } });
await bundle.close();
cpSync(join(ROOT, "skills"), join(OUT, "skills"), { recursive: true });
cpSync(await builtPage(), join(OUT, "window"), { recursive: true, filter: (path) => !path.endsWith("built-from.txt") });
writeFileSync(join(OUT, "licenses.txt"), noticesOf(written.output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []))));
const verdict = written.output.find((part) => part.type === "chunk" && part.name === "verdict");
if (verdict === undefined) throw new Error("the bundle has no verdict chunk");
makeScript(join(OUT, verdict.fileName));
makeCodeCache(join(OUT, verdict.fileName));

/** yargs-parser makes a `require` of its own; a path does for that, and is 1 ms cheaper than the URL that yargs needs. */
function pathForUrl() {
  return {
    name: "path-for-url",
    transform: {
      filter: { id: /yargs-parser/ },
      handler: (/** @type {string} */ code) => code.replaceAll("import.meta.url", "__filename"),
    },
  };
}

/**
 * Makes the chunk what the bin hands to V8 as it is: wrapped as a module, and without a character that would make V8 keep
 * the whole text in two bytes each.
 * @param {string} chunk
 */
function makeScript(chunk) {
  const escaped = readFileSync(chunk, "utf8").replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  writeFileSync(chunk, Module.wrap(escaped));
}

/**
 * Runs the commands of a wake-up once in a folder of their own, so that the cache holds the functions they compile.
 * @param {string} chunk
 */
function makeCodeCache(chunk) {
  const folder = mkdtempSync(join(tmpdir(), "loopx-build-"));
  const env = { PATH: process.env["PATH"], HOME: folder };
  /** @param {readonly string[]} words @param {Record<string, string>} [more] */
  const loopx = (words, more = {}) =>
    execFileSync(process.execPath, [join(ROOT, "packages", "cli", "bin", "loopx.cjs"), ...words], {
      cwd: folder,
      env: { ...env, ...more },
      stdio: "pipe",
    });
  try {
    loopx(["connect", "--goal-id", "warm-up"]);
    loopx(["refresh-state", "--goal-id", "warm-up"]);
    loopx(["quota", "should-run", "--goal-id", "warm-up", "--json"], { LOOPX_BUILD_CODE_CACHE: chunk });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The modules in the chunks that a wake-up loads, without those that even `--version` loads.
 * @param {import("rolldown").RolldownOutput} result
 */
function modulesOf(result) {
  const chunks = new Map(result.output.flatMap((part) => (part.type === "chunk" ? [[part.fileName, part]] : [])));
  /** @param {readonly string[]} starts */
  const closure = (starts) => {
    const seen = new Set(starts);
    for (const name of seen) for (const next of chunks.get(name)?.imports ?? []) seen.add(next);
    return seen;
  };
  const files = [...chunks.values()];
  const entry = closure(files.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  const starts = files.filter((chunk) => chunk.moduleIds.some((id) => WAKE_UP.includes(id))).map((chunk) => chunk.fileName);
  const parts = [...closure(starts)].filter((name) => !entry.has(name));

  return new Set(parts.flatMap((name) => chunks.get(name)?.moduleIds ?? []));
}
