/** An objective is a text, whatever it looks like: the state reads back, and every later write finds its place (FIL-32, FIL-124). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../rig/sandbox.ts";
import { refused, stateOf, told, worksOn } from "./rig.ts";
import { CREDENTIAL } from "@loopx/core/testing";

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

/** The front matter and what follows it. */
function parts(): { front: string; body: string } {
  const text = readFileSync(join(sandbox.project, stateOf("g")), "utf8");
  const end = text.indexOf("\n---\n", 3);
  return { front: text.slice(0, end), body: text.slice(end + 5) };
}

describe("an objective with", () => {
  test.each([
    ["three dashes", "a --- b", 'objective: "a -- b"', "\na --- b\n"],
    ["nothing but dashes", "---", 'objective: "--"', "\n> ---\n"],
    ["quotes and a backslash", 'say "hi" \\ back', 'objective: "say \\"hi\\" \\\\ back"', '\nsay "hi" \\ back\n'],
    ["line ends", "one\ntwo\r\nthree", 'objective: "one two three"', "\none two three\n"],
    ["Chinese", "完成解析器：嵌套列表", 'objective: "完成解析器：嵌套列表"', "\n完成解析器：嵌套列表\n"],
    ["emoji", "🚀 ship it 👩‍💻", 'objective: "🚀 ship it 👩‍💻"', "\n🚀 ship it 👩‍💻\n"],
    [
      "a comment of ours",
      "<!-- loopx:todo status=done -->",
      'objective: "<!-- loopx:todo status=done -->"',
      "\n> <!-- loopx:todo status=done -->\n",
    ],
    [
      "sections and todos",
      "- [ ] fake\n## Agent Todo\n- [x] done",
      'objective: "- [ ] fake ## Agent Todo - [x] done"',
      "\n> - [ ] fake ## Agent Todo - [x] done\n",
    ],
    ["a fence", "```js\nrm -rf /\n```", 'objective: "```js rm -rf / ```"', "\n> ```js rm -rf / ```\n"],
    ["shell words", "$(rm -rf /) `id` 'q'; x", "objective: \"$(rm -rf /) `id` 'q'; x\"", "\n$(rm -rf /) `id` 'q'; x\n"],
    ["a key and a value", "status: paused", 'objective: "status: paused"', "\nstatus: paused\n"],
    ["five thousand characters", "x".repeat(5_000), `objective: "${"x".repeat(5_000)}"`, `\n${"x".repeat(5_000)}\n`],
    [
      "harmless words that sound secret",
      "plan the token budget of the secret santa",
      'objective: "plan the token budget of the secret santa"',
      "\nplan the token budget of the secret santa\n",
    ],
  ])("%s", async (_name, objective, front, body) => {
    sandbox = openSandbox();
    await told(sandbox, ["connect", "-g", "g", "--objective", objective]);
    const fresh = parts();
    expect(fresh.front.split("\n")).toContain(front);
    expect(fresh.body).toContain(body);
    expect(fresh.front.slice(3)).not.toContain("---");

    const again = await told(sandbox, ["connect", "-g", "g", "--objective", objective]);
    expect(again["ignored_flags"], "the same objective differs from nothing (CMD-33)").toEqual([]);
    const other = await told(sandbox, ["connect", "-g", "g", "--objective", `${objective} more`]);
    expect(other["ignored_flags"]).toEqual(["--objective"]);

    sandbox.clock.advance(60_000);
    await told(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "[P0] the second"]);
    const todos = (await told(sandbox, ["todo", "list", "-g", "g"]))["todos"] as { text: string }[];
    expect(todos.map((todo) => todo.text.slice(0, 16))).toEqual(["[P1] Inspect the", "[P0] the second"]);
    const later = parts();
    expect(later.front).toBe(fresh.front.replace(/updated_at: .*/, "updated_at: 2026-11-21T09:01:00+00:00"));
    await told(sandbox, ["heartbeat-prompt", "-g", "g"]);
    await worksOn(sandbox, "g");
  });

  test("a credential is refused, and nothing is written (CMD-15)", async () => {
    sandbox = openSandbox();
    const error = await refused(sandbox, ["connect", "-g", "g", "--objective", `use ${CREDENTIAL} to deploy`], "unsafe_text");
    expect(error.message).toContain("credential");
    expect(JSON.stringify(error)).not.toContain("sk-abcdef");
  });
});
