import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formFlags, heartbeatRequest, TWO_AGENTS } from "../../testing/heartbeat-request.ts";
import { LOCALES } from "../locale/locale.ts";
import { AGENT_BLOCK_CAPS, agentBlock, code, fitScopes } from "./agent-block.ts";
import { codePoints, FORMS, heartbeatInputs } from "./inputs.ts";
import type { HeartbeatRequest } from "./inputs.ts";

function blockOf(over: Partial<HeartbeatRequest>): string | null {
  const answer = heartbeatInputs(heartbeatRequest(over));
  if (answer.kind === "refused") throw new Error(answer.message);
  return agentBlock(answer.inputs);
}

const LONG = "a".repeat(80);
const OTHER = "b".repeat(80);
const LONG_AGENTS = { ...TWO_AGENTS, registered_agents: [LONG, OTHER], primary_agent: LONG };

describe("the agent block (HBT-15)", () => {
  test("is absent without an agent", () => {
    expect(blockOf({})).toBeNull();
  });

  test("tells the primary agent what it owns", () => {
    for (const form of FORMS) {
      const block = blockOf({ ...formFlags(form), coordination: TWO_AGENTS, agent_id: "codex-main" });
      expect(block).toContain("`codex-main`");
      for (const word of ["review", "veri", "merge", "reassign", "publi"]) expect(block, form).toContain(word);
      expect(block).not.toContain("worktree");
    }
  });

  test("sends a side agent to its own worktree and its own claims first", () => {
    for (const form of FORMS) {
      const block = blockOf({ ...formFlags(form), coordination: TWO_AGENTS, agent_id: "codex-side" });
      expect(block, form).toContain("own git worktree");
      expect(block, form).toContain("unclaimed");
      expect(block, form).toContain("review todo");
    }
    const full = blockOf({ coordination: TWO_AGENTS, agent_id: "codex-side" });
    for (const word of [
      "`codex-main`",
      "claim_required_before_work",
      "--side-agent-self-merged --evidence",
      "never another agent's live claim",
    ])
      expect(full).toContain(word);
  });

  test("a label is said to be one", () => {
    expect(blockOf({ agent_id: "me" })).toContain("only a label");
  });
});

describe("its cap (HBT-16)", () => {
  const scopes = (count: number) => Array.from({ length: count }, (_, index) => `${index}`.padEnd(180, "x"));

  test("holds for ids of 80 characters, in both roles and languages, whatever the scopes", () => {
    for (const form of FORMS) {
      for (const locale of LOCALES) {
        for (const agent_id of [LONG, OTHER]) {
          for (const count of [0, 1, 3, 20]) {
            const block = blockOf({ ...formFlags(form), locale, coordination: LONG_AGENTS, agent_id, agent_scopes: scopes(count) }) ?? "";
            expect(codePoints(block), `${form} ${locale} ${count}`).toBeLessThanOrEqual(AGENT_BLOCK_CAPS[form]);
            expect(block).toContain(`\`${agent_id}\``);
          }
        }
      }
    }
  });

  test("drops scopes from the end and says how many", () => {
    expect(fitScopes(["one", "two", "three"], 100, "en")).toBe("one; two; three");
    expect(fitScopes(["one", "two", "three"], 15, "en")).toBe("one; two; three");
    expect(fitScopes(["one", "two", "three"], 14, "en")).toBe("one (+2 more)");
    expect(fitScopes(["one", "two", "three"], 30, "zh")).toBe("one；two；three");
    expect(blockOf({ coordination: TWO_AGENTS, agent_id: "codex-side", agent_scopes: scopes(20) })).toMatch(/\(\+\d+ more\)$/);
  });

  test("cuts a single scope that is too long", () => {
    expect(fitScopes(["abcdefghij"], 6, "en")).toBe("abcde…");
    expect(fitScopes(["abcdefghij", "x".repeat(20)], 16, "en")).toBe("abcde… (+1 more)");
  });

  test("a fitted scope line is never longer than its room", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 20, max: 120 }),
        (some, room) => {
          expect(codePoints(fitScopes(some, room, "en"))).toBeLessThanOrEqual(room);
        },
      ),
    );
  });
});

test("a value with a backtick is still one code span", () => {
  expect(code("a`b")).toBe("`` a`b ``");
});
