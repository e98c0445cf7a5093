import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, writeFile, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

interface DemoAnswer {
  readonly project: string | null;
  readonly steps: readonly { command: string | null; exit_code: number; answer: readonly string[] }[];
}

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = openSandbox();
});

afterEach(() => sandbox.remove());

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("loopx-demo-"));
}

describe("demo (CMD-69)", () => {
  test("shows a goal's life with real commands, touches nothing of the user's and cleans up", async () => {
    writeFile(join(sandbox.home, ".codex", "loopx", "registry.global.json"), '{"goals":[]}\n');
    const [before, folders] = [readTree(sandbox.root), leftovers()];
    const { code, stdout, stderr } = await sandbox.run(["demo", "--json"], {
      env: { LOOPX_REGISTRY: join(sandbox.project, "mine.json"), LOOPX_GOAL_ID: "mine" },
    });
    const { steps, project } = JSON.parse(stdout) as DemoAnswer;
    expect([code, stderr, project]).toEqual([0, "", null]);
    expect(steps.map((step) => [step.command?.split(" ").slice(1, 3).join(" ") ?? "", step.exit_code])).toEqual([
      ["connect --goal-id", 0],
      ["status", 0],
      ["should-run", 0],
      ["heartbeat-prompt --thin", 0],
      ["", 0],
      ["refresh-state --goal-id", 0],
      ["quota spend-slot", 0],
      ["quota spend-slot", 1],
      ["status", 0],
    ]);
    expect(steps.every((step) => step.answer.length > 0)).toBe(true);
    expect(readTree(sandbox.root)).toEqual(before);
    expect(leftovers()).toEqual(folders);
  });

  test("ends by telling the commands for one's own repository", async () => {
    const { stdout } = await sandbox.run(["demo"]);
    expect(stdout).toMatch(/\$ loopx connect .*\n.*\$ loopx should-run\n.*\$ loopx heartbeat-prompt --thin\n$/);
  });

  test("--keep leaves the folder, and plain commands work in it", async () => {
    const { stdout } = await sandbox.run(["demo", "--keep", "--json"]);
    const { project } = JSON.parse(stdout) as DemoAnswer;
    if (project === null) throw new Error("no folder was kept");
    try {
      expect((await sandbox.run(["history", "-g", "demo-parser"], { cwd: project })).stdout).toContain("first_plan");
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  test("an empty --project is used and stays, a filled one is refused untouched", async () => {
    const [empty, filled] = [join(sandbox.root, "empty"), join(sandbox.root, "filled")];
    mkdirSync(empty);
    writeFile(join(filled, "a.txt"), "mine");
    expect((await sandbox.run(["demo", "--project", empty])).code).toBe(0);
    expect(existsSync(join(empty, "PLAN.md"))).toBe(true);
    const refused = await sandbox.run(["demo", "--project", filled, "--json"]);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code: "invalid_value" } });
    expect(readdirSync(filled)).toEqual(["a.txt"]);
  });
});
