/** What every command of a loop does first: open the site, and hand signals on as a wish to end. */
import type { AnyCall } from "@loopx/cli/program";
import { openSite } from "../worktree/open-site.ts";
import type { Site } from "../worktree/site.ts";

interface SiteInput {
  readonly config?: string;
  readonly root?: string;
}

/** The site that a line speaks of. People are told on standard error, unless they want it quiet. */
export function siteOf({ globals, io, input }: AnyCall & { readonly input: SiteInput }): Promise<Site> {
  const { registry, runtime_root, locale } = globals;
  return openSite({
    profile: "worktree",
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    config: input.config,
    root: input.root,
    registry,
    runtime_root,
    locale,
    version: io.version,
    notify: async (text) => (globals.quiet ? undefined : io.write("stderr", `${text}\n`)),
    clock: io.clock,
    ids: io.ids,
  });
}

/** Runs the work with a signal that SIGINT and SIGTERM abort; both are given back afterwards. */
export async function untilSignalled<Value>({ io }: Pick<AnyCall, "io">, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const ending = new AbortController();
  const giveBack = io.takeSignals((signal) => ending.abort(signal));
  try {
    return await work(ending.signal);
  } finally {
    giveBack();
  }
}
