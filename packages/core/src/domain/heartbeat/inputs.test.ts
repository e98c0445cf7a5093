import { describe, expect, test } from "vitest";
import { heartbeatRequest, TWO_AGENTS } from "../../testing/heartbeat-request.ts";
import { codePoints, heartbeatInputs } from "./inputs.ts";
import type { HeartbeatRequest } from "./inputs.ts";

function refusal(over: Partial<HeartbeatRequest>) {
  const answer = heartbeatInputs(heartbeatRequest(over));
  return answer.kind === "refused" ? { code: answer.code, text: `${answer.message}\n${answer.hint}` } : { code: "accepted", text: "" };
}

function accepted(over: Partial<HeartbeatRequest>) {
  const answer = heartbeatInputs(heartbeatRequest(over));
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.inputs;
}

describe("the form (HBT-2)", () => {
  test("is full unless one flag says otherwise", () => {
    expect(accepted({}).form).toBe("full");
    expect(accepted({ thin: true }).form).toBe("thin");
    expect(accepted({ brief: true }).form).toBe("brief");
    expect(accepted({ compact: true }).form).toBe("compact");
  });

  test("two form flags exclude each other", () => {
    expect(refusal({ thin: true, brief: true }).code).toBe("conflicting_flags");
    expect(refusal({ compact: true, brief: true, thin: true }).code).toBe("conflicting_flags");
  });
});

describe("the binary (HBT-6)", () => {
  const bin = (cli_bin: string) => refusal({ invocation: { ...heartbeatRequest().invocation, cli_bin } }).code;

  test.each(["loopx", "loopx-canary", "./bin/loopx", "/opt/loopx/bin/loopx", "loopx@1.2"])("%s is taken", (name) => {
    expect(bin(name)).toBe("accepted");
  });

  test.each(["", "loopx; rm -rf x", "npx loopx", "$(loopx)", "a|b", "`x`", "~/loopx", "X=1", "-loopx", "loopx\n", "a'b", "a>b", "a*"])(
    "%j is refused",
    (name) => {
      expect(bin(name)).toBe("invalid_value");
    },
  );
});

describe("the agent (HBT-4)", () => {
  test("a goal with agents wants to know which one, and shows a command for each role", () => {
    const answer = refusal({ coordination: TWO_AGENTS, thin: true });
    expect(answer.code).toBe("agent_id_required");
    expect(answer.text).toContain("heartbeat-prompt --goal-id project-goal --thin --agent-id codex-main");
    expect(answer.text).toContain("heartbeat-prompt --goal-id project-goal --thin --agent-id codex-side");
  });

  test.each(["ghost", "No Good!", "constructor"])("%s is not registered", (agent_id) => {
    const answer = refusal({ coordination: TWO_AGENTS, agent_id });
    expect(answer.code).toBe("agent_not_registered");
    expect(answer.text).toContain("--agent-id codex-main");
    expect(answer.text).toContain("--agent-id codex-side");
  });

  test("a goal with one agent shows one example", () => {
    const coordination = { ...TWO_AGENTS, registered_agents: ["codex-main"] };
    expect(refusal({ coordination }).text.match(/--agent-id codex/g)).toHaveLength(1);
  });

  test("roles follow from the registry, also with blanks and capitals in the id", () => {
    expect(accepted({ coordination: TWO_AGENTS, agent_id: "Codex-Main" }).agent).toEqual({
      agent_id: "codex-main",
      agent_role: "primary-agent",
      handoff_agent: null,
    });
    expect(accepted({ coordination: TWO_AGENTS, agent_id: "codex side" }).agent).toEqual({
      agent_id: "codex-side",
      agent_role: "side-agent",
      handoff_agent: "codex-main",
    });
  });

  test("the handoff agent is the named one, but never the agent itself nor one that cannot claim the review", () => {
    const registered_agents = [...TWO_AGENTS.registered_agents, "reviewer"];
    const of = (side_agent_handoff_agent: string | null, primary_agent: string | null) =>
      accepted({ coordination: { ...TWO_AGENTS, registered_agents, side_agent_handoff_agent, primary_agent }, agent_id: "codex-side" })
        .agent?.handoff_agent;
    expect(of("reviewer", "codex-main")).toBe("reviewer");
    expect(of("ghost", "codex-main")).toBe("codex-main");
    expect(of("codex-side", "codex-main")).toBe("codex-main");
    expect(of(null, null)).toBeNull();
  });

  test("without registered agents the id is a label, and has to be a legal one", () => {
    expect(accepted({ agent_id: "me" }).agent).toEqual({ agent_id: "me", agent_role: "label", handoff_agent: null });
    expect(accepted({}).agent).toBeNull();
    expect(refusal({ agent_id: "1 & 2" }).code).toBe("invalid_value");
  });
});

