/**
 * The tools that `loopx mcp` offers: each is one or a few commands of the table with the flags that an agent needs. A tool
 * is no second interface: its arguments become the line that a person would type, so every check, refusal and answer is
 * the command's own. Nothing here runs.
 */
import { LOOPX } from "../options/commands.ts";
import { inputKey, type CommandRow } from "../options/flag.ts";
import { commandName } from "../options/program.ts";

/** One tool as written down here; flags are named as on the command line. */
interface ToolPlan {
  readonly name: string;
  readonly says: string;
  /** Command per `action`; a tool with one command has no `action`. */
  readonly commands: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** Words that stand for flags of which one at most may be given. */
  readonly form?: readonly string[];
}

/** What a tool may be asked to run, in one mode. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly writes: boolean;
  /** Row per action; the key is "" where there is only one. */
  readonly rows: ReadonlyMap<string, CommandRow>;
  readonly flags: readonly string[];
  readonly form: readonly string[];
}

const WRITE_FLAGS = ["dry-run"];

const PLANS: readonly ToolPlan[] = [
  {
    name: "should_run",
    says: "May this goal work now, on what, within which bounds, and who must act if not? Ask first at every wake-up and obey execution_obligation.",
    commands: { "": "quota should-run" },
    flags: ["goal-id", "agent-id", "detail"],
  },
  {
    name: "status",
    says: "Every goal, and who has to act on it.",
    commands: { "": "status" },
    flags: ["goal-id", "agent-id", "limit"],
  },
  {
    name: "why",
    says: "Which rule made the verdict, and the one command that would change it.",
    commands: { "": "why" },
    flags: ["goal-id", "agent-id"],
  },
  {
    name: "heartbeat",
    says: "The instructions for one wake-up on this goal.",
    commands: { "": "heartbeat-prompt" },
    flags: ["goal-id", "agent-id"],
    form: ["thin", "brief", "compact"],
  },
  {
    name: "refresh_state",
    says: "Record a run: what was done, what checked it, what comes next. Only a run with artifact and validation can be paid for.",
    commands: { "": "refresh-state" },
    flags: [
      "goal-id",
      "classification",
      "recommended-action",
      "next-action",
      "delivery-batch-scale",
      "delivery-outcome",
      "artifact",
      "validation",
      "agent-id",
      ...WRITE_FLAGS,
    ],
  },
  {
    name: "todo",
    says: "The todos of a goal.",
    commands: {
      list: "todo list",
      add: "todo add",
      claim: "todo claim",
      update: "todo update",
      complete: "todo complete",
      supersede: "todo supersede",
    },
    flags: [
      "goal-id",
      "todo-id",
      "role",
      "status",
      "limit",
      "text",
      "task-class",
      "claimed-by",
      "take-over",
      "clear-claim",
      "reason",
      "evidence",
      "note",
      "next-agent-todo",
      "next-user-todo",
      "no-follow-up",
      ...WRITE_FLAGS,
    ],
  },
  {
    name: "reward",
    says: "Record a person's judgement of a run. It warns later and changes no verdict; never judge your own run.",
    commands: { "": "reward" },
    flags: [
      "goal-id",
      "decision",
      "reward",
      "reason-summary",
      "follow-up",
      "run-id",
      "lesson-kind",
      "lesson-summary",
      "lesson-avoid",
      "lesson-prefer",
      ...WRITE_FLAGS,
    ],
  },
  {
    name: "history",
    says: "The newest runs.",
    commands: { "": "history" },
    flags: ["goal-id", "limit"],
  },
];

/**
 * The tools of this mode; without writes a tool keeps only its queries, and one that has none is not offered. A plan that
 * names a command or flag which is not in the table is a bug, and throws.
 */
export function toolsFor(allowWrites: boolean, plans: readonly ToolPlan[] = PLANS): readonly Tool[] {
  return plans.flatMap((plan) => {
    const all = Object.entries(plan.commands).map(([action, name]) => [action, rowOf(name)] as const);
    requireFlags(plan, flagsOf(all.map(([, row]) => row)));
    const rows = new Map(all.filter(([, row]) => allowWrites || row.kind === "query"));
    if (rows.size === 0) return [];
    const known = flagsOf([...rows.values()]);
    return [
      {
        name: plan.name,
        description: plan.says,
        writes: [...rows.values()].some((row) => row.kind !== "query"),
        rows,
        flags: plan.flags.filter((flag) => known.has(flag)),
        form: plan.form ?? [],
      },
    ];
  });
}

function flagsOf(rows: readonly CommandRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => Object.keys(row.flags)));
}

function requireFlags({ name, flags, form = [] }: ToolPlan, known: ReadonlySet<string>): void {
  const unknown = [...flags, ...form].filter((flag) => !known.has(flag));
  if (unknown.length > 0) throw new Error(`no command of the tool ${name} has --${unknown.join(" or --")}`);
}

/** A tool's flags are named in the table, so that they cannot drift from it. */
function rowOf(name: string): CommandRow {
  const row = LOOPX.commands.find((each) => commandName(each) === name);
  if (row === undefined) throw new Error(`no command is called ${name}`);
  return row;
}

/** `goal-id` as an argument: `goal_id`. */
export const argumentOf = inputKey;
