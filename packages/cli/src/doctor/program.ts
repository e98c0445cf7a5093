/** The program itself: does it start, is it the one that `loopx` means, are all its parts there (CMD-68). */
import { delimiter, join, resolve } from "node:path";
import { installationOf, realPath } from "../installation.ts";
import { LOOPX } from "../options/commands.ts";
import { allows, CAN_RUN, check, type Check, type Patient, programOnPath, statOrNothing, wrappedProgram } from "./check.ts";

/** The oldest Node that LoopX runs on. */
const NODE_FLOOR = [20, 19] as const;

export function nodeVersion({ io: { node } }: Patient): Check {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const ok = major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
  return check("node_version", true, ok, `Node ${node}`, `install Node ${NODE_FLOOR.join(".")} or newer`);
}

export function commandOnPath({ io }: Patient): Check {
  const found = programOnPath("loopx", io);
  const fix = "npm install -g @loopx/cli, or add its folder to PATH";
  return check("command_on_path", false, found !== null, found ?? "loopx is not on PATH", fix);
}

export function commandResolves({ io }: Patient): Check {
  const path = programOnPath("loopx", io) ?? io.entry;
  const target = path === null ? null : realPath(path);
  const ok = target !== null && statOrNothing(target)?.isFile() === true;
  return check("command_resolves", true, ok, ok ? `${path} -> ${target}` : `${path ?? "loopx"} leads to no file`, "install LoopX again");
}

/**
 * The file that `loopx` starts: a package manager or a copy may have lost its right to run. And the one that the canary's
 * wrapper starts: a wrapper outlives its checkout.
 */
export function wrapperScriptExists({ io }: Patient): Check {
  const canary = programOnPath("loopx-canary", io);
  const wrapped = canary === null ? null : wrappedProgram(canary);
  if (wrapped !== null && statOrNothing(wrapped) === undefined)
    return check(
      "wrapper_script_exists",
      false,
      false,
      `${canary} leads to ${wrapped}, which is gone`,
      "scripts/install-local.sh in the checkout",
    );
  const path = programOnPath("loopx", io) ?? io.entry;
  const target = path === null ? null : realPath(path);
  const ok = target !== null && allows(target, CAN_RUN);
  return check("wrapper_script_exists", false, ok, target ?? "no program file is known", "install LoopX again");
}

/** Loads every command's module: a part that is missing from the installation shows here. */
export async function bundleLoads(): Promise<Check> {
  const loads = await Promise.allSettled(LOOPX.commands.map((row) => row.load()));
  const broken = LOOPX.commands.filter((_row, index) => loads[index]?.status === "rejected").map((row) => row.path.join(" "));
  const detail = broken.length === 0 ? "every command loads" : `cannot be loaded: ${broken.join(", ")}`;
  return check("bundle_loads", true, broken.length === 0, detail, "install LoopX again");
}

/** npm has a folder of its own for commands. */
export function localBinOnPath({ io }: Patient): Check {
  const bin = io.env["LOOPX_BIN_DIR"] || join(io.home, ".local", "bin");
  if (installationOf(io.entry).channel === "npm") return check("local_bin_on_path", false, true, "npm installs elsewhere", "");
  const ok = (io.env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && resolve(folder) === resolve(bin));
  return check("local_bin_on_path", false, ok, ok ? bin : `${bin} is not on PATH`, `export PATH="${bin}:$PATH"`);
}
