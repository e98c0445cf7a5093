import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heartbeatRequest, TWO_AGENTS } from "../../testing/heartbeat-request.ts";
import { heartbeatCommands, shortSiblingCommand, siblingCommand, tellPersonCommand, zeroTokenCommand } from "./commands.ts";
import { FORMS, heartbeatInputs } from "./inputs.ts";
import type { HeartbeatInputs, HeartbeatRequest } from "./inputs.ts";

function inputsOf(over: Partial<HeartbeatRequest> = {}): HeartbeatInputs {
  const answer = heartbeatInputs(heartbeatRequest(over));
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.inputs;
}

/** The words `sh` makes of a line; a character that means something to the shell outside quotes is an error. */
function shellWords(line: string): string[] {
  const words = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "'") quoted = !quoted;
    else if (!quoted && char === " ") words.push("");
    else if (!quoted && char === "\\") words.push(`${words.pop() ?? ""}${line.charAt(++at)}`);
    else if (quoted || /[A-Za-z0-9_@%+=:,./-]/.test(char)) words.push(`${words.pop() ?? ""}${char}`);
    else throw new Error(`${char} stands bare in ${line}`);
  }
  if (quoted) throw new Error(`an open quote in ${line}`);
  return words;
}

const SIDE = { coordination: TWO_AGENTS, agent_id: "codex-side" };
const PREFIX = "loopx --registry /srv/project/.loopx/registry.json";

describe("the commands of a prompt (HBT-13)", () => {
  test("without an agent", () => {
    expect(heartbeatCommands(inputsOf())).toEqual({
      guard: `${PREFIX} quota should-run --goal-id project-goal --format json`,
      spend: `${PREFIX} quota spend-slot --goal-id project-goal --slots 1 --source heartbeat --execute`,
      refresh: `${PREFIX} refresh-state --goal-id project-goal`,
      progress: `${PREFIX} refresh-state --goal-id project-goal --classification "<PROGRESS>" --delivery-batch-scale "<SCALE>" --delivery-outcome "<OUTCOME>" --artifact "<PATH>" --validation "<CHECK AND RESULT>"`,
      poll: `${PREFIX} quota monitor-poll --goal-id project-goal --todo-id "<TODO>" --execute`,
      todo: `${PREFIX} todo add --goal-id project-goal --role "<USER_OR_AGENT>" --text "<TEXT>"`,
      claim: null,
      status: `${PREFIX} status --goal-id project-goal`,
    });
  });

  test("with an agent, each that acts for it names it", () => {
    const commands = heartbeatCommands(inputsOf(SIDE));
    for (const key of ["guard", "spend", "refresh", "progress", "poll"] as const) expect(commands[key]).toContain(" --agent-id codex-side");
    expect(commands.claim).toBe(`${PREFIX} todo claim --goal-id project-goal --todo-id "<TODO>" --claimed-by codex-side`);
  });

  test("siblings carry what the caller gave, and only that", () => {
    const inputs = inputsOf({
      ...SIDE,
      agent_scopes: ["docs", "it's tests"],
      material_rule: "none",
      active_state: "notes/state.md",
      active_state_source: "override",
      locale: "zh",
      locale_named: true,
    });
    expect(siblingCommand(inputs, "thin")).toBe(
      `${PREFIX} heartbeat-prompt --goal-id project-goal --thin --agent-id codex-side --active-state notes/state.md --locale zh --agent-scope docs --agent-scope 'it'\\''s tests' --material-rule none`,
    );
    expect(shortSiblingCommand(inputs, "full")).toBe(
      `${PREFIX} heartbeat-prompt --goal-id project-goal --agent-id codex-side --active-state notes/state.md --locale zh`,
    );
    expect(siblingCommand(inputsOf(), "full")).toBe(`${PREFIX} heartbeat-prompt --goal-id project-goal`);
  });

  test("a sibling prompt of another binary names that binary again (HBT-6)", () => {
    const inputs = inputsOf({ invocation: { cli_bin: "loopx-canary", registry: "/r.json", runtime_root: null } });
    for (const form of FORMS)
      expect(siblingCommand(inputs, form)).toMatch(/^loopx-canary --registry \/r\.json heartbeat-prompt .*--cli-bin loopx-canary$/);
  });
});

describe("the form without a model (HBT-42, HBT-43)", () => {
  test("asks first and hands the prompt over by stdin", () => {
    expect(zeroTokenCommand(inputsOf(SIDE))).toBe(
      `${PREFIX} should-run --goal-id project-goal --agent-id codex-side && ${PREFIX} heartbeat-prompt --goal-id project-goal --thin --agent-id codex-side --quiet | codex exec -`,
    );
  });

  test("shows the status when the exit code says that a person has to act", () => {
    expect(tellPersonCommand(inputsOf())).toBe(
      `${PREFIX} should-run --goal-id project-goal; case $? in 0) ${PREFIX} heartbeat-prompt --goal-id project-goal --thin --quiet | codex exec -;; 11|13) ${PREFIX} status --goal-id project-goal;; esac`,
    );
  });
});

describe("quoting (HBT-11, HBT-12, HBT-61, HBT-62)", () => {
  test("a root with blanks and quotes and a goal with dots and capitals come through whole", () => {
    const invocation = { cli_bin: "loopx", registry: "/srv/it's a b/registry.json", runtime_root: "/srv/run time" };
    const words = shellWords(heartbeatCommands(inputsOf({ goal_id: "My.Goal-1", invocation })).guard);
    expect(words.slice(0, 5)).toEqual(["loopx", "--registry", "/srv/it's a b/registry.json", "--runtime-root", "/srv/run time"]);
    expect(words.slice(5)).toEqual(["quota", "should-run", "--goal-id", "My.Goal-1", "--format", "json"]);
  });

  test("every command names the registry in use, and the runtime root when it is not the default", () => {
    const inputs = inputsOf({ ...SIDE, invocation: { cli_bin: "loopx", registry: "/other/registry.json", runtime_root: "/other/root" } });
    const lines = [...Object.values(heartbeatCommands(inputs)), ...FORMS.map((form) => siblingCommand(inputs, form))];
    for (const line of lines) {
      expect(line).toMatch(/^loopx --registry \/other\/registry\.json --runtime-root \/other\/root /);
      expect(line).not.toMatch(/[$~]/);
    }
  });

  test("whatever a path or a rule holds, the shell reads it back as one word", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((one) => !/[\p{Cc}\u2028\u2029\ud800-\udfff<>]/u.test(one) && one.trim() !== "");
    fc.assert(
      fc.property(text, text, (path, rule) => {
        const registry = `/${path}/registry.json`;
        const answer = heartbeatInputs(
          heartbeatRequest({ material_rule: rule, invocation: { cli_bin: "loopx", registry, runtime_root: null } }),
        );
        if (answer.kind === "refused") return;
        const words = shellWords(siblingCommand(answer.inputs, "thin"));
        expect(words).toContain(registry);
        expect(words).toContain(rule.trim());
      }),
    );
  });
});
