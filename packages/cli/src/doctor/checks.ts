/**
 * The checks of `doctor` (CMD-68): each looks at one thing of the installation and says how to repair it.
 * None of them reads a goal or writes anything.
 */
import { accessSync, constants, statSync, type Stats } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { LOOPX } from "../options/commands.ts";
import { findProgram } from "../outside.ts";
import { realPath } from "../installation.ts";
import type { Io } from "../io.ts";

export interface Check {
  readonly id: string;
  /** A required check that fails makes `doctor` fail. */
  readonly required: boolean;
  readonly ok: boolean;
  readonly detail: string;
  /** The command or step that repairs it; null when nothing is wrong. */
  readonly fix: string | null;
}

export interface Patient {
  readonly io: Io;
  readonly runtime_root: string;
  readonly global_registry: string;
}

/** Every check, in the order they are shown. */
export async function runChecks(patient: Patient): Promise<readonly Check[]> {
  return [
    nodeVersion(patient),
    commandOnPath(patient),
    commandResolves(patient),
    await bundleLoads(),
    localBinOnPath(patient),
    runtimeRootPrivate(patient),
    globalRegistryReadable(patient),
    globalRegistryWritable(patient),
  ];
}

function check(id: string, required: boolean, ok: boolean, detail: string, fix: string): Check {
  return { id, required, ok, detail, fix: ok ? null : fix };
}

/** The oldest Node that LoopX runs on. */
const NODE_FLOOR = [20, 19] as const;

function nodeVersion({ io: { node } }: Patient): Check {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const ok = major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
  return check("node_version", true, ok, `Node ${node}`, `install Node ${NODE_FLOOR.join(".")} or newer`);
}

function commandOnPath({ io }: Patient): Check {
  const found = programOnPath(io);
  return check(
    "command_on_path",
    false,
    found !== null,
    found ?? "loopx is not on PATH",
    "npm install -g @loopx/cli, or add its folder to PATH",
  );
}

function commandResolves({ io }: Patient): Check {
  const path = programOnPath(io) ?? io.entry;
  const target = path === null ? null : realPath(path);
  const ok = target !== null && statSync(target, { throwIfNoEntry: false })?.isFile() === true;
  return check("command_resolves", true, ok, ok ? `${path} -> ${target}` : `${path ?? "loopx"} leads to no file`, "install LoopX again");
}

/** Loads every command's module: a part that is missing from the installation shows here. */
async function bundleLoads(): Promise<Check> {
  const loads = await Promise.allSettled(LOOPX.commands.map((row) => row.load()));
  const broken = LOOPX.commands.filter((_row, index) => loads[index]?.status === "rejected").map((row) => row.path.join(" "));
  const detail = broken.length === 0 ? `${LOOPX.commands.length} commands load` : `cannot be loaded: ${broken.join(", ")}`;
  return check("bundle_loads", true, broken.length === 0, detail, "install LoopX again");
}

function localBinOnPath({ io }: Patient): Check {
  const bin = io.env["LOOPX_BIN_DIR"] || join(io.home, ".local", "bin");
  const ok = (io.env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && resolve(folder) === resolve(bin));
  return check("local_bin_on_path", false, ok, ok ? bin : `${bin} is not on PATH`, `export PATH="${bin}:$PATH"`);
}

function runtimeRootPrivate({ runtime_root: root }: Patient): Check {
  const above = nearestExisting(root);
  const found = statSync(above);
  if (!found.isDirectory()) {
    const fix = `move ${above} away, or name another runtime root with --runtime-root`;
    return check("runtime_root_private", true, false, `${above} is no folder, so ${root} cannot be used`, fix);
  }
  if (above !== root) return check("runtime_root_private", false, true, `${root} does not exist yet`, "");
  const mode = found.mode & 0o777;
  return check(
    "runtime_root_private",
    false,
    (mode & 0o077) === 0,
    `${root} has mode ${mode.toString(8).padStart(4, "0")}`,
    `chmod 700 ${root}`,
  );
}

function globalRegistryReadable({ global_registry: path }: Patient): Check {
  const found = statOrNothing(path);
  if (found === undefined) return check("global_registry_readable", true, true, `${path} does not exist yet`, "");
  const ok = found.isFile() && allows(path, constants.R_OK);
  return check("global_registry_readable", true, ok, ok ? path : `${path} cannot be read`, `check owner and permissions of ${path}`);
}

/** Documents are replaced by rename, so the folder has to be writable too. */
function globalRegistryWritable({ global_registry: path }: Patient): Check {
  const folder = nearestExisting(dirname(path));
  const exists = statOrNothing(path) !== undefined;
  const ok = allows(folder, constants.W_OK) && (!exists || allows(path, constants.W_OK));
  return check(
    "global_registry_writable",
    true,
    ok,
    ok ? path : `${exists ? path : folder} cannot be written`,
    `check owner and permissions of ${folder}`,
  );
}

function nearestExisting(folder: string): string {
  const parent = dirname(folder);
  return folder === parent || statOrNothing(folder) !== undefined ? folder : nearestExisting(parent);
}

/** Nothing also below a file; the check of the runtime root says that one stands there. */
function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function programOnPath(io: Io): string | null {
  return findProgram("loopx", { ...io, entry: null });
}
