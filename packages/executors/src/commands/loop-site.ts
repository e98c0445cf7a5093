/** What every command of a loop does first: open the site, tell people where they are, and hand signals on as a wish to end. */
import type { AnyCall } from "@loopx/cli/program";
import type { ProfileName } from "../worktree/config.ts";
import { openNotices, type Notices } from "../worktree/notices.ts";
import { openSite } from "../worktree/open-site.ts";
import type { Site } from "../worktree/site.ts";

interface SiteInput {
  readonly config?: string;
  readonly root?: string;
}

/** A line that speaks of a site. */
export type SiteCall = AnyCall & { readonly input: SiteInput };

/** The site of a line that sends nothing: what there is to say stands on standard error. */
export function siteOf(call: SiteCall, profile?: ProfileName): Promise<Site> {
  const of = () => async (text: string) => (call.globals.quiet ? undefined : call.io.write("stderr", `${text}\n`));
  return openFor(call, { of, cardsOf: () => null }, profile);
}

/** What a line works with. */
export interface Working {
  /** The site, opened anew: its configuration may have changed. */
  readonly open: () => Promise<Site>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs a line's work on its site; signals are given back afterwards, and what people are to be told goes out (LRK-87). */
export async function working<Value>(call: SiteCall, work: (on: Working) => Promise<Value>): Promise<Value> {
  const notices = openNotices(call.io, call.globals.quiet);
  const ending = new AbortController();
  const giveBack = call.io.takeSignals((signal) => ending.abort(signal));
  try {
    return await work({ open: () => openFor(call, notices), signal: ending.signal });
  } finally {
    await notices.close();
    giveBack();
  }
}

function openFor({ globals, io, input, row }: SiteCall, notices: Pick<Notices, "of" | "cardsOf">, named?: ProfileName): Promise<Site> {
  const profile = named ?? (row.path[0] === "lark" ? "lark" : "worktree");
  const { registry, runtime_root, locale } = globals;
  return openSite({
    profile,
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    config: input.config,
    root: input.root,
    registry,
    runtime_root,
    locale,
    version: io.version,
    notify: notices.of,
    gate_cards: notices.cardsOf,
    clock: io.clock,
    ids: io.ids,
    observer: io.observer,
  });
}
