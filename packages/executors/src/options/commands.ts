/** The command table of `loopx-loop`, in the order help shows it: one row here and one file in `commands/` each. */
import { programOf } from "@loopx/cli/program";
import { DUAL_AGENT } from "./dual-agent.ts";
import { GITEA } from "./gitea.ts";
import { INSTALLATION } from "./installation.ts";
import { LARK } from "./lark.ts";
import { LOOPER } from "./looper.ts";
import { SCENARIOS } from "./scenario.ts";
import { MAIN, TEST, WORKTREE } from "./worktree.ts";

export const LOOP = programOf({
  name: "loopx-loop",
  about: "loops that drive coding agents: they ask LoopX before each run, test what an agent made, and promote only that",
  tour: [
    "loopx-loop worktree run                     test the main branch once, in a worktree of its own",
    "loopx-loop test start                       test each new commit of the main branch, in the background",
  ],
  sections: [
    { title: "The worktree loop", rows: WORKTREE },
    { title: "The main server", rows: MAIN },
    { title: "The watcher and the test server", rows: TEST },
    { title: "Two bots in Lark", rows: DUAL_AGENT },
    { title: "Looper", rows: LOOPER },
    { title: "The Gitea dispatcher", rows: GITEA },
    { title: "Scenarios", rows: SCENARIOS },
    { title: "Lark", rows: LARK },
    { title: "The program", rows: INSTALLATION },
  ],
  open: false,
});
