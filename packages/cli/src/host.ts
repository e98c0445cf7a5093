/** Opens the host of one line: what the flags say goes in, resolution and files are the core's (CMD-4 to CMD-6). */
import { basename } from "node:path";
import { openHost } from "@loopx/core";
import type { GlobalValues, LoopxHost } from "./call.ts";
import type { Io } from "./io.ts";

/** What a command may add to its line's own flags. */
export interface HostWishes {
  /** `connect`: this project's registry, no search and no fallback. */
  readonly project?: string;
  readonly cli_bin?: string;
  /** `disconnect --restore`: the registry that is named may be gone. */
  readonly missing_registry?: boolean;
}

/** The bundle's own file, whose name holds the hash of its text; the sources have no such name, and change while one works. */
const BUILD = typeof __filename === "undefined" ? undefined : basename(__filename);

/** `command` is what a lock's owner record says this process does. */
export function hostFor(command: string, globals: GlobalValues, io: Io, wishes: HostWishes = {}): LoopxHost {
  const { registry, runtime_root, locale } = globals;
  return openHost({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    command,
    ...(BUILD === undefined ? {} : { build: BUILD }),
    ...(registry === undefined ? {} : { registry }),
    ...(runtime_root === undefined ? {} : { runtime_root }),
    ...(locale === undefined ? {} : { locale }),
    ...(io.clock === undefined ? {} : { clock: io.clock }),
    ...(io.ids === undefined ? {} : { ids: io.ids }),
    observer: io.observer,
    ...wishes,
  });
}
