// Where tests keep their files: in memory, where there is room for them and programs may run from there. On a disk every
// folder that is removed may cost milliseconds, and tests remove thousands.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const ROOM_BYTES = 2_000_000_000;

/** A fresh folder that goes when this process ends, or null where the ordinary one has to do. */
export function memoryFolder() {
  if (!existsSync(MEMORY) || !hasRoom()) return null;
  let folder;
  try {
    folder = realpathSync(mkdtempSync(join(MEMORY, "loopx-")));
  } catch {
    return null;
  }
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return runsPrograms(folder) ? folder : null;
}

function hasRoom() {
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ROOM_BYTES;
}

/** Containers often forbid it. @param {string} folder */
function runsPrograms(folder) {
  const program = join(folder, "runs");
  writeFileSync(program, "#!/bin/sh\nexit 0\n", { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}
