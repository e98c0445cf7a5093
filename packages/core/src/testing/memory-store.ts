/** The memory ports as the conformance suite wants them, over a ground that several of them may share. */
import type { GoalId } from "../domain/ids.ts";
import type { ConformanceStore, PlaceKey } from "./conformance.ts";
import { memoryDocuments } from "./memory-documents.ts";
import { memoryGround, placeOf, type MemoryGround } from "./memory-ground.ts";
import { memoryLeases } from "./memory-leases.ts";
import { memoryLogs } from "./memory-logs.ts";

/** The memory ports as the conformance suite wants them. */
export interface MemoryStore extends Required<ConformanceStore> {
  readonly ground: MemoryGround;
}

/** A store over that ground, with the suite's goals `alpha` and `beta` bound. */
export function memoryStore(ground: MemoryGround = memoryGround()): MemoryStore {
  for (const id of ["alpha", "beta"]) ground.bound.set(id as GoalId, `${ground.project}/goals/${id}/ACTIVE_GOAL_STATE.md`);
  const path = (place: PlaceKey) => placeOf(ground, place);
  return {
    ground,
    documents: memoryDocuments(ground),
    logs: memoryLogs(ground),
    leases: memoryLeases(ground),
    clock: ground.clock,
    bytesOf: (place) => ground.disk.bytesOf(path(place)),
    plant: (place, content) => {
      if (content === "absent") ground.disk.remove(path(place));
      else if (content === "directory") ground.disk.makeDirectory(path(place));
      else ground.disk.plant(path(place), content);
    },
  };
}
