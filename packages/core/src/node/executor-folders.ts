/** Which loops have left something below the runtime root, by name. It reads no file. */
import { join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { FsCalls } from "./fs-calls.ts";

/** One loop's folder and the names of its JSON documents; those of `items/` with that part before them. */
export interface ExecutorFolder {
  readonly executor: string;
  readonly documents: readonly string[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const MAX_FOLDERS = 100;
const MAX_DOCUMENTS = 500;

/** By name. A folder that cannot be listed has none. */
export function executorFolders(calls: FsCalls, runtimeRoot: AbsolutePath): readonly ExecutorFolder[] {
  const root = join(runtimeRoot, "executors");
  const names = namesIn(calls, root).filter((name) => calls.lstat(join(root, name))?.isDirectory() === true);
  return names.slice(0, MAX_FOLDERS).map((executor) => {
    const own = namesIn(calls, join(root, executor)).filter(isJson);
    const items = namesIn(calls, join(root, executor, "items")).filter(isJson);
    return { executor, documents: [...own, ...items.map((name) => `items/${name}`)].slice(0, MAX_DOCUMENTS) };
  });
}

function isJson(name: string): boolean {
  return name.endsWith(".json");
}

function namesIn(calls: FsCalls, folder: string): string[] {
  try {
    return calls
      .readdir(folder)
      .filter((name) => NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}
