/** Every file below a folder with its content, so that "nothing was written" can be said of all of them at once. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** Path to content; folders end with `/`. What `skip` answers true for is left out with everything below it. */
export function readTree(root: string, skip: (path: string) => boolean = () => false): Record<string, string> {
  const tree: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const shown = relative(root, path);
      if (skip(shown)) continue;
      const found = lstatSync(path);
      if (found.isDirectory()) {
        tree[`${shown}/`] = found.mode.toString(8);
        visit(path);
      } else if (found.isSymbolicLink()) tree[shown] = `-> ${readlinkSync(path)}`;
      // Opening a FIFO would wait for its writer.
      else tree[shown] = found.isFile() ? readFileSync(path, "base64") : `special ${found.mode.toString(8)}`;
    }
  };
  visit(root);
  return tree;
}
