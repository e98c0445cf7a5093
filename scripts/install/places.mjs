// Where an installation goes: everything below one home, each place with a variable of its own (CMD-142).
import { basename, join, resolve } from "node:path";
import { ROOT } from "../steps.mjs";

/**
 * @typedef {object} Places
 * @property {string} checkout
 * @property {string} home
 * @property {string} bin
 * @property {string} releases
 * @property {string} receipt what was made where, for --uninstall
 * @property {string} profile
 * @property {"sh" | "fish"} profile_syntax
 * @property {string | null} release_id the wished name
 * @property {boolean} with_skills
 * @property {boolean} with_canary
 */

/** @param {Readonly<Record<string, string | undefined>>} env @returns {Places} */
export function placesOf(env) {
  const home = env["HOME"];
  if (home === undefined || home === "") throw new Error("HOME is not set");
  const releases = resolve(env["LOOPX_RELEASES_DIR"] || join(home, ".local", "share", "loopx", "releases"));
  const profile = resolve(env["LOOPX_SHELL_PROFILE"] || usualProfile(env, home));
  return {
    checkout: ROOT,
    home,
    bin: resolve(env["LOOPX_BIN_DIR"] || join(home, ".local", "bin")),
    releases,
    receipt: join(releases, "installed.json"),
    profile,
    profile_syntax: profile.endsWith(".fish") ? "fish" : "sh",
    release_id: env["LOOPX_RELEASE_ID"] || null,
    with_skills: env["LOOPX_INSTALL_SKILL"] !== "0",
    with_canary: env["LOOPX_INSTALL_CANARY"] !== "0",
  };
}

/** The file that the user's shell reads when it starts. @param {Readonly<Record<string, string | undefined>>} env @param {string} home */
function usualProfile(env, home) {
  switch (basename(env["SHELL"] ?? "")) {
    case "zsh":
      return join(env["ZDOTDIR"] || home, ".zshrc");
    case "bash":
      return join(home, process.platform === "darwin" ? ".bash_profile" : ".bashrc");
    case "fish":
      return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "fish", "config.fish");
    default:
      return join(home, ".profile");
  }
}
