// `scripts/install-local.sh`: installs, shows the plan, or uninstalls (CMD-141, CMD-142).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installHere, planHere } from "./install.mjs";
import { placesOf } from "./places.mjs";
import { planRemoval, uninstall } from "./uninstall.mjs";

const HELP = `scripts/install-local.sh [--dry-run] [--uninstall]

Copies what is built now to a release, links loopx to it, and loopx-canary to this checkout.

  --dry-run     show what would happen
  --uninstall   remove links, wrapper, PATH line and unedited skills; releases stay
  --help        this

Places: LOOPX_BIN_DIR LOOPX_RELEASES_DIR LOOPX_RELEASE_ID LOOPX_SHELL_PROFILE CODEX_HOME LOOPX_SKILLS_DIR
Left out: LOOPX_INSTALL_SKILL=0 LOOPX_INSTALL_CANARY=0
`;

/** @param {readonly string[]} words */
function main(words) {
  const unknown = words.find((word) => !["--dry-run", "-n", "--uninstall", "--help", "-h"].includes(word));
  if (unknown !== undefined) return fail(`there is no flag ${unknown}`, "scripts/install-local.sh --help", 2);
  if (words.includes("--help") || words.includes("-h")) return say(HELP.trimEnd());
  const places = placesOf(process.env);
  if (!words.includes("--uninstall") && !existsSync(join(places.checkout, "packages", "cli", "src")))
    return fail(
      `${places.checkout} is a release, not a checkout`,
      "run the scripts/install-local.sh of the checkout that it was made from",
      2,
    );
  const dryRun = words.includes("--dry-run") || words.includes("-n");
  if (words.includes("--uninstall")) return (dryRun ? planRemoval(places) : uninstall(places)).forEach(say);
  if (dryRun) return planHere(places).forEach(say);
  const failure = installHere(places, say);
  if (failure !== null) fail(failure.message, failure.hint, 1);
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} message @param {string} hint @param {number} code */
function fail(message, hint, code) {
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exitCode = code;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), "repair it and run this again, or take it back with --uninstall", 1);
}
