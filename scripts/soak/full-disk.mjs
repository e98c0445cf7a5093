// REL-168: a file system of 256 KiB that fills up and gets space again. Needs a mount of its own, so it runs in a mount
// namespace that goes with its process; where none can be made it says so.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const FILLER = fileURLToPath(new URL("filler.mjs", import.meta.url));
const SIZE = "256k";

/**
 * @typedef {{ kind: "filled", acknowledged: number, refused: number, lost: number, torn: number, untyped: number } | { kind: "skipped", why: string }} Filled
 * @param {string} folder @returns {Promise<Filled>}
 */
export async function fullDisk(folder) {
  const root = process.getuid?.() === 0;
  const script = `mount -t tmpfs -o size=${SIZE} tmpfs "$1" && exec "$2" "$3" "$1"`;
  const argv = [
    ...(root ? ["--mount"] : ["--user", "--map-root-user", "--mount"]),
    "sh",
    "-c",
    script,
    "sh",
    folder,
    process.execPath,
    FILLER,
  ];
  const child = spawnSync("unshare", argv, { encoding: "utf8" });
  if (child.error !== undefined) return { kind: "skipped", why: `no mount namespace can be made here (${child.error.message})` };
  if (child.stdout === "")
    return { kind: "skipped", why: `no small file system can be mounted here (${child.stderr.trim().slice(0, 200)})` };
  return JSON.parse(child.stdout);
}
