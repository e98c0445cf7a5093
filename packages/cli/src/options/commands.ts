/**
 * The command table of `loopx`: every command, in the order help shows them. A new command is one row in its section and
 * one file in `commands/`. Nothing here reads a line or runs a command.
 */
import { CONNECTING } from "./connecting.ts";
import { INSTALLATION } from "./installation.ts";
import { LEASES } from "./leases.ts";
import { LOOKING } from "./looking.ts";
import { programOf } from "./program.ts";
import { QUOTA } from "./quota.ts";
import { STATE } from "./state.ts";
import { TODOS } from "./todos.ts";

export const LOOPX = programOf({
  name: "loopx",
  about: "may this goal work now, on what, within which bounds, and who has to act if not?",
  tour: [
    "loopx demo                                  see one goal's life in a few seconds",
    "loopx connect --goal-doc GOAL.md            connect this project",
    "loopx should-run -g <goal> && codex exec …  let an agent work only when there is work",
  ],
  sections: [
    { title: "Connecting", rows: CONNECTING },
    { title: "Looking", rows: LOOKING },
    { title: "The verdict and quota", rows: QUOTA },
    { title: "Todos", rows: TODOS },
    { title: "Writing state", rows: STATE },
    { title: "Leases", rows: LEASES },
    { title: "The program", rows: INSTALLATION },
  ],
  open: true,
});
