import { describe, expect, test } from "vitest";
import { secretsOf } from "../process/secrets.ts";
import type { AgentRequest, ClientSettings, Plan, PlanContext, ProcessClient } from "./agent.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { command } from "./command.ts";
import { retryClass } from "./retry.ts";
import { checkedExtraArgs } from "./words.ts";

const PLANTED = ["planted-key-1", "planted-key-2"] as const;
const RUN_TOKEN = ["run", "token", "1"].join("-");
const KEYS = Object.fromEntries([
  ["OPENAI_API_KEY", PLANTED[0]],
  ["GITEA_TOKEN", PLANTED[1]],
]);
const PROMPT = "--version\nFix the parser, password hunter2-hunter2.";
const request: AgentRequest = {
  run_id: "run_0123456789abcdef",
  goal_id: "parser",
  workspace: "/work tree",
  prompt: PROMPT,
  model: "m-1",
  sandbox: "workspace-write",
  writable: ["/work tree/.codex/goals/parser"],
  network: false,
  limits: { max_seconds: 600, silence_seconds: 300, max_output_bytes: 1_000_000 },
  run_dir: "/runs/run_0123456789abcdef",
  result: "required",
};
const settings: ClientSettings = {
  program: "/opt/bin/client",
  extra_args: ["--extra"],
  allow_no_git: false,
  confinement: "client",
  relay: null,
  env_allow: [],
  argv: ["--workspace", "{workspace}", "--out={result_file}", "{prompt_file}", "{result_file}"],
  allowed_tools: null,
};
const context: PlanContext = {
  settings,
  env: {
    PATH: "/bin",
    HOME: "/h",
    CODEX_HOME: "/h/.codex",
    CLAUDE_CONFIG_DIR: "/h/.claude",
    ...KEYS,
  },
  secrets: secretsOf(["hunter2-hunter2", ...PLANTED]),
};

function planned(client: ProcessClient, more: Partial<ClientSettings> = {}, asked: Partial<AgentRequest> = {}): Plan {
  const answer = client.plan({ ...request, ...asked }, { ...context, settings: { ...settings, ...more } });
  if (answer.kind === "refused") throw new Error(answer.reason);
  return answer.plan;
}

