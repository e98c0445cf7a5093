// Bundles the command into packages/cli/dist: one small entry, one chunk with everything a verdict needs, one with what the
// lists add to it, one with the writing half of the store, and one chunk per part that is loaded only when somebody asks for
// it (PRF-1). Each further chunk of a line would cost it a third of a millisecond, so the parts that belong together are found
// by a first pass and put together by the second.
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { builtPage } from "./bundle-page.mjs";
import { makeCodeCaches } from "./bundle/code-cache.mjs";
import { noticesOf } from "./notices.mjs";
import { ROOT } from "./steps.mjs";

const SOURCE = join(ROOT, "packages", "cli", "src");
const STORE = join(ROOT, "packages", "core", "src", "node");
const OUT = join(ROOT, "packages", "cli", "dist");
/**
 * The chunks by what loads them, first come, first served: what every wake-up loads (the line, the host, the verdict in both
 * its forms), what the lists load beside it, and what the first write of a process loads. `bin/loopx.cjs` knows those that
 * come with a code cache by these names.
 */
const GROUPS = {
  verdict: ["run-line.ts", "options/wake-up.ts", "host.ts", "commands/should-run.ts", "commands/quota-should-run.ts"].map((path) =>
    join(SOURCE, path),
  ),
  listing: ["commands/status.ts", "commands/history.ts", "commands/todo-list.ts"].map((path) => join(SOURCE, path)),
  writing: ["document-writes.ts", "file-logs.ts", "lock.ts"].map((path) => join(STORE, path)),
};

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
  plugins: [withoutRequire(), withoutEsprima()],
  // gray-matter holds an engine that evaluates; store/front-matter.ts refuses it, and a test proves that nothing runs.
  // yargs asks `import.meta` only for configuration files that extend others, which LoopX has none of.
  checks: { eval: false, emptyImportMeta: false },
  logLevel: "warn",
});
const groups = groupsOf(await bundle.generate(OUTPUT));
rmSync(OUT, { recursive: true, force: true });
const written = await bundle.write({ ...OUTPUT, codeSplitting: { groups } });
await bundle.close();
const chunks = written.output.flatMap((part) => (part.type === "chunk" ? [part] : []));
const runtime = chunks.find(({ name }) => name === "rolldown-runtime");
for (const { fileName, name } of chunks) makeScript(join(OUT, fileName), name === "verdict" ? runtime : undefined);
cpSync(join(ROOT, "skills"), join(OUT, "skills"), { recursive: true });
packPage(await builtPage(), join(OUT, "window"));
writeFileSync(join(OUT, "licenses.txt"), noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
makeCodeCaches(OUT);

/** yargs-parser makes a `require` of its own for configuration files; LoopX has none, and `node:module` costs a wake-up 0.3 ms. */
function withoutRequire() {
  return {
    name: "without-require",
    transform: {
      filter: { id: /yargs-parser/ },
      handler: (/** @type {string} */ code) =>
        code
          .replace("import { createRequire } from 'node:module';", "const createRequire = undefined;")
          .replaceAll("import.meta.url", "__filename"),
    },
  };
}

/** js-yaml parses JavaScript with it for a type that evaluates. LoopX reads front matter itself and refuses that one: 140 KB for nothing. */
function withoutEsprima() {
  return {
    name: "without-esprima",
    resolveId: { filter: { id: /^esprima$/ }, handler: () => "\0nothing" },
    load: { filter: { id: /^\0nothing$/ }, handler: () => "export default undefined;" },
  };
}

/**
 * Makes the chunk what the bin hands to V8 as it is: wrapped as a module, and without a character that would make V8 keep
 * the whole text in two bytes each. The bundler's own few functions, which hold no state, are put into what every wake-up loads.
 * @param {string} chunk
 * @param {import("rolldown").OutputChunk} [runtime]
 */
function makeScript(chunk, runtime) {
  const text = readFileSync(chunk, "utf8");
  const whole =
    runtime === undefined
      ? text
      : text.replace(`require("./${basename(runtime.fileName)}")`, () => `(()=>{const exports={};${runtime.code};return exports})()`);
  const escaped = whole.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  writeFileSync(chunk, Module.wrap(escaped));
}

/**
 * What each group's first modules load, without what even `--version` loads and without what stands in an earlier group.
 * @param {import("rolldown").RolldownOutput} result
 */
function groupsOf(result) {
  const chunks = new Map(result.output.flatMap((part) => (part.type === "chunk" ? [[part.fileName, part]] : [])));
  /** @param {readonly string[]} starts */
  const closure = (starts) => {
    const seen = new Set(starts);
    for (const name of seen) for (const next of chunks.get(name)?.imports ?? []) seen.add(next);
    return seen;
  };
  const files = [...chunks.values()];
  const taken = closure(files.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  return Object.entries(GROUPS).map(([name, starts]) => {
    const own = files.filter((chunk) => chunk.moduleIds.some((id) => starts.includes(id))).map((chunk) => chunk.fileName);
    const parts = [...closure(own)].filter((part) => !taken.has(part));
    for (const part of parts) taken.add(part);
    const modules = new Set(parts.flatMap((part) => chunks.get(part)?.moduleIds ?? []));
    return { name, test: (/** @type {string} */ id) => modules.has(id) };
  });
}

/**
 * The page's files, those of its code packed: the command unpacks them when it serves them.
 * @param {string} from
 * @param {string} to
 */
function packPage(from, to) {
  mkdirSync(join(to, "assets"), { recursive: true });
  for (const name of ["index.html", "licenses.txt"]) copyFileSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(from, "assets")))
    writeFileSync(join(to, "assets", `${name}.gz`), gzipSync(readFileSync(join(from, "assets", name)), { level: 9 }));
}
