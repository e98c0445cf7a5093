/** Which LoopX the names `loopx` and `loopx-canary` mean: a release that stays as it is, and a live checkout (CMD-68, CMD-141). */
import { join } from "node:path";
import { installationOf, installRoot, realPath } from "../installation.ts";
import { check, type Check, type Patient, programOnPath, statOrNothing, wrappedProgram } from "./check.ts";

const INSTALL = "scripts/install-local.sh";

/** A package of npm stays as it is, too. */
export function releaseSnapshot({ io }: Patient): Check {
  const path = programOnPath("loopx", io) ?? io.entry;
  const { target, release, channel } = installationOf(path);
  const kind = release !== null ? `release ${release}` : channel === "npm" ? "an npm package" : `no release: ${target}`;
  const detail = target === null ? "loopx leads to no file" : kind;
  return check("default_command_is_release_snapshot", false, target !== null && channel !== "canary", detail, `${INSTALL} in the checkout`);
}

/** Only a checkout has a canary, and only a release needs one beside it. */
export function canaryOnPath({ io }: Patient): Check {
  const found = programOnPath("loopx-canary", io);
  const { channel } = installationOf(programOnPath("loopx", io) ?? io.entry);
  const detail = found ?? (channel === "npm" ? "an npm package has none" : "loopx-canary is not on PATH");
  return check("canary_command_on_path", false, found !== null || channel === "npm", detail, `${INSTALL} in the checkout`);
}

export function canarySeparate({ io }: Patient): Check {
  const [canary, loopx] = ["loopx-canary", "loopx"].map((name) => realOf(programOnPath(name, io)));
  const same = canary !== null && canary === loopx;
  const detail =
    canary === null ? "there is no loopx-canary" : same ? `loopx and loopx-canary are both ${canary}` : `${canary} is not loopx`;
  return check("canary_separate_from_default", false, !same, detail ?? "", `${INSTALL} in the checkout`);
}

export function installScriptExists({ io }: Patient): Check {
  const root = installRoot(io.entry);
  if (root === null || installationOf(io.entry).channel === "npm")
    return check(
      "install_script_exists",
      false,
      true,
      root === null ? "the place of this program is unknown" : "npm installs this one",
      "",
    );
  const path = join(root, INSTALL);
  const ok = statOrNothing(path)?.isFile() === true;
  return check("install_script_exists", false, ok, ok ? path : `${path} is missing`, "install LoopX again from a whole checkout");
}

function realOf(path: string | null): string | null {
  return path === null ? null : realPath(wrappedProgram(path) ?? path);
}
