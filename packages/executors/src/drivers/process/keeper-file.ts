/** Where the keeper lies: beside the program that was bundled, whichever of its chunks asks. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LoopxError } from "@loopx/core/domain";

/** The keeper's file. In a checkout that was not built there is none. */
export function keeperFile(): string {
  const found = ["./keeper.cjs", "../keeper.cjs", "../../../dist/keeper.cjs"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new LoopxError("internal", "the keeper of long-running programs is missing from this installation");
  return found;
}
