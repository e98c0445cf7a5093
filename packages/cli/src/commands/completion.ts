import { LoopxError } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import { idsOf } from "../completion/ids.ts";
import { SCRIPTS, type Shell } from "../completion/shells.ts";
import { startedLine, wantedAt, type Candidate, type Started } from "../completion/wanted.ts";
import type { Io } from "../io.ts";
import { LOOPX } from "../options/commands.ts";
import type { COMPLETION_FLAGS } from "../options/installation.ts";
import { outsideNames } from "../outside.ts";
import { readGlobals } from "../parse/line.ts";

/** The script of a shell, or with --current what may stand at the cursor (CMD-22). */
export async function run(call: Call<typeof COMPLETION_FLAGS>): Promise<Answer> {
  const shell = call.words[0] as Shell;
  const { current, before = [] } = call.input;
  if (current !== undefined) return candidatesAnswer(shell, await offer(before, current, call.io));
  if (before.length > 0)
    throw new LoopxError("usage", "--before tells what stands before --current, which is missing", {
      hint: `loopx completion ${shell} --help`,
    });
  const { script, hint } = SCRIPTS[shell];
  return { payload: { shell, script, hint }, lines: () => script.trimEnd().split("\n"), verbatim: true, hint };
}

interface Offer {
  readonly candidates: readonly Candidate[];
  /** The shell looks for these by itself. */
  readonly paths: "files" | "folders" | null;
}

function candidatesAnswer(shell: Shell, { candidates, paths }: Offer): Answer {
  const lines = [...candidates.map(({ value, describe }) => `${value}\t${describe}`), ...(paths === null ? [] : [`:${paths}`])];
  return { payload: { shell, candidates, paths }, lines: () => lines, verbatim: true };
}

/** What may stand at the cursor. A line that cannot be read, and a registry that cannot, offer nothing and say nothing. */
async function offer(before: readonly string[], current: string, io: Io): Promise<Offer> {
  const all = await looked(before, current, io).catch((): Offer => ({ candidates: [], paths: null }));
  return { ...all, candidates: all.candidates.filter(({ value }) => value.startsWith(current)) };
}

async function looked(before: readonly string[], current: string, io: Io): Promise<Offer> {
  const started = startedLine(LOOPX, before);
  const wanted = wantedAt(LOOPX, before, current);
  switch (wanted.kind) {
    case "words":
      return { candidates: wanted.candidates, paths: null };
    case "commands":
      return {
        candidates: [...wanted.candidates, ...outsideNames(io).map((value) => ({ value, describe: `runs loopx-${value}` }))],
        paths: null,
      };
    case "files":
    case "folders":
      return { candidates: [], paths: wanted.kind };
    case "goals":
    case "todos":
    case "agents": {
      const globals = readGlobals(started.raw.flags, io);
      const { hostFor } = await import("../host.ts");
      const host = hostFor("loopx completion", globals, io);
      const ids = await idsOf(wanted.kind, { host, cwd: globals.cwd, goal_id: goalOf(started, io) });
      return { candidates: ids.map(({ value, describe }) => ({ value: wanted.prefix + value, describe })), paths: null };
    }
  }
}

function goalOf({ raw }: Started, { env }: Io): string | undefined {
  const given = raw.flags["goal-id"];
  const only = typeof given === "object" ? given[0] : given;
  return typeof only === "string" ? only : env["LOOPX_GOAL_ID"] || undefined;
}
