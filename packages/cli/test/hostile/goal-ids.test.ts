/** Goal ids that are no path segment are refused by every command before anything is looked at (FIL-4, design D11). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../rig/sandbox.ts";
import { connected, refused, told } from "./rig.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await connected(["g"]);
});
afterAll(() => sandbox.remove());

const COMMANDS: readonly (readonly string[])[] = [
  ["connect"],
  ["should-run"],
  ["quota", "should-run"],
  ["why"],
  ["status"],
  ["history"],
  ["heartbeat-prompt", "--thin"],
  ["todo", "list"],
  ["todo", "add", "--role", "agent", "--text", "more"],
  ["refresh-state"],
  ["quota", "spend-slot", "--execute"],
  ["archive-runtime", "--execute"],
];

describe.each([
  "../evil",
  "/abs",
  "a/b",
  ".",
  "..",
  "",
  " ",
  "a\nb",
  "g;rm",
  "CON",
  "con.txt",
  "a.",
  "-x",
  "é",
  "__proto__",
  "constructor",
  "x".repeat(81),
])("the goal id %j", (id) => {
  test.each(COMMANDS.map((command) => [command.join(" "), command] as const))("is no id for %s", async (_name, command) => {
    const error = await refused(sandbox, [...command, `--goal-id=${id}`], "goal_id_invalid");
    expect(error.message).toContain(JSON.stringify(id.length > 60 ? id.slice(0, 60) : id).slice(0, -1));
  });
});

test("an empty id at the end of the line is one that was given", async () => {
  for (const command of COMMANDS) {
    const { code, stderr } = await sandbox.run([...command, "-g", ""]);
    expect([code, stderr.split("\n")[0]]).toEqual([2, expect.stringContaining('--goal-id "" is no goal id')]);
  }
});

test("the longest legal id is one", async () => {
  await told(sandbox, ["connect", `--goal-id=${"x".repeat(80)}`]);
});

test("an id nobody has creates nothing, anywhere (FIL-69, FIL-128)", async () => {
  for (const command of [
    ["should-run"],
    ["quota", "should-run"],
    ["why"],
    ["heartbeat-prompt"],
    ["todo", "list"],
    ["refresh-state"],
    ["quota", "spend-slot", "--execute"],
    ["todo", "add", "--role", "agent", "--text", "more"],
  ])
    await refused(sandbox, [...command, "--goal-id=nobody"], "goal_not_found");
});
