import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { formFlags, heartbeatRequest, TWO_AGENTS } from "../../testing/heartbeat-request.ts";
import { LOCALES } from "../locale/locale.ts";
import { ANSWERS, RULE_NAMES } from "../quota/answers.ts";
import { VerdictSchema } from "../quota/verdict-schema.ts";
import { heartbeatCommands } from "./commands.ts";
import { FORMS } from "./inputs.ts";
import type { Form, HeartbeatRequest } from "./inputs.ts";
import { heartbeatPrompt } from "./prompt.ts";
import type { HeartbeatPrompt } from "./prompt.ts";

function promptOf(over: Partial<HeartbeatRequest> = {}): HeartbeatPrompt {
  const answer = heartbeatPrompt(heartbeatRequest(over));
  if (answer.kind === "refused") throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

const SIDE = { coordination: TWO_AGENTS, agent_id: "codex-side" };
const CALLERS: readonly Partial<HeartbeatRequest>[] = [{}, { coordination: TWO_AGENTS, agent_id: "codex-main" }, SIDE, { agent_id: "me" }];
const EVERY = FORMS.flatMap((form) => LOCALES.map((locale) => ({ form, locale })));

const ALL: readonly Form[] = FORMS;
const LONGER: readonly Form[] = ["full", "compact", "brief"];
const LONGEST: readonly Form[] = ["full", "compact"];

describe("the words each form must have (HBT-24)", () => {
  const words: readonly (readonly [readonly Form[], readonly string[]])[] = [
    [ALL, ["should_run", "execution_obligation", "must_attempt_work", "goal_boundary", "user_todos", "NOTIFY"]],
    [LONGER, ["DONT_NOTIFY", "delivery_allowed", "recommended_mode", "handoff_delivery_contract", "outcome_floor_recovery"]],
    [LONGEST, ["requires_user_action", "operator_question", "scoped_user_gate_fallback", "selected_todo"]],
    [LONGEST, ["run_first_read_only_map", "external_evidence_observe", "state_projection_gap_repair"]],
    [["thin"], ["next_commands", "loopx-project", "loopx-self-repair"]],
  ];

  test.each(EVERY)("$form in $locale", ({ form, locale }) => {
    for (const caller of CALLERS) {
      const { body, inputs } = promptOf({ ...caller, ...formFlags(form), locale });
      for (const [forms, tokens] of words) if (forms.includes(form)) for (const token of tokens) expect(body, token).toContain(token);
      const commands = heartbeatCommands(inputs);
      if (LONGER.includes(form)) expect(body).toContain(commands.spend);
      if (LONGEST.includes(form)) for (const command of [commands.progress, commands.poll, commands.todo]) expect(body).toContain(command);
      if (inputs.agent === null) continue;
      expect(body).toContain(`--agent-id ${inputs.agent.agent_id}`);
      if (LONGER.includes(form)) expect(body).toContain(commands.claim);
    }
  });

  test("compact names the full form's command, brief the compact one's, thin only the guard", () => {
    for (const locale of LOCALES) {
      expect(promptOf({ ...SIDE, compact: true, locale }).body).toContain("heartbeat-prompt --goal-id project-goal --agent-id codex-side`");
      expect(promptOf({ ...SIDE, brief: true, locale }).body).toContain(
        "heartbeat-prompt --goal-id project-goal --compact --agent-id codex-side`",
      );
      expect(promptOf({ ...SIDE, thin: true, locale }).body.match(/^loopx /gm)).toHaveLength(1);
    }
  });
});

describe("a prompt and the verdict speak of the same things (HBT-24, invariant 6)", () => {
  const schema = JSON.stringify(z.toJSONSchema(VerdictSchema));
  const known = new Set([...schema.matchAll(/"([A-Za-z_]+)"/g)].map((match) => match[1] ?? ""));
  /** Values of other commands' flags, and names of things that are no field. */
  const others = new Set([
    "test_only",
    "single_surface",
    "multi_surface",
    "implementation",
    "surface_only",
    "outcome_gap",
    "outcome_progress",
    "primary_goal_outcome",
    "user",
    "agent",
  ]);

  test.each(EVERY)("$form in $locale names no field that a verdict lacks", ({ form, locale }) => {
    const { body } = promptOf({ ...SIDE, ...formFlags(form), locale });
    const named = [...body.replace(/```[\s\S]*?```/g, "").matchAll(/`([A-Za-z_.]+)(?:=(?:true|false))?`/g)].flatMap((match) =>
      (match[1] ?? "").split("."),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.has(name) && !others.has(name))).toEqual([]);
  });

  test("for the verdict of each rule the full form has exactly one branch", () => {
    for (const locale of LOCALES) {
      const { body } = promptOf({ locale });
      const [stopped = "", run = ""] = body.split(/^## 3\./m).map((part) => part.split(/^## 2\./m).at(-1) ?? "");
      const branches = [...run.matchAll(/^ {3}- (.*?)(?:: |：)/gm)].map((match) => match[1] ?? "");
      for (const rule of RULE_NAMES) {
        const answer = ANSWERS[rule];
        if (answer.work === "none") continue;
        const given = ["attempt_due_monitor", "run_agent_command", "run_first_read_only_map"].find(
          (mode) => mode === answer.recommended_mode,
        );
        const kind = given ?? answer.effective_action;
        expect(
          branches.filter((branch) => branch.includes(`\`${kind}\``)),
          `${rule} ${locale}`,
        ).toHaveLength(1);
      }
      const skips = [...stopped.matchAll(/^- .*/gm)].map((match) => match[0]);
      expect(skips).toHaveLength(3);
      expect(skips[0]).toContain("`blocked_health`");
      expect(skips[1]).toContain("`requires_user_action`");
      expect(skips[2]).toContain("`DONT_NOTIFY`");
    }
  });
});

describe("order and accounting (HBT-66)", () => {
  test.each(EVERY)("$form in $locale asks before it works and records before it spends", ({ form, locale }) => {
    for (const caller of CALLERS) {
      const { body, inputs } = promptOf({ ...caller, ...formFlags(form), locale });
      const guard = body.indexOf("quota should-run");
      const record = Math.max(body.indexOf("--delivery-outcome"), body.indexOf("next_commands.refresh"));
      const spend = form === "thin" ? body.indexOf("next_commands.spend") : body.indexOf("quota spend-slot");
      expect(guard).toBeGreaterThan(0);
      expect(record).toBeGreaterThan(guard);
      expect(spend).toBeGreaterThan(record);
      if (inputs.agent !== null && form !== "thin")
        expect(body).toMatch(new RegExp(`quota spend-slot .*--agent-id ${inputs.agent.agent_id} --execute`));
    }
  });
});

describe("language (HBT-8, HBT-67)", () => {
  const prose = (body: string) => body.replace(/```[\s\S]*?```/g, "").replace(/`[^`]*`/g, "");

  test.each(FORMS)("the %s form is wholly in one language", (form) => {
    for (const caller of CALLERS) {
      expect(prose(promptOf({ ...caller, ...formFlags(form), locale: "en" }).body)).not.toMatch(/[\u3000-\u9fff\uff00-\uffef]/);
      expect(promptOf({ ...caller, ...formFlags(form), locale: "en" }).body).not.toMatch(/[\u3400-\u9fff]/);
      const chinese = prose(promptOf({ ...caller, ...formFlags(form), locale: "zh" }).body);
      expect(chinese).not.toMatch(/[A-Za-z]+[ ,.]+[A-Za-z]+[ ,.]+[A-Za-z]+/);
      expect(chinese).not.toMatch(/[,;:?!]\s|\.\s*$/m);
    }
  });

  test("both languages give the same fields, values and commands", () => {
    for (const form of FORMS) {
      const spans = (locale: "en" | "zh") =>
        new Set([...promptOf({ ...SIDE, ...formFlags(form), locale }).body.matchAll(/`([a-z_.]+)`/gi)].map((match) => match[1]));
      expect(spans("zh")).toEqual(spans("en"));
    }
  });

  test("the short label for people is in the language of the prompt (HBT-41)", () => {
    expect(promptOf({ locale: "zh" }).payload.visible_goal_text).toBe("按 ACTIVE_GOAL_STATE.md，基于 LoopX 体系，推进项目");
    expect(promptOf({ locale: "en" }).payload.visible_goal_text).toBe("Advance the project from ACTIVE_GOAL_STATE.md, based on LoopX");
  });
});

describe("the inputs in the text", () => {
  test.each(EVERY)("$form in $locale holds no left-over of a missing value (HBT-64)", ({ form, locale }) => {
    for (const caller of CALLERS)
      expect(promptOf({ ...caller, ...formFlags(form), locale }).body).not.toMatch(/undefined|\bNone\b|NaN|\[object|(?<!\/dev\/)\bnull\b/);
  });

  test("another binary replaces every bare one (HBT-6, HBT-63)", () => {
    for (const form of FORMS) {
      const { body } = promptOf({ ...formFlags(form), invocation: { cli_bin: "loopx-canary", registry: "/r.json", runtime_root: null } });
      expect(body).toContain("loopx-canary --registry /r.json quota should-run");
      expect(body).not.toMatch(/\bloopx /);
    }
  });

  test("an override of the active state is echoed and carried on; the registered path is not printed (HBT-3)", () => {
    for (const form of FORMS) {
      const { body, payload } = promptOf({ ...formFlags(form), active_state: "notes/state.md", active_state_source: "override" });
      expect(body).toContain("`notes/state.md`");
      for (const key of ["full", "compact", "brief", "thin"] as const)
        expect(payload[`${key}_prompt_command`]).toContain("--active-state notes/state.md");
      const registered = promptOf(formFlags(form));
      expect(registered.body).toContain("registry-declared active state");
      expect(registered.body).not.toContain("ACTIVE_GOAL_STATE.md");
    }
  });

  test("both rules stand in every form, as given", () => {
    for (const form of FORMS) {
      const { body } = promptOf({ ...formFlags(form), material_rule: "Only the spec.", permission_rule: "Never ask." });
      expect(body).toContain("Only the spec.");
      expect(body).toContain("Never ask.");
    }
  });

  test("the same request gives the same bytes (HBT-10)", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMS), fc.constantFrom(...LOCALES), fc.constantFrom(...CALLERS), (form, locale, caller) => {
        expect(promptOf({ ...caller, ...formFlags(form), locale })).toEqual(promptOf({ ...caller, ...formFlags(form), locale }));
      }),
    );
  });

  test("a refusal of the inputs is the answer, without a body", () => {
    expect(heartbeatPrompt(heartbeatRequest({ thin: true, brief: true }))).toMatchObject({ kind: "refused", code: "conflicting_flags" });
    expect(heartbeatPrompt(heartbeatRequest({ coordination: TWO_AGENTS }))).toMatchObject({ kind: "refused", code: "agent_id_required" });
  });
});

test("the JSON answer has its keys in this order (CMD-50, HBT-40)", () => {
  const { payload, body } = promptOf({ ...SIDE, thin: true, agent_scopes: ["docs"] });
  expect(Object.keys(payload).join(" ")).toBe(
    "goal_id active_state active_state_source thin brief compact cli_bin agent_id agent_role agent_scopes " +
      "full_prompt_command compact_prompt_command brief_prompt_command thin_prompt_command " +
      "quota_guard_command quota_spend_command refresh_state_command progress_refresh_state_command " +
      "cli_preflight material_rule permission_rule interface_budget task_body zero_token_command visible_goal_text",
  );
  expect(payload).toMatchObject({
    thin: true,
    brief: false,
    compact: false,
    agent_id: "codex-side",
    agent_role: "side-agent",
    agent_scopes: ["docs"],
    task_body: body,
  });
  expect(promptOf().payload).toMatchObject({ agent_id: null, agent_role: null, agent_scopes: [] });
});