describe("the plan of a client (AGT-3)", () => {
  test("codex: the global flag first, the prompt by stdin, everything writable named (AGT-40)", () => {
    const { argv, ...rest } = planned(codex);
    expect(argv).toEqual([
      "--ask-for-approval",
      "never",
      "exec",
      "--sandbox",
      "workspace-write",
      "-C",
      "/work tree",
      "--json",
      "--ephemeral",
      "-o",
      "/runs/run_0123456789abcdef/last.txt",
      "-c",
      "shell_environment_policy.inherit=core",
      "-c",
      'shell_environment_policy.set={LOOPX_RUN_ID="run_0123456789abcdef",LOOPX_RESULT_FILE="/runs/run_0123456789abcdef/result/result.json",LOOPX_GOAL_ID="parser"}',
      "-c",
      "sandbox_workspace_write.exclude_slash_tmp=true",
      "-c",
      "sandbox_workspace_write.exclude_tmpdir_env_var=true",
      "-c",
      "sandbox_workspace_write.network_access=false",
      "--add-dir",
      "/runs/run_0123456789abcdef/result",
      "--add-dir",
      "/work tree/.codex/goals/parser",
      "-m",
      "m-1",
      "--extra",
      "-",
    ]);
    expect(rest).toMatchObject({ program: "/opt/bin/client", cwd: "/work tree", stdin: "prompt" });
    expect(rest.env).toEqual({
      PATH: "/bin",
      HOME: "/h",
      CODEX_HOME: "/h/.codex",
      TERM: "dumb",
      NO_COLOR: "1",
      GIT_TERMINAL_PROMPT: "0",
      LOOPX_RUN_ID: "run_0123456789abcdef",
      LOOPX_RESULT_FILE: "/runs/run_0123456789abcdef/result/result.json",
      LOOPX_GOAL_ID: "parser",
    });
  });

  test("codex with a relay: a provider of its own, and its token instead of a key (AGT-82)", () => {
    const { argv, env, shown_command } = planned(codex, { relay: { port: 4321, token: RUN_TOKEN } });
    expect(argv).toContain("model_providers.loopx.base_url=http://127.0.0.1:4321/v1");
    expect(env["LOOPX_MODEL_TOKEN"]).toBe("run-token-1");
    expect([argv.join(" "), shown_command].join(" ")).not.toContain("run-token-1");
  });

  test("claude: the variadic flag last, its sandbox when this machine has it (AGT-50, AGT-52)", () => {
    expect(planned(claude).argv).toEqual([
      "-p",
      "--model",
      "m-1",
      "--output-format",
      "stream-json",
      "--verbose",
      "--no-session-persistence",
      "--setting-sources",
      "",
      "--strict-mcp-config",
      "--settings",
      '{"sandbox":{"enabled":true,"autoAllowBashIfSandboxed":true,"allowUnsandboxedCommands":false}}',
      "--add-dir",
      "/runs/run_0123456789abcdef/result",
      "--add-dir",
      "/work tree/.codex/goals/parser",
      "--extra",
      "--allowedTools",
      "Bash",
      "Edit",
      "Write",
      "Read",
      "Glob",
      "Grep",
    ]);
    expect(planned(claude, { confinement: "none" }).argv).not.toContain("--settings");
    expect(planned(claude, {}, { sandbox: "read-only" }).argv.slice(-5)).toEqual(["Bash", "Read", "Glob", "Grep", "Write"]);
    expect(planned(claude).env).not.toHaveProperty("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB");
    expect(planned(claude, { relay: { port: 1, token: RUN_TOKEN } }).env).toMatchObject({
      ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
      ANTHROPIC_API_KEY: RUN_TOKEN,
    });
  });

  test("claude that may only read is refused where nothing confines it (AGT-52)", () => {
    const none = { ...context, settings: { ...settings, confinement: "none" as const } };
    expect(claude.plan({ ...request, sandbox: "read-only" }, none)).toEqual({ kind: "refused", reason: "no_confinement" });
    expect(codex.plan(request, none)).toEqual({ kind: "refused", reason: "sandbox_unavailable" });
  });

  test("command: placeholders are whole words (AGT-70)", () => {
    expect(planned(command).argv).toEqual([
      "--workspace",
      "/work tree",
      "--out={result_file}",
      "/runs/run_0123456789abcdef/prompt.md",
      "/runs/run_0123456789abcdef/result/result.json",
      "--extra",
    ]);
  });

  test.each([codex, claude, command])(
    "$name: no word of the prompt and no secret in argv, environment or what is shown (AGT-97)",
    (client) => {
      const plan = planned(client);
      expect(plan.shown_command).toMatch(/ < <prompt sha256=[0-9a-f]{64} bytes=51>$/);
      const written = JSON.stringify([plan.env, plan.shown_command]);
      for (const planted of ["parser, password", "hunter2-hunter2", ...PLANTED]) expect(written).not.toContain(planted);
      expect(plan.argv.join(" ")).not.toContain("Fix the");
      const leaking = { ...context, settings: { ...settings, extra_args: ["--note=planted-key-1"] } };
      expect(client.plan(request, leaking)).toEqual({ kind: "refused", reason: "an argument holds a secret" });
    },
  );

  test("a key that is let through by name is refused by name (AGT-83)", () => {
    const allowing = { ...context, settings: { ...settings, env_allow: ["OPENAI_API_KEY"] } };
    expect(codex.plan(request, allowing)).toEqual({ kind: "refused", reason: "variable OPENAI_API_KEY is a secret" });
    expect(codex.plan(request, { ...allowing, settings: { ...settings, env_allow: ["GITEA_TOKEN"] } })).toEqual({
      kind: "refused",
      reason: "variable GITEA_TOKEN is reserved",
    });
  });
});

describe("a request", () => {
  test.each([codex, claude, command])(
    "$name: is plain data, and its plan too: made again from their JSON it is the same (AGT-1, AGT-2)",
    (client) => {
      const copy = JSON.parse(JSON.stringify(request)) as AgentRequest;
      expect(JSON.parse(JSON.stringify(planned(client, {}, copy)))).toEqual(planned(client));
      expect(planned(client).env["LOOPX_RUN_ID"]).toBe(request.run_id);
    },
  );

  test.each([codex, claude])("$name: names no model that could be read as a flag (AGT-8)", (client) => {
    expect(client.plan({ ...request, model: "--dangerously-skip-permissions" }, context)).toMatchObject({ kind: "refused" });
  });

  test("without a goal or a model names neither (AGT-6)", () => {
    for (const client of [codex, claude]) {
      const { argv, env } = planned(client, {}, { goal_id: null, model: null });
      expect([argv.filter((word) => word === "-m" || word === "--model"), Object.keys(env).includes("LOOPX_GOAL_ID")]).toEqual([[], false]);
    }
  });

  test.each([codex, claude])("$name: by its own login gets no key, no token and no other address (AGT-80)", (client) => {
    const { argv, env } = planned(client);
    const reached = [...argv, ...Object.keys(env)].filter((word) => /API_KEY|AUTH_TOKEN|BASE_URL|model_provider|LOOPX_MODEL/.test(word));
    expect(reached).toEqual([]);
  });
});

