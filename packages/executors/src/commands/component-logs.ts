import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { lastLines } from "../drivers/agents/run-files.ts";
import { follow } from "../drivers/follow.ts";
import type { LOG_FLAGS } from "../options/worktree.ts";
import { siteOf, working } from "./loop-site.ts";

/** A log, followed until a signal comes (WTL-90). `test logs` is the loop's own; its server writes into logs/test.log. */
export async function run(call: Call<typeof LOG_FLAGS>): Promise<Answer> {
  return followed(call, call.row.path[0] === "main" ? "main" : "lark-loop");
}

/** The same for a row that names the log otherwise. */
export async function followed(call: Call<typeof LOG_FLAGS>, name: "main" | "lark-loop"): Promise<Answer> {
  const site = await siteOf(call);
  const { lines, no_follow } = call.input;
  const path = `${site.root.dir}/logs/${name}.log`;
  const isText = call.globals.format !== "json";
  if (no_follow === true || !isText) {
    const text = lastLines(path, lines);
    return {
      payload: { path, text },
      lines: () => (text === "" ? [title("Log"), ...fields({ path }, ["path"])] : text.trimEnd().split("\n")),
      verbatim: true,
    };
  }
  await working(call, ({ signal }) => follow(path, lines, (text) => call.io.write("stdout", text), signal));
  return { payload: { path }, lines: () => [], verbatim: true };
}
