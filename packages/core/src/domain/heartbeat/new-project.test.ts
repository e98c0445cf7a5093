import { describe, expect, test } from "vitest";
import { LOCALES } from "../locale/locale.ts";
import { NEW_PROJECT_BUDGET, newProjectPrompt } from "./new-project.ts";
import type { NewProjectInputs } from "./new-project.ts";

function payloadOf(over: Partial<NewProjectInputs> = {}) {
  const answer = newProjectPrompt({
    project: "/srv/parser",
    goal_doc: "/srv/parser/GOAL.md",
    goal_doc_exists: true,
    goal_id: "parser-goal",
    objective: null,
    domain: null,
    adapter_kind: null,
    adapter_status: null,
    next_probe: null,
    spawn_allowed: false,
    allowed_domains: [],
    write_scopes: [],
    locale: "en",
    invocation: { cli_bin: "loopx", registry: null, runtime_root: null },
    ...over,
  });
  return answer.kind === "prompt" ? answer.payload : answer;
}

function promptOf(over: Partial<NewProjectInputs> = {}): string {
  const payload = payloadOf(over);
  if ("kind" in payload) throw new Error(payload.message);
  return payload.prompt;
}

describe("the hand-off prompt for a new project (HBT-50, CMD-38)", () => {
  test("answers with its keys in order, and the commands as they stand in the text", () => {
    const payload = payloadOf();
    expect(Object.keys(payload)).toEqual([
      "project",
      "goal_doc",
      "goal_doc_exists",
      "goal_id",
      "connect_command",
      "verification_commands",
      "prompt",
    ]);
    expect(payload).toMatchObject({
      connect_command: "loopx connect --project /srv/parser --goal-doc /srv/parser/GOAL.md --goal-id parser-goal",
      verification_commands: [
        "loopx --cwd /srv/parser registry",
        "loopx --cwd /srv/parser check --scan-root /srv/parser",
        "loopx --cwd /srv/parser status",
        "loopx --cwd /srv/parser quota should-run --goal-id parser-goal",
      ],
    });
    for (const command of payloadCommands()) expect(promptOf()).toContain(`\n${command}\n`);
  });

  function payloadCommands(): readonly string[] {
    const payload = payloadOf();
    return "kind" in payload ? [] : [payload.connect_command, ...payload.verification_commands];
  }

  test("every given flag is in the connect command, quoted", () => {
    const prompt = promptOf({
      project: "/srv/it's here",
      objective: "Make the parser whole",
      domain: "parsing",
      adapter_kind: "generic_project_goal_v0",
      adapter_status: "connected-delivery",
      next_probe: "npm test",
      spawn_allowed: true,
      allowed_domains: ["docs", "tests"],
      write_scopes: ["src/**", "docs/**"],
    });
    expect(prompt).toContain(
      `loopx connect --project '/srv/it'\\''s here' --goal-doc /srv/parser/GOAL.md --goal-id parser-goal --objective 'Make the parser whole' --domain parsing --adapter-kind generic_project_goal_v0 --adapter-status connected-delivery --next-probe 'npm test' --spawn-allowed --allowed-domain docs --allowed-domain tests --write-scope 'src/**' --write-scope 'docs/**'`,
    );
  });

  test("comes in its order, in both languages", () => {
    for (const locale of LOCALES) {
      const prompt = promptOf({ locale, adapter_kind: "read_only_project_map_v0" });
      const marks = [
        "command -v loopx",
        "GOAL.md",
        "loopx connect",
        ".codex/goals/",
        "registry\n",
        "check --scan-root",
        "status\n",
        "quota should-run",
        "read-only-map --goal-id parser-goal --dry-run",
        "read-only-map --goal-id parser-goal\n",
        "heartbeat-prompt --goal-id parser-goal --thin",
      ];
      let last = -1;
      for (const mark of marks) {
        const place = prompt.indexOf(mark, last + 1);
        expect(place, `${mark} ${locale}`).toBeGreaterThan(last);
        last = place;
      }
    }
  });

  test("the map is spoken of only for a kind that maps", () => {
    expect(promptOf()).not.toContain("read-only-map");
    expect(promptOf({ adapter_kind: "generic_project_goal_v0" })).not.toContain("read-only-map");
    expect(promptOf({ adapter_kind: "docs_read_only_map_v0" })).toContain("read-only-map");
  });

  test("a document that is not there is said not to be, and nobody is asked to write it (HBT-51)", () => {
    expect(promptOf({ goal_doc_exists: false })).toContain("There is no file `/srv/parser/GOAL.md`. Do not write it");
    expect(promptOf({ goal_doc_exists: false })).toContain("--goal-doc /srv/parser/GOAL.md");
    expect(promptOf({ goal_doc: null, goal_doc_exists: false })).not.toContain("--goal-doc");
    expect(promptOf()).toContain("Read `/srv/parser/GOAL.md` before anything else");
  });

  test("another registry and runtime root are named in every command (HBT-51)", () => {
    const prompt = promptOf({ invocation: { cli_bin: "loopx-canary", registry: "/srv/all.json", runtime_root: "/srv/root" } });
    const lines = prompt.split("\n").filter((line) => line.startsWith("loopx"));
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line).toMatch(/^loopx-canary --registry \/srv\/all\.json --runtime-root \/srv\/root /);
  });

  test("fits its budget, whatever the paths; a huge objective is refused, never cut", () => {
    for (const locale of LOCALES) {
      for (const adapter_kind of [null, "read_only_project_map_v0"]) {
        for (const goal_doc_exists of [true, false]) {
          expect([...promptOf({ locale, adapter_kind, goal_doc_exists, objective: "x".repeat(500) })].length).toBeLessThanOrEqual(
            NEW_PROJECT_BUDGET,
          );
        }
      }
    }
    expect(promptOf({ project: `/${"p".repeat(3000)}` })).toContain("connect");
    expect(payloadOf({ objective: "x".repeat(6000) })).toMatchObject({ kind: "refused", code: "too_large" });
  });

  test("the same inputs give the same bytes, in one language (HBT-52)", () => {
    expect(promptOf()).toBe(promptOf());
    expect(promptOf()).not.toMatch(/[\u3000-\u9fff]/);
    const chinese = promptOf({ locale: "zh" })
      .replace(/```[\s\S]*?```/g, "")
      .replace(/`[^`]*`/g, "");
    expect(chinese).not.toMatch(/[A-Za-z]+[ ,.]+[A-Za-z]+[ ,.]+[A-Za-z]+/);
  });
});
