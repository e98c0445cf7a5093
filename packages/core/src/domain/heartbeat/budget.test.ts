import { describe, expect, test } from "vitest";
import { formFlags, heartbeatRequest, TWO_AGENTS } from "../../testing/heartbeat-request.ts";
import { LOCALES } from "../locale/locale.ts";
import { BODY_BUDGETS } from "./budget.ts";
import { codePoints, FORMS } from "./inputs.ts";
import type { HeartbeatRequest } from "./inputs.ts";
import { heartbeatPrompt } from "./prompt.ts";

function promptOf(over: Partial<HeartbeatRequest>) {
  const answer = heartbeatPrompt(heartbeatRequest(over));
  if (answer.kind === "refused") throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

const IDS = { short: ["p", "s"], long: ["p".repeat(80), "s".repeat(80)] } as const;
const RULE = "r".repeat(120);
const SCOPE = "s".repeat(180);

describe("every body is within its budget (HBT-31, HBT-60)", () => {
  const cases = FORMS.flatMap((form) => LOCALES.map((locale) => [form, locale] as const));

  test.each(cases)("%s in %s, with every agent, id, scope and rule", (form, locale) => {
    for (const agent of ["none", "primary", "side", "label"] as const) {
      for (const [primary, side] of Object.values(IDS)) {
        for (const scope_count of agent === "none" ? [0] : [0, 1, 3, 20]) {
          for (const rule of [null, RULE]) {
            const registered = agent === "primary" || agent === "side" ? [primary, side] : [];
            const { payload } = promptOf({
              ...formFlags(form),
              locale,
              locale_named: true,
              agent_id: agent === "none" ? null : agent === "side" ? side : primary,
              agent_scopes: Array.from({ length: scope_count }, () => SCOPE),
              material_rule: rule,
              permission_rule: rule,
              active_state: "notes/state.md",
              active_state_source: "override",
              invocation: { cli_bin: "loopx-canary", registry: "/srv/registry.json", runtime_root: "/srv/root" },
              coordination: { ...TWO_AGENTS, registered_agents: registered, primary_agent: registered[0] ?? null },
            });
            expect(payload.interface_budget.within_budget).toBe(true);
            expect(payload.interface_budget.budget_char_count, `${agent} ${primary.length} ${scope_count} ${rule}`).toBeLessThanOrEqual(
              BODY_BUDGETS[form],
            );
          }
        }
      }
    }
  });
});

describe("what counts (HBT-30, HBT-32)", () => {
  test("the goal id and the paths of a machine do not, an agent id does", () => {
    const counted = (over: Partial<HeartbeatRequest>) => promptOf(over).payload.interface_budget.budget_char_count;
    const long = `/${"p".repeat(4000)}`;
    const plain = heartbeatRequest().invocation;
    expect(counted({ goal_id: "g".repeat(80), invocation: { ...plain, registry: long } })).toBe(counted({ invocation: plain }));
    expect(counted({ agent_id: "me" })).toBeLessThan(counted({ agent_id: "m".repeat(80) }));
    expect(counted({ material_rule: "x" })).toBe(counted({ material_rule: "xy" }) - 1);
  });

  test("the answer says what was counted and what is printed", () => {
    const { body, payload } = promptOf({ thin: true, locale: "zh" });
    expect(payload.interface_budget).toEqual({
      mode: "thin",
      char_count: codePoints(body),
      line_count: body.split("\n").length,
      budget_char_count: payload.interface_budget.budget_char_count,
      max_chars: 1500,
      within_budget: true,
    });
    expect(codePoints("a𠮷\u{1F600}é")).toBe(4);
  });
});
