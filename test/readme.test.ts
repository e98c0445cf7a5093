/** The README's tour is run as it stands: every line it shows is printed, in that order, by the built command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanRoom, type CleanRoom } from "./clean-room.ts";
import { fencedBlocks } from "./markdown.ts";
import { ROOT } from "./sources.ts";

/** The home of the README's reader. */
const HOME = "/srv/you";
const ID = /todo_[0-9a-f]{12}|run_[0-9a-z]{26}/;

interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** Ids of the page to the ids that this run made. */
type Ids = Map<string, string>;

function stepsOf(block: string): readonly Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = "", ...shown] = text.trimEnd().split("\n");
      return { command, shown };
    });
}

/** The shown lines that were not printed behind the ones before them; a `…` alone stands for any number of lines. */
function missingLines({ shown }: Step, printed: readonly string[], ids: Ids): readonly string[] {
  let at = 0;
  let skips = false;
  return shown.flatMap((line) => {
    if (line === "…") {
      skips = true;
      return [];
    }
    const found = printed.findIndex((each, index) => index >= at && (skips || index === at) && says(each, line, ids));
    at = found === -1 ? at : found + 1;
    skips = false;
    return found === -1 ? [line] : [];
  });
}

/** True when the printed line is the shown one, up to a `…` at its end; its ids are remembered. */
function says(printed: string, shown: string, ids: Ids): boolean {
  const words = (text: string): string[] => text.split(new RegExp(`(${ID.source})`));
  const cut = shown.endsWith("…");
  const [want, have] = [words(cut ? shown.slice(0, -1) : shown), words(printed)];
  const fits = want.every((part, index) => sameWord(part, have[index] ?? "", ids, cut && index === want.length - 1));
  if (!fits || (!cut && want.length !== have.length)) return false;
  for (const [index, part] of want.entries()) if (ID.test(part)) ids.set(part, have[index] ?? "");
  return true;
}

function sameWord(want: string, have: string, ids: Ids, prefix: boolean): boolean {
  if (ID.test(want)) return ID.test(have) && (ids.get(want) ?? have) === have;
  return prefix ? have.startsWith(want) : have === want;
}

describe("the README's tour", () => {
  const blocks = fencedBlocks(readFileSync(join(ROOT, "README.md"), "utf8"), "console").flatMap(stepsOf);
  let room: CleanRoom;

  beforeAll(() => {
    room = cleanRoom();
  });

  afterAll(() => room.remove());

  it("prints what the page shows, step by step", () => {
    const ids: Ids = new Map();
    expect(blocks.length).toBeGreaterThan(12);
    for (const step of blocks) {
      const command = step.command.replace(new RegExp(ID.source, "g"), (id) => ids.get(id) ?? id);
      const { stdout } = room.run("sh", ["-c", `exec 2>&1; ${command}`]);
      const printed = stdout.replaceAll(room.home, HOME).trimEnd().split("\n");
      expect([command, missingLines(step, printed, ids), stdout]).toEqual([command, [], stdout]);
    }
  });
});
