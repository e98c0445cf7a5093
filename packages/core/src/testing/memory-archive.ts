/** Runtime directories moved on the memory disk, by the rules of the file version. */
import { posix } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { ArchiveRequest, ArchiveSight, RuntimeArchive } from "../ports/archive.ts";
import type { MemoryGround } from "./memory-ground.ts";

export function memoryArchive({ disk, places }: MemoryGround): RuntimeArchive {
  return {
    look: async (request) => look(request),
    move: async (request, allowed) => {
      const seen = look(request);
      if (seen.kind !== "found") return seen;
      const obstacle = disk.obstacle(`${seen.source}/runs/index.jsonl`) ?? disk.obstacle(`${seen.source}/leases`);
      if (obstacle !== null) return obstacle;
      if (!(await allowed())) return { kind: "not_allowed" };
      disk.moveTree(seen.source, seen.destination);
      return { ...seen, kind: "moved" };
    },
  };

  function look({ goal_id, root, cwd, stamp }: ArchiveRequest): ArchiveSight {
    const source = `${places.runtime_root}/goals/${goal_id}`;
    if (disk.isLink(source)) return { kind: "linked", source };
    if (disk.isFile(source)) return { kind: "unreadable", reason: "not_a_regular_file", where: source };
    if (!disk.isDirectory(source)) return { kind: "absent", source };
    const to = disk.real(root === null ? `${places.runtime_root}/archived-goals` : posix.resolve(cwd, root));
    if (to === source || to.startsWith(`${source}/`)) return { kind: "inside_itself", source };
    return { kind: "found", source, destination: freeName(`${to}/${goal_id}-${stamp}`) };
  }

  function freeName(path: AbsolutePath): AbsolutePath {
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? path : `${path}-${number}`;
      if (!disk.stands(candidate)) return candidate;
    }
  }
}
