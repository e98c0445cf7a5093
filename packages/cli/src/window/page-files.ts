/** The built page: a few static files beside this program, read once. Nothing of a request becomes part of a path. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { LoopxError } from "@loopx/core";
import type { WindowAnswer } from "./answer.ts";

/** Answers by path: `/`, `/assets/…`. */
export type PageFiles = ReadonlyMap<string, WindowAnswer>;

const PACKED = ".gz";
const TYPES: Readonly<Record<string, WindowAnswer["type"]>> = { ".html": "html", ".js": "js", ".css": "css", ".svg": "svg" };

/** The files of the page. The bundle carries them in `window/`; a checkout has them where they were built. */
export function pageFiles(from: string = import.meta.dirname): PageFiles {
  const folder = nearestPage(from);
  const files = new Map<string, WindowAnswer>();
  const add = (path: string, file: string): void => {
    const type = TYPES[extname(path)] ?? (path === "/" ? "html" : undefined);
    const bytes = readFileSync(file);
    // The package carries the page's code packed; a checkout has it as it was built.
    if (type !== undefined) files.set(path, { status: 200, type, body: new Uint8Array(file.endsWith(PACKED) ? gunzipSync(bytes) : bytes) });
  };
  add("/", join(folder, "index.html"));
  for (const name of readdirSync(join(folder, "assets"))) add(`/assets/${name.replace(/\.gz$/, "")}`, join(folder, "assets", name));
  return files;
}

function nearestPage(from: string): string {
  for (const folder of [join(from, "window"), join(from, "packages", "dashboard", "dist")])
    if (existsSync(join(folder, "index.html"))) return folder;
  if (from !== dirname(from)) return nearestPage(dirname(from));
  throw new LoopxError("doctor_failed", "this installation has no page", { hint: "npm run build in the checkout, or install LoopX again" });
}
