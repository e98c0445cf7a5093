/** What LoopX writes to: the runtime root, the global registry, and whether the older program writes here now (CMD-68, FIL-114). */
import { readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { shellLine, systemClock } from "@loopx/core";
import { readRegistry, shellQuote } from "@loopx/core/domain";
import { allows, CAN_READ, CAN_WRITE, check, type Check, type Patient, statOrNothing } from "./check.ts";

const REGISTRY_LIMIT = 16 * 1024 * 1024;

export function runtimeRootPrivate({ runtime_root: root }: Patient): Check {
  const above = nearestExisting(root);
  const found = statSync(above);
  if (!found.isDirectory()) {
    const fix = `${shellLine(["mv", above, `${above}.moved`])}, or name another runtime root with --runtime-root`;
    return check("runtime_root_private", true, false, `${above} is no folder, so ${root} cannot be used`, fix);
  }
  if (above !== root) return check("runtime_root_private", false, true, `${root} does not exist yet`, "");
  const mode = found.mode & 0o777;
  const detail = `${root} has mode ${mode.toString(8).padStart(4, "0")}`;
  return check("runtime_root_private", false, (mode & 0o077) === 0, detail, shellLine(["chmod", "700", root]));
}

/** File systems by the number that `statfs` gives them on Linux: on these neither locks nor syncs are promised (REL-85). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9P"],
  [0x65735546, "FUSE"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
]);

/** The runtime root and the project this call stands in. */
export function networkFileSystem({ runtime_root, cwd, io }: Patient): Check {
  const typeOf = io.fileSystemOf ?? fileSystemOf;
  const found = [runtime_root, projectOf(cwd, io.home)].flatMap((folder) => {
    const name = NETWORK.get(typeOf(nearestExisting(folder)) ?? 0);
    return name === undefined ? [] : [`${folder} lies on ${name}`];
  });
  const detail = found.length === 0 ? "runtime root and project lie on a local disk, as far as can be told" : found.join(", ");
  const fix = "move it to a local disk, or name another --runtime-root: locks and syncs are not promised there";
  return check("network_file_system", false, found.length === 0, detail, fix);
}

function fileSystemOf(folder: string): number | null {
  try {
    // Some systems sign the number.
    return statfsSync(folder).type >>> 0;
  } catch {
    return null;
  }
}

/** As a file and as a registry; its goals are not looked at. */
export function globalRegistryReadable({ global_registry: path }: Patient): Check {
  const found = statOrNothing(path);
  const told = (ok: boolean, detail: string, fix = "") => check("global_registry_readable", true, ok, detail, fix);
  if (found === undefined) return told(true, `${path} does not exist yet`);
  if (!found.isFile()) return told(false, `${path} is no file`, shellLine(["mv", path, `${path}.moved`]));
  if (!allows(path, CAN_READ)) return told(false, `${path} may not be read`, shellLine(["chmod", "600", path]));
  if (found.size > REGISTRY_LIMIT) return told(false, `${path} is over its limit of 16 MiB`, "loopx sync-global --prune");
  const fault = registryFault(path);
  return fault === null ? told(true, path) : told(false, fault, `"\${EDITOR:-vi}" ${shellQuote(path)}`);
}

function registryFault(path: string): string | null {
  try {
    const read = readRegistry(JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")), path);
    return read.kind === "registry" ? null : read.finding.message;
  } catch (error) {
    return `${path} is no JSON: ${error instanceof Error ? error.message : ""}`;
  }
}

/** Documents are replaced by rename, so the folder has to be writable too. */
export function globalRegistryWritable({ global_registry: path }: Patient): Check {
  const folder = nearestExisting(dirname(path));
  const exists = statOrNothing(path) !== undefined;
  const locked = !allows(folder, CAN_WRITE) ? folder : exists && !allows(path, CAN_WRITE) ? path : null;
  const fix = `look after the owner of ${locked ?? path}, then ${shellLine(["chmod", "u+w", locked ?? path])}`;
  return check("global_registry_writable", true, locked === null, locked === null ? path : `${locked} cannot be written`, fix);
}

/** A lock of the older program stays for ever; one this young was used a moment ago. */
const OLDER_LOCK_MS = 10 * 60_000;
const MAX_GOALS = 1_000;

/** Looks at the usual places of the project this call stands in. */
export function olderWriterActive({ io, cwd }: Patient): Check {
  const now = (io.clock ?? systemClock).now().getTime();
  const folder = join(projectOf(cwd, io.home), ".codex", "goals");
  const young = goalFolders(folder)
    .map((name) => join(folder, name, "ACTIVE_GOAL_STATE.md.lock"))
    .filter((lock) => Math.abs(now - (statOrNothing(lock)?.mtimeMs ?? Number.NEGATIVE_INFINITY)) < OLDER_LOCK_MS);
  const detail =
    young.length === 0 ? "no other program holds a goal state here" : `the older LoopX used ${young.join(", ")} less than 10 minutes ago`;
  return check("older_writer_active", false, young.length === 0, detail, "let only one of the two programs write that goal");
}

function goalFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort().slice(0, MAX_GOALS);
  } catch {
    return [];
  }
}

/** The nearest folder with a registry, as a search for one goes; else where the call stands. */
function projectOf(cwd: string, home: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (statOrNothing(join(folder, ".loopx", "registry.json")) !== undefined) return folder;
    if (folder === home || folder === dirname(folder) || statOrNothing(join(folder, ".git")) !== undefined) return cwd;
  }
}

function nearestExisting(folder: string): string {
  const parent = dirname(folder);
  return folder === parent || statOrNothing(folder) !== undefined ? folder : nearestExisting(parent);
}
