// The steps that start, test, check and bench share: make sure the packages are installed, build, run a program.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a program in the project's root and ends this process with its exit code when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options]
 */
export function run(program, args, { quiet = false, env = {} } = {}) {
  const child = spawnSync(program, args, {
    cwd: ROOT,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (child.status === 0) return;
  if (quiet) process.stderr.write(`${child.stdout ?? ""}${child.stderr ?? ""}`);
  if (child.error !== undefined) process.stderr.write(`error: ${program} could not be started: ${child.error.message}\n`);
  process.exit(child.status ?? 1);
}

/**
 * Runs a program of node_modules/.bin.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options]
 */
export function bin(name, args, options) {
  run(process.execPath, [join(ROOT, "node_modules", ".bin", name), ...args], options);
}

/** Installs what the lock file names, when it is not installed yet. */
export function install() {
  requireNode();
  if (installed()) return;
  process.stderr.write("Installing packages (npm ci) ...\n");
  const npm = process.env["npm_execpath"];
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  if (npm !== undefined && npm.endsWith(".js")) run(process.execPath, [npm, ...args], { quiet: true });
  else run("npm", args, { quiet: true });
}

/** Compiles the library and bundles the commands. */
export function build() {
  bin("tsc", ["-b"]);
  run(process.execPath, [join(ROOT, "scripts", "bundle.mjs")]);
  run(process.execPath, [join(ROOT, "scripts", "bundle-loop.mjs")]);
}

/** npm copies the lock file into node_modules when it has installed it; an older copy means something changed. */
function installed() {
  const copy = join(ROOT, "node_modules", ".package-lock.json");
  // A link of .bin whose file was renamed dangles, and reads as missing.
  if (!existsSync(copy) || !["tsc", "loopx", "loopx-loop"].every((name) => existsSync(join(ROOT, "node_modules", ".bin", name))))
    return false;
  return statSync(copy).mtimeMs >= statSync(join(ROOT, "package-lock.json")).mtimeMs || sameVersions(copy);
}

/** @param {string} copy */
function sameVersions(copy) {
  /** @type {(file: string) => Record<string, { version?: string, link?: boolean, optional?: boolean }>} */
  const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const [want, have] = [read(join(ROOT, "package-lock.json")), read(copy)];
  return Object.entries(want).every(
    ([path, entry]) => path === "" || entry.link === true || entry.optional === true || have[path]?.version === entry.version,
  );
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`error: LoopX needs Node 20.19 or newer; this is ${process.versions.node}\nhint: install a newer Node\n`);
  process.exit(2);
}
