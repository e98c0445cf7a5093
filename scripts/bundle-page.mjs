// Builds the operator's page into packages/dashboard/dist: static files that `loopx serve-status` serves. What was built of
// the same sources stays, so that only who changes the page waits for it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { noticesOf } from "./notices.mjs";
import { ROOT } from "./steps.mjs";

const PACKAGE = join(ROOT, "packages", "dashboard");
const OUT = join(PACKAGE, "dist");
const STAMP = join(OUT, "built-from.txt");

/** The folder with the built page. */
export async function builtPage() {
  const sources = digestOfSources();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === sources) return OUT;
  const { build } = await import("vite");
  const result = await build({
    root: PACKAGE,
    configFile: false,
    logLevel: "warn",
    base: "./",
    resolve: { conditions: ["@loopx/source", "module", "browser", "production"] },
    define: { "process.env.NODE_ENV": '"production"' },
    // The server's policy allows no inline script, and one file is what loopback is quickest with.
    build: {
      outDir: OUT,
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      // Parts of a component library say "use client", which means nothing to a page that is all client.
      rolldownOptions: { onLog: (level, log, next) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : next(level, log)) },
    },
  });
  const [{ output }] = /** @type {[import("rolldown").RolldownOutput]} */ (Array.isArray(result) ? result : [result]);
  writeFileSync(join(OUT, "licenses.txt"), noticesOf(output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []))));
  writeFileSync(STAMP, sources);
  return OUT;
}

/** Everything the page is made of; the lock file stands for other people's code. */
function digestOfSources() {
  const hash = createHash("sha256");
  const paths = [
    join(ROOT, "package-lock.json"),
    fileURLToPath(import.meta.url),
    join(PACKAGE, "index.html"),
    ...filesBelow(join(PACKAGE, "src")),
    // Of the library the page takes what is pure.
    ...filesBelow(join(ROOT, "packages", "core", "src", "domain", "goal")),
  ];
  for (const path of paths) hash.update(`${path.slice(ROOT.length)}\n`).update(readFileSync(path));
  return `${hash.digest("hex")}\n`;
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}