describe("extra arguments (AGT-9)", () => {
  test.each([
    [["--dangerously-bypass-approvals-and-sandbox"]],
    [["--dangerously-skip-permissions=true"]],
    [["--sandbox=danger-full-access"]],
    [["--sandbox", "danger-full-access"]],
    [["-s", "danger-full-access"]],
    [["-sdanger-full-access"]],
    [["--permission-mode", "bypassPermissions"]],
    [["--permission-mode=bypassPermissions"]],
    [["-C", "/"]],
    [["-C/"]],
    [["--cd=/"]],
    [["--yolo"]],
    [["--trust"]],
    [["-c", "sandbox_mode=danger-full-access"]],
    [["-csandbox_mode=x"]],
    [["-c=approval_policy=never"]],
    [["-c", " approval_policy = never"]],
    [["--config", "sandbox_mode=x"]],
    [["--config=sandbox_mode=x"]],
    [["-c", '"sandbox_mode"="danger-full-access"']],
    [["-c", "profiles.free.sandbox_mode=x"]],
    [["-c", 'sandbox_workspace_write.writable_roots=["/"]']],
    [["--settings", '{"sandbox":{"enabled":false}}']],
    [["--settings=free.json"]],
  ])("%j are refused, and the flag is named", (args) => {
    expect(() => checkedExtraArgs(args)).toThrow(
      expect.objectContaining({
        code: "config_invalid",
        details: { flag: /^-+\w[\w-]*/.exec(args[0] ?? "")?.[0].replace(/^(-[cCs])\w.*/, "$1") },
      }),
    );
  });

  test("others pass", () => {
    const args = ["--sandbox", "read-only", "-c", "model_reasoning_effort=high", "--permission-mode", "plan", "--profile=x"];
    expect(checkedExtraArgs(args)).toEqual(args);
  });
});

describe("what a client's own words amount to", () => {
  const exit = (exit_code: number | null, signal: string | null = null) => ({ exit_code, signal });

  test.each([
    [
      "a completed turn",
      0,
      [
        { type: "turn.completed", usage: { input_tokens: 2 } },
        { type: "turn.completed", usage: { input_tokens: 3 } },
      ],
      { kind: "success", usage: { input_tokens: 5 } },
    ],
    [
      "a warning item in a completed turn",
      0,
      [{ type: "item.completed", item: { type: "error", message: "Model metadata not found" } }, { type: "turn.completed" }],
      { kind: "success", usage: null },
    ],
    ["a stream that just ends", 0, [{ type: "turn.started" }], { kind: "failed", http_status: null }],
    [
      "a failed turn with exit 0",
      0,
      [{ type: "turn.failed", error: { message: "unexpected status 401 Unauthorized: no" } }],
      { kind: "failed", http_status: 401 },
    ],
    [
      "a server error",
      1,
      [{ type: "error", message: "unexpected status 500 Internal Server Error" }],
      { kind: "failed", http_status: 500 },
    ],
    ["no word at all", 1, [], { kind: "failed", reason: "codex ended with 1" }],
    ["a signal", null, [{ type: "turn.completed" }], { kind: "failed" }],
  ])("codex: %s (AGT-41, AGT-42)", (_what, code, events, judgement) => {
    expect(codex.judge(exit(code, code === null ? "SIGKILL" : null), events)).toMatchObject(judgement);
  });

  test.each([
    [
      "a result without error",
      0,
      { type: "result", is_error: false, permission_denials: [], usage: { output_tokens: 1 } },
      { kind: "success", usage: { output_tokens: 1 } },
    ],
    [
      "an API error that calls itself success",
      1,
      { type: "result", subtype: "success", is_error: true, api_error_status: 400, result: "API Error: 400" },
      { kind: "failed", http_status: 400, reason: "API Error: 400" },
    ],
    [
      "a denied tool",
      0,
      { type: "result", is_error: false, permission_denials: [{ tool_name: "Bash" }, { tool_name: "Bash" }] },
      { kind: "denied", reason: "denied: Bash" },
    ],
    ["no result line", 0, { type: "assistant" }, { kind: "failed" }],
    ["a killed client", 143, { type: "assistant" }, { kind: "failed", reason: "claude ended with 143" }],
  ])("claude: %s (AGT-51, AGT-53)", (_what, code, event, judgement) => {
    expect(claude.judge(exit(code), [{ type: "system" }, event])).toMatchObject(judgement);
  });

  test.each([
    ["ok", null, false, "done"],
    ["stopped", null, true, "done"],
    ["timeout", null, true, "retryable"],
    ["agent_failed", 429, true, "retryable"],
    ["agent_failed", 503, true, "retryable"],
    ["agent_failed", 401, false, "retryable"],
    ["agent_failed", 401, true, "needs_person"],
    ["no_result", null, true, "needs_person"],
    ["stop_failed", null, false, "needs_person"],
  ] as const)("%s with status %s, again %s, is %s (AGT-31)", (end, status, again, expected) => {
    expect(retryClass(end, status, again)).toBe(expected);
  });
});
