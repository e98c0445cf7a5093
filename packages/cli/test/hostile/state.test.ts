/** Goal states that cannot be read block their goal, are never written over, and name their repair (REL-8, REL-42, FIL-101). */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sandbox } from "../rig/sandbox.ts";
import { ask, connected, refused, stateOf, told, worksOn } from "./rig.ts";

let sandbox: Sandbox;
let file: string;
beforeEach(async () => {
  sandbox = await connected();
  file = join(sandbox.project, stateOf("g"));
});
afterEach(async () => {
  await worksOn(sandbox);
  sandbox.remove();
});

const WRITES: readonly (readonly string[])[] = [
  ["todo", "list", "-g", "g"],
  ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"],
  ["todo", "complete", "-g", "g", "--todo-id", "todo_000000000001", "--evidence", "done"],
  ["refresh-state", "-g", "g"],
  ["heartbeat-prompt", "-g", "g"],
];

describe("a state file that is there and cannot be read", () => {
  test.each<[name: string, make: () => void, code: "state_file_unreadable" | "not_a_regular_file" | "too_large", message: RegExp]>([
    ["no UTF-8", () => appendFileSync(file, Uint8Array.of(0xff, 0xfe)), "state_file_unreadable", /is no valid UTF-8/],
    ["a FIFO", () => (rmSync(file), execFileSync("mkfifo", [file])), "not_a_regular_file", /is no regular file/],
    [
      "a directory",
      () => (rmSync(file), mkdirSync(file), writeFileSync(join(file, "kept"), "x")),
      "not_a_regular_file",
      /is no regular file/,
    ],
    ["5 MB", () => appendFileSync(file, "x".repeat(5_000_000)), "too_large", /has \d+ bytes; the limit is 4194304/],
  ])("%s", async (_name, make, code, message) => {
    make();
    const error = await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
    expect(error.message).toMatch(message);
    expect(error.message).toContain(file);
    for (const command of WRITES)
      expect((await refused(sandbox, command, code)).hint, command.join(" ")).toBe("loopx why --goal-id g names the repair");
    await refused(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"], "spend_refused");
    for (const force of [[], ["--force"]])
      expect((await refused(sandbox, ["connect", "-g", "g", ...force], code)).hint).toBe(
        `mv -n ${file} ${file}.unreadable, then repeat the command`,
      );
    const why = await told(sandbox, ["why", "-g", "g"]);
    expect(JSON.stringify(why)).toContain(error.hint);

    // The named repair works, and what was there is kept.
    const was = statSync(file).ino;
    const [move = "", ...connect] = error.hint.split(" && loopx ");
    execFileSync("/bin/sh", ["-c", move]);
    await told(sandbox, (connect[0] ?? "").split(" "));
    expect(statSync(`${file}.unreadable`).ino).toBe(was);
    await worksOn(sandbox, "g");
  });
});

test("a missing state file blocks its goal; connecting again makes it", async () => {
  rmSync(file);
  const error = await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
  expect(error).toMatchObject({
    message: `the goal state ${file} does not exist`,
    hint: `loopx connect --project ${sandbox.project} --goal-id g`,
  });
  for (const command of WRITES) await refused(sandbox, command, "state_file_missing");
  expect(existsSync(file)).toBe(false);
  await told(sandbox, error.hint.split(" ").slice(1));
  await worksOn(sandbox, "g");
});

test("an empty state file is a state without todos; a todo finds its place in it", async () => {
  writeFileSync(file, "");
  expect((await told(sandbox, ["should-run", "-g", "g"]))["rule"]).toBe("steering_audit");
  await told(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "[P1] begin"]);
  expect(readFileSync(file, "utf8")).toMatch(/^## Agent Todo\n\n- \[ \] \[P1\] begin\n {2}<!-- loopx:todo /);
  await worksOn(sandbox, "g");
});

test("front matter with a language runs nothing and is a warning (REL-10)", async () => {
  const text = `---js\nmodule.exports = { objective: require("fs").writeFileSync(${JSON.stringify(join(sandbox.outside, "run"))}, "x") };\n---\n\n## Agent Todo\n\n- [ ] [P1] go on\n`;
  writeFileSync(file, text);
  const { code, answer } = await ask(sandbox, ["should-run", "-g", "g"]);
  expect(code).toBe(0);
  expect(JSON.stringify(answer["warnings"])).toContain("front_matter_engine_refused");
  await told(sandbox, ["refresh-state", "-g", "g"]);
  await told(sandbox, ["heartbeat-prompt", "-g", "g"]);
  expect(existsSync(join(sandbox.outside, "run"))).toBe(false);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("20,000 todos are read; one more is too many (FIL-105)", async () => {
  const todos = (count: number): string =>
    `## Agent Todo\n\n${Array.from({ length: count }, (_each, at) => `- [ ] todo ${at}\n`).join("")}`;
  writeFileSync(file, todos(20_000));
  expect((await ask(sandbox, ["should-run", "-g", "g"])).code).toBe(0);
  writeFileSync(file, todos(20_001));
  expect((await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy")).message).toMatch(/20,?000/);
});
