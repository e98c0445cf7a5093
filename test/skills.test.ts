/** Each skill is what a host of skills accepts, and its commands run as they stand, in the order in which they stand. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanRoom, type CleanRoom } from "./clean-room.ts";
import { fencedBlocks } from "./markdown.ts";
import { ROOT } from "./sources.ts";

const DESCRIPTION_LIMIT = 1024;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const skills = readdirSync(join(ROOT, "skills")).map((folder) => ({
  folder,
  text: readFileSync(join(ROOT, "skills", folder, "SKILL.md"), "utf8"),
}));

describe.each(skills)("the skill $folder", ({ folder, text }) => {
  const head = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? "";
  const keys = Object.fromEntries(
    head.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );

  it("names itself as its folder and describes itself within the limit", () => {
    expect(Object.keys(keys)).toEqual(["name", "description"]);
    expect(keys["name"]).toBe(folder);
    expect(folder).toMatch(NAME);
    expect(keys["description"]?.length).toBeGreaterThan(80);
    expect(keys["description"]?.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT);
    expect(keys["description"]).not.toMatch(/[<>]|: /);
  });
});

describe("the commands of loopx-project", () => {
  const script = fencedBlocks(skills.find(({ folder }) => folder === "loopx-project")?.text ?? "", "sh").join("\n");
  let room: CleanRoom;
  let ended: ReturnType<CleanRoom["run"]>;

  beforeAll(() => {
    room = cleanRoom();
    ended = room.run("sh", ["-euc", script]);
  });

  afterAll(() => room.remove());

  const answer = (...words: string[]): unknown => JSON.parse(room.run("loopx", [...words, "--json"]).stdout);

  it("run as one script, from the connection to the question at the end", () => {
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
  });

  it("leave one record, one payment for it, and no void: that one is a preview", () => {
    const { runs } = answer("history", "-g", "project-goal") as { runs: Record<string, unknown>[] };
    expect(runs.map(({ classification }) => classification)).toEqual(["quota_slot_spent", "first_plan"]);
    expect(runs[0]).toMatchObject({ quota_event: { delivery_run_id: runs[1]?.["run_id"], slots: 1 } });
  });

  it("leave the finished todo with its successor, and a question that stops only that one", () => {
    const { todos } = answer("todo", "list", "-g", "project-goal") as {
      todos: { todo_id: string; role: string; status: string; task_class: string; unblocks_todo_id?: string }[];
    };
    const agent = todos.filter(({ role }) => role === "agent").map(({ status }) => status);
    expect(agent).toEqual(["done", "blocked", "open"]);
    const gate = todos.find(({ task_class }) => task_class === "user_gate");
    expect(gate?.unblocks_todo_id).toBe(todos.filter(({ role }) => role === "agent")[1]?.todo_id);
    expect(answer("should-run", "-g", "project-goal")).toMatchObject({ should_run: true });
  });
});

describe("the commands of loopx-self-repair", () => {
  it("run in a connected project, and end with a blocker and a verdict that waits for a person's look", () => {
    const script = fencedBlocks(skills.find(({ folder }) => folder === "loopx-self-repair")?.text ?? "", "sh").join("\n");
    const room = cleanRoom();
    try {
      expect(room.run("loopx", ["connect", "--goal-id", "project-goal"]).code).toBe(0);
      const ended = room.run("sh", ["-euc", script]);
      expect([ended.code, ended.stderr]).toEqual([0, ""]);
      const { todos } = JSON.parse(room.run("loopx", ["todo", "list", "-g", "project-goal", "--json"]).stdout) as {
        todos: { task_class: string }[];
      };
      expect(todos.map(({ task_class }) => task_class)).toEqual(["advancement_task", "advancement_task", "blocker"]);
    } finally {
      room.remove();
    }
  });
});