describe("scopes and rules (HBT-5, HBT-7)", () => {
  const agent = { agent_id: "me" };

  test.each<readonly [string, Partial<HeartbeatRequest>, string]>([
    ["a scope without an agent", { agent_scopes: ["docs"] }, "usage"],
    ["angle brackets", { ...agent, agent_scopes: ["<x>"] }, "invalid_value"],
    ["181 characters", { ...agent, agent_scopes: ["x".repeat(181)] }, "invalid_value"],
    ["181 characters beyond the basic plane", { ...agent, agent_scopes: ["𠮷".repeat(181)] }, "invalid_value"],
    ["180 characters beyond the basic plane", { ...agent, agent_scopes: ["𠮷".repeat(180)] }, "accepted"],
    ["two lines", { ...agent, agent_scopes: ["a\nb"] }, "invalid_value"],
    ["an empty scope", { ...agent, agent_scopes: [" "] }, "invalid_value"],
    ["a credential in a scope", { ...agent, agent_scopes: [["token", "abcdefgh1"].join("=")] }, "unsafe_text"],
    ["a rule of 121 characters", { material_rule: "x".repeat(121) }, "invalid_value"],
    ["a rule of 120 characters", { permission_rule: "x".repeat(120) }, "accepted"],
    ["a rule of two lines", { permission_rule: "a\r\nb" }, "invalid_value"],
    ["an empty rule", { material_rule: "" }, "invalid_value"],
    ["a private path in a rule", { material_rule: ["", "home", "bob", "x"].join("/") }, "unsafe_text"],
    ["an active state of two lines", { active_state: "a\nb" }, "invalid_value"],
  ])("%s", (_, over, code) => {
    expect(refusal(over).code).toBe(code);
  });

  test("scopes come from the flags, else from the profile, else from the catalogue", () => {
    const coordination = { ...TWO_AGENTS, agent_profiles: [{ agent_id: "codex-side", scope: " docs\n  and <examples> " }] };
    expect(accepted({ coordination, agent_id: "codex-side", agent_scopes: [" tests "] }).agent_scopes).toEqual(["tests"]);
    expect(accepted({ coordination, agent_id: "codex-side" }).agent_scopes).toEqual(["docs and examples"]);
    expect(accepted({ coordination, agent_id: "codex-main" }).agent_scopes).toEqual(["only what is clearly in your scope"]);
    expect(accepted({ coordination, agent_id: "codex-main", locale: "zh" }).agent_scopes).toEqual(["只做明确属于你职责范围的事"]);
  });

  test("a profile's scope is cut to its limit and never carries a credential into the prompt", () => {
    const scoped = (scope: string) =>
      accepted({ coordination: { ...TWO_AGENTS, agent_profiles: [{ agent_id: "codex-side", scope }] }, agent_id: "codex-side" })
        .agent_scopes[0] ?? "";
    expect(codePoints(scoped("x".repeat(500)))).toBe(180);
    expect(scoped(`docs ${["secret", "abcdefgh1"].join("=")}`)).toBe("docs secret=<redacted:credential>");
  });

  test("rules default to the catalogue in the prompt's language", () => {
    expect(accepted({}).material_rule).toBe("Take no new material into the work unless the user asked for it.");
    expect(accepted({ locale: "zh", permission_rule: " 只读 " })).toMatchObject({
      material_rule: "除非用户要求，不引入新的材料。",
      permission_rule: "只读",
    });
  });
});
